package providers

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openarena/internal/testkit/simulated"
)

// demand is work that is driven through a gate as a run does it.
type demand struct {
	calls int
	mean  time.Duration
	seed  uint64

	mu      sync.Mutex
	back    []unit // to be called again
	away    int    // waiting for their next try
	sent    int
	refused int
	took    time.Duration // of all calls together
}

// unit is one call, and how often it was refused.
type unit struct {
	work     time.Duration
	tokens   int64
	refusals int
}

// drive has all calls answered and returns how long that took.
func (d *demand) drive(t *testing.T, g *Gate, s simulated.Server) time.Duration {
	begin, work, changed := time.Now(), simulated.NewWork(d.seed, d.mean), make(chan struct{}, 1)
	var all sync.WaitGroup
	for fresh := 0; ; {
		if err := g.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.mu.Lock()
		var next unit
		switch n := len(d.back); {
		case n > 0:
			next, d.back = d.back[n-1], d.back[:n-1]
		case fresh < d.calls:
			fresh++
			next.work, next.tokens = work.Next()
		default:
			none := d.away == 0
			d.mu.Unlock()
			g.Release(Outcome{Kind: Canceled})
			if none {
				all.Wait()
				if d.idle() {
					return time.Since(begin)
				}
				continue
			}
			<-changed
			continue
		}
		d.sent++
		d.mu.Unlock()
		all.Go(func() { d.call(t.Context(), g, s, next, changed) })
	}
}

func (d *demand) idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.away == 0 && len(d.back) == 0
}

func (d *demand) call(ctx context.Context, g *Gate, s simulated.Server, u unit, changed chan struct{}) {
	ticket, err := g.Admit(ctx, u.tokens)
	if err != nil {
		return
	}
	begin := time.Now()
	ok := s.Serve(u.work)
	took := time.Since(begin)
	o := Outcome{Kind: Success, Ticket: ticket, Tokens: u.tokens, Output: u.tokens, Took: took, Model: "m"}
	d.mu.Lock()
	if d.took += took; !ok {
		o = Outcome{Kind: Shed, Ticket: ticket}
		d.refused++
		d.away++
		u.refusals++
		time.AfterFunc(Backoff(u.refusals, 0), func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.away--
			d.back = append(d.back, u)
			select {
			case changed <- struct{}{}:
			default:
			}
		})
	}
	d.mu.Unlock()
	if !ok {
		time.Sleep(time.Millisecond) // the way there and back
	}
	g.Release(o)
}

// whole reports whether figures are wanted: 20,000 calls each, with eleven seeds. Else a smaller size shows that nothing is wrong.
var whole = os.Getenv("OPENARENA_SIMULATE") != ""

const wholeCalls = 20_000

func simulatedCalls() int {
	if whole {
		return wholeCalls
	}
	return 8000
}

func simulatedSeeds() int {
	if whole {
		return 11
	}
	return 1
}

// figure prints one of the numbers that `make bench` puts into its table: the median of what seeds gave.
func figure(t *testing.T, name string, values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	v := sorted[len(sorted)/2]
	t.Logf("figure %q %.4f, %.4f to %.4f", name, v, sorted[0], sorted[len(sorted)-1])
	return v
}

// The steady ideal of each endpoint is its capacity, used all the time; what a run takes above it is the way up, the tail
// and what is lost between.
func TestSimulatedEndpoints(t *testing.T) {
	const mean = 8 * time.Second
	n := simulatedCalls()
	perSlot := func(calls, slots int) time.Duration { return time.Duration(calls) * mean / time.Duration(slots) }
	for _, c := range []struct {
		name   string
		server func() simulated.Server
		ideal  time.Duration
		most   float64 // time / ideal, of 20,000 calls
	}{
		{"200 slots, 429 above 256", func() simulated.Server { return simulated.NewSlots(200, 256) }, perSlot(n, 200), 1.15},
		{"20 calls a second", func() simulated.Server { return simulated.NewRate(20) }, time.Duration(n) * time.Second / 20, 1.15},
		{"200, 50, 200 slots, 429 above 1.25 times that", func() simulated.Server { return breathing(perSlot(n, 200) * 3 / 8) }, perSlot(n, 200) * 41 / 32, 1.35},
		{"shared by 200, no 429", func() simulated.Server { return simulated.NewShared(200) }, perSlot(n, 200), 1.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ratios, refused, calls []float64
			for seed := range simulatedSeeds() {
				synctest.Test(t, func(t *testing.T) {
					d := demand{calls: n, mean: mean, seed: uint64(seed)}
					took := d.drive(t, newGate(Limits{}, 0), c.server())
					ratios = append(ratios, took.Seconds()/c.ideal.Seconds())
					refused = append(refused, float64(d.refused)/float64(d.sent))
					calls = append(calls, d.took.Seconds()/float64(d.calls))
				})
			}
			most := 1 + (c.most-1)*wholeCalls/float64(n) // what is lost on the way up and in the tail does not grow with the calls
			if got := figure(t, c.name+": time / ideal", ratios); got > most {
				t.Errorf("it took %.3f times the ideal; want at most %.3f", got, most)
			}
			few := 0.07
			if !whole { // the way up, where most refusals come, is a larger part
				few = 0.12
			}
			if got := figure(t, c.name+": refused", refused); got >= few {
				t.Errorf("%.1f %% of the calls were refused; want less than %.0f %%", 100*got, 100*few)
			}
			// A limit that runs away would have calls take many times what they take alone, 8 s.
			if got := figure(t, c.name+": seconds a call", calls); got > 12 {
				t.Errorf("a call took %.1f s on average; want at most 12", got)
			}
		})
	}
}

// breathing is a server that loses three quarters of its slots for a while.
func breathing(after time.Duration) simulated.Server {
	s := simulated.NewSlots(200, 250)
	time.AfterFunc(after, func() {
		s.Resize(50, 62)
		time.AfterFunc(after, func() { s.Resize(200, 250) })
	})
	return s
}

// A server that has room and refuses one call in twenty for reasons of its own costs those calls only.
func TestScatteredRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit int
	}{{"auto", 0}, {"64 stated", 64}} {
		t.Run(c.name, func(t *testing.T) {
			var ratios []float64
			for seed := range simulatedSeeds() {
				var took [2]time.Duration
				for i, share := range []float64{0, 0.05} {
					synctest.Test(t, func(t *testing.T) {
						d := demand{calls: simulatedCalls() / 2, mean: 2 * time.Second, seed: uint64(seed)}
						g := newGate(Limits{Concurrency: c.limit}, 0)
						took[i] = d.drive(t, g, simulated.NewScattered(simulated.NewSlots(2000, 2000), share, uint64(seed)))
						if g.load.delays != nil {
							t.Errorf("seed %d: a burst was seen in %d refusals of %d", seed, d.refused, d.sent)
						}
					})
				}
				ratios = append(ratios, took[1].Seconds()/took[0].Seconds())
			}
			if got := figure(t, "5 % scattered 429s, "+c.name+": time / without", ratios); got > 1.2 {
				t.Errorf("it took %.3f times as long as without refusals; want at most 1.2", got)
			}
		})
	}
}
