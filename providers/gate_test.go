package providers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// take acquires n slots that must be free.
func take(t *testing.T, g *Gate, n int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range n {
		s := g.State()
		if s.InFlight >= s.Limit || !s.PausedUntil.IsZero() {
			t.Fatalf("no free slot: %+v", s)
		}
		if err := g.Acquire(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

func give(g *Gate, n int, o Outcome) {
	for range n {
		g.Release(o)
	}
}

// rounds runs n rounds in which every slot is used and ends with o.
func rounds(t *testing.T, g *Gate, n int, o Outcome) {
	t.Helper()
	for range n {
		used := g.State().Limit
		take(t, g, used)
		give(g, used, o)
	}
}

func shed(after time.Duration) Outcome { return Outcome{Kind: Shed, After: after} }

func TestLimit(t *testing.T) {
	ok := Outcome{Kind: Success}
	for _, c := range []struct {
		name         string
		limit, files int
		run          func(*testing.T, *Gate)
		want         int
	}{
		{"auto starts at 16", 0, 0, func(*testing.T, *Gate) {}, 16},
		{"auto doubles in a round of successes", 0, 0, func(t *testing.T, g *Gate) { rounds(t, g, 1, ok) }, 32},
		{"auto ends at 1,024", 0, 0, func(t *testing.T, g *Gate) { rounds(t, g, 20, ok) }, 1024},
		{"auto ends where the process runs out of files", 0, 300, func(t *testing.T, g *Gate) { rounds(t, g, 20, ok) }, 100},
		{"auto stays at one or more", 0, 10, func(t *testing.T, g *Gate) { rounds(t, g, 3, ok) }, 1},
		{"failures neither raise nor lower it", 0, 0, func(t *testing.T, g *Gate) { rounds(t, g, 3, Outcome{Kind: Failure}) }, 16},
		{"called-off calls teach nothing", 0, 0, func(t *testing.T, g *Gate) { rounds(t, g, 3, Outcome{Kind: Canceled}) }, 16},
		{"a limit that is not used does not grow", 0, 0, func(t *testing.T, g *Gate) {
			for range 100 {
				take(t, g, 2)
				give(g, 2, ok)
			}
		}, 16},
		{"a stated limit does not grow", 40, 0, func(t *testing.T, g *Gate) { rounds(t, g, 3, ok) }, 40},
		{"a stated limit above the files is lowered", 5000, 1024, func(*testing.T, *Gate) {}, 824},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGate(Limits{Concurrency: c.limit}, c.files)
			c.run(t, g)
			if got := g.State(); got.Limit != c.want || got.InFlight != 0 || got.Auto != (c.limit == 0) {
				t.Errorf("state = %+v; want limit %d, nothing in flight", got, c.want)
			}
			if note := g.State().Reason; (c.files != 0) != strings.Contains(note, "files may be open") {
				t.Errorf("reason = %q with %d files", note, c.files)
			}
		})
	}
}

// A full round, kept full, doubles the limit; after the first burst it adds one.
func TestGrowthPerRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{Concurrency: 0}, 0)
		take(t, g, 16)
		for range 16 {
			g.Release(Outcome{Kind: Success})
			take(t, g, 2) // the slot that came back and the one that was added
		}
		if got := g.State().Limit; got != 32 {
			t.Errorf("after one full round the limit is %d; want 32", got)
		}
		give(g, 32, shed(time.Second))
		time.Sleep(time.Second)
		if got := g.State().Limit; got != 16 {
			t.Errorf("after a burst the limit is %d; want 16", got)
		}
		rounds(t, g, 2, Outcome{Kind: Success})
		if got := g.State().Limit; got != 17 && got != 18 {
			t.Errorf("two rounds after a burst the limit is %d; want one more each", got)
		}
	})
}

func TestBursts(t *testing.T) {
	ok := Outcome{Kind: Success}
	for _, c := range []struct {
		name   string
		limit  int
		run    func(*testing.T, *Gate)
		want   int           // the limit after it
		paused time.Duration // from the start; 0: not at all
	}{
		{"one of sixteen is sent away: nobody waits", 0, func(t *testing.T, g *Gate) {
			take(t, g, 16)
			give(g, 1, shed(time.Minute))
		}, 16, 0},
		{"half of sixteen are", 0, func(t *testing.T, g *Gate) {
			take(t, g, 16)
			give(g, 8, shed(time.Minute))
		}, 8, time.Minute},
		{"all are: one cut", 0, func(t *testing.T, g *Gate) {
			take(t, g, 16)
			give(g, 16, shed(time.Minute))
		}, 8, time.Minute},
		{"the longest wait of the burst holds, said before it was one", 0, func(t *testing.T, g *Gate) {
			take(t, g, 16)
			give(g, 1, shed(time.Hour))
			give(g, 15, shed(time.Second))
		}, 8, time.Hour},
		{"the longest wait of the burst holds, said after it was one", 0, func(t *testing.T, g *Gate) {
			take(t, g, 16)
			give(g, 15, shed(time.Second))
			give(g, 1, shed(time.Hour))
		}, 8, time.Hour},
		{"a shorter wait later changes nothing", 0, func(t *testing.T, g *Gate) {
			take(t, g, 16)
			give(g, 15, shed(time.Hour))
			give(g, 1, shed(time.Second))
		}, 8, time.Hour},
		{"the only call there is", 1, func(t *testing.T, g *Gate) {
			take(t, g, 1)
			give(g, 1, shed(3*time.Second))
		}, 1, 3 * time.Second},
		{"a stated limit is cut like any other", 16, func(t *testing.T, g *Gate) {
			take(t, g, 16)
			give(g, 16, shed(time.Minute))
		}, 8, time.Minute},
		{"seven of the last sixteen", 16, func(t *testing.T, g *Gate) {
			rounds(t, g, 2, ok)
			take(t, g, 16)
			give(g, 7, shed(time.Minute))
		}, 16, 0},
		{"a burst of successes after it forgets the sheds", 16, func(t *testing.T, g *Gate) {
			rounds(t, g, 1, ok)
			for range 10 { // seven of thirty again and again
				take(t, g, 7)
				give(g, 7, shed(time.Minute))
				take(t, g, 16)
				give(g, 16, ok)
			}
		}, 16, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				g := newGate(Limits{Concurrency: c.limit}, 0)
				c.run(t, g)
				s := g.State()
				if s.Limit != c.want {
					t.Errorf("limit = %d; want %d", s.Limit, c.want)
				}
				if c.paused == 0 && !s.PausedUntil.IsZero() || c.paused != 0 && !s.PausedUntil.Equal(begin.Add(c.paused)) {
					t.Errorf("paused until %v after the start; want %v", s.PausedUntil.Sub(begin), c.paused)
				}
				if (s.Reason != "") != (c.paused != 0) {
					t.Errorf("reason = %q", s.Reason)
				}
			})
		})
	}
}

// One call in twenty is sent away, at once, while the others take their time. Neither pause nor cut may follow.
func TestScatteredShedsAreNoOverload(t *testing.T) {
	for _, limit := range []int{0, 64, 4} {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(Limits{Concurrency: limit}, 0)
			var callers sync.WaitGroup
			for caller := range 200 {
				callers.Go(func() {
					for n := range 50 {
						if err := g.Acquire(t.Context()); err != nil {
							t.Error(err)
							return
						}
						if (caller*7+n*13)%20 == 0 {
							time.Sleep(time.Millisecond)
							g.Release(shed(time.Second))
							time.Sleep(Backoff(1, time.Second))
							continue
						}
						time.Sleep(200 * time.Millisecond)
						g.Release(Outcome{Kind: Success})
					}
				})
			}
			callers.Wait()
			s := g.State()
			if g.load.delays != nil || s.Auto && s.Limit < 200 || !s.Auto && s.Limit != limit {
				t.Errorf("state = %+v, last burst until %v; want no burst, and a limit that is as stated or has grown to what was used", s, g.load.until)
			}
		})
	}
}

// Bursts with nothing but refusals between them make the pauses grow; an answer makes them short again, also one that
// comes while everybody waits.
func TestPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{Concurrency: 4}, 0)
		burst := func() time.Duration {
			n := g.State().Limit
			take(t, g, n)
			give(g, n, shed(0))
			wait := time.Until(g.State().PausedUntil)
			time.Sleep(wait)
			return wait
		}
		about := func(what string, got, want time.Duration) {
			t.Helper()
			if got < want*8/10 || got > want*12/10 {
				t.Errorf("%s lasts %v; want %v, a fifth more or less", what, got, want)
			}
		}
		const first = 500 * time.Millisecond
		for n, want := range []time.Duration{first, 2 * first, 4 * first, 8 * first, 16 * first, 32 * first, 64 * first, 120 * first, 120 * first} {
			about(fmt.Sprintf("pause %d", n+1), burst(), want)
		}
		take(t, g, 1)
		give(g, 1, Outcome{Kind: Success})
		about("the pause after an answer", burst(), first)
		about("the one after that", burst(), 2*first)

		g = newGate(Limits{Concurrency: 8}, 0)
		take(t, g, 8)
		give(g, 7, shed(0))
		give(g, 1, Outcome{Kind: Success})
		time.Sleep(time.Until(g.State().PausedUntil))
		about("the pause after an answer in the pause", burst(), first)
	})
}

// Calls that had started before a cut may fail after it without another cut, even if the server asked for a short wait.
func TestOneCutPerBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{Concurrency: 0}, 0)
		rounds(t, g, 3, Outcome{Kind: Success})
		before := g.State().Limit
		take(t, g, before)
		for range before {
			g.Release(shed(10 * time.Millisecond))
			time.Sleep(11 * time.Millisecond)
		}
		if got := g.State().Limit; got != before/2 {
			t.Errorf("limit %d became %d; want it halved once", before, got)
		}
		take(t, g, 8)
		time.Sleep(2 * time.Second)
		give(g, 8, shed(time.Second))
		if got := g.State().Limit; got != before/4 {
			t.Errorf("limit %d became %d after a second burst; want it halved again", before/2, got)
		}
	})
}

func TestAcquireWaitsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{Concurrency: 1}, 0)
		take(t, g, 1)
		var order []int
		var callers sync.WaitGroup
		for n := range 5 {
			callers.Go(func() {
				if err := g.Acquire(t.Context()); err != nil {
					t.Error(err)
				}
				order = append(order, n) // one at a time: that is what the gate is for
				g.Release(Outcome{Kind: Success})
			})
			synctest.Wait()
		}
		g.Release(Outcome{Kind: Success})
		callers.Wait()
		for n, got := range order {
			if n != got {
				t.Fatalf("callers went in the order %v; want the order they came in", order)
			}
		}
	})
}

func TestAcquireWaitsForThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		g := newGate(Limits{Concurrency: 2}, 0)
		take(t, g, 2)
		give(g, 2, shed(90*time.Minute))
		if err := g.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begin); waited != 90*time.Minute {
			t.Errorf("the next call started after %v; want 1h30m, as the server asked", waited)
		}
	})
}

func TestAcquireEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{Concurrency: 1}, 0)
		take(t, g, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Acquire = %v; want the deadline", err)
		}
		done := make(chan error)
		go func() { done <- g.Acquire(t.Context()) }()
		synctest.Wait()
		g.Release(Outcome{Kind: Success}) // must reach the one who still waits
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := g.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Acquire after the end = %v; want the deadline", err)
		}
		if s := g.State(); s.InFlight != 1 {
			t.Errorf("in flight %d; want 1", s.InFlight)
		}
	})
}

// Whatever happens at the same moment, no slot is lost and none is given twice.
func TestNoSlotIsLost(t *testing.T) {
	g := newGate(Limits{Concurrency: 3}, 0)
	var callers sync.WaitGroup
	for n := range 64 {
		callers.Go(func() {
			for k := range 50 {
				ctx, cancel := context.WithCancel(t.Context())
				if (n+k)%3 == 0 {
					go cancel()
				}
				if g.Acquire(ctx) == nil {
					if s := g.State(); s.InFlight > 3 {
						t.Errorf("%d calls in flight; want 3 at most", s.InFlight)
					}
					g.Release(Outcome{Kind: OutcomeKind(k % 2)})
				}
				cancel()
			}
		})
	}
	callers.Wait()
	if s := g.State(); s.InFlight != 0 {
		t.Errorf("%d slots are still taken at the end", s.InFlight)
	}
}

func TestOutcomeOf(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want Outcome
	}{
		{"an answer", nil, Outcome{Kind: Success}},
		{"called off", context.Canceled, Outcome{Kind: Canceled}},
		{"sent away", &Error{Class: Overloaded, After: time.Second}, Outcome{Kind: Shed, After: time.Second}},
		{"failed", &Error{Class: Temporary, After: time.Second}, Outcome{Kind: Failure}},
		{"refused", &Error{Class: Refused}, Outcome{Kind: Failure}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := OutcomeOf(c.err); got != c.want {
				t.Errorf("OutcomeOf(%v) = %+v; want %+v", c.err, got, c.want)
			}
		})
	}
}

// Whoever changes the limits of a gate in use is obeyed at once, and what is in flight stays.
func TestSet(t *testing.T) {
	ok := Outcome{Kind: Success}
	g := newGate(Limits{Concurrency: 8}, 0)
	take(t, g, 8)
	g.Set(Limits{Concurrency: 2})
	if s := g.State(); s.Limit != 2 || s.InFlight != 8 || s.Limits.Concurrency != 2 || s.Reason != "" {
		t.Errorf("state = %+v; want a limit of 2 with 8 still in flight", s)
	}
	give(g, 7, ok)
	take(t, g, 1)
	done := make(chan error)
	go func() { done <- g.Acquire(t.Context()) }()
	g.Set(Limits{Concurrency: 3}) // must reach the one who waits, if it does already
	if err := <-done; err != nil {
		t.Error(err)
	}
	give(g, 3, ok)
	g.Set(Limits{})
	if s := g.State(); !s.Auto || s.Limit != 16 {
		t.Errorf("state = %+v; want auto, from 16", s)
	}
	rounds(t, g, 1, ok)
	g.Set(Limits{RPM: 1000})
	if s := g.State(); s.Limit != 32 {
		t.Errorf("limit = %d; want the 32 that were found, as concurrency did not change", s.Limit)
	}
}

// Calls from before a limit was stated count: the server counted them, too.
func TestSetCountsTheLastMinute(t *testing.T) {
	for _, c := range []struct {
		name     string
		limits   Limits
		why      string
		waits    time.Duration // at least; at most a moment more
		admitted int           // of 20 at once, before
	}{
		{"requests", Limits{RPM: 20}, "rpm: 20 is used up until ", time.Minute, 20},
		{"fewer were made", Limits{RPM: 21}, "", 0, 20},
		{"tokens", Limits{TPM: 2000}, "tpm: 2000 is used up until ", time.Minute, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate(Limits{}, 0)
				for range c.admitted {
					if err := g.Acquire(t.Context()); err != nil {
						t.Fatal(err)
					}
					ticket, err := g.Admit(t.Context(), 100)
					if err != nil {
						t.Fatal(err)
					}
					g.Release(Outcome{Kind: Success, Ticket: ticket, Tokens: 70})
				}
				g.Set(c.limits)
				start, done := time.Now(), make(chan time.Duration)
				go func() {
					_ = g.Acquire(t.Context())
					_, _ = g.Admit(t.Context(), 100)
					done <- time.Since(start)
				}()
				synctest.Wait()
				if s := g.State(); !strings.HasPrefix(s.Reason, c.why) || (s.Admitting > 0) != (c.waits > 0) {
					t.Errorf("state = %+v; want it to say %q", s, c.why)
				}
				if got := <-done; got < c.waits || got > c.waits+2*time.Second {
					t.Errorf("the next call waited for %v; want %v", got, c.waits)
				}
			})
		})
	}
}

func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{Concurrency: 4}, 0)
		take(t, g, 1)
		g.Hold()
		var started atomic.Int64
		var callers sync.WaitGroup
		callers.Go(func() {
			if g.Acquire(t.Context()) == nil {
				started.Add(1)
			}
		})
		callers.Go(func() { // it has its slot
			if _, err := g.Admit(t.Context(), 0); err == nil {
				started.Add(1)
			}
		})
		synctest.Wait()
		if s := g.State(); started.Load() != 0 || !s.Held || s.Waiting != 2 || s.InFlight != 1 {
			t.Errorf("held, and %d started; %+v", started.Load(), s)
		}
		g.Unhold()
		callers.Wait()
		if s := g.State(); started.Load() != 2 || s.Held || s.Waiting != 0 {
			t.Errorf("after the hold %d started; %+v", started.Load(), s)
		}
	})
}

// BenchmarkGate is the way of one call through the gate, with everything that is learnt from it: some hundred nanoseconds beside the
// tens of microseconds that the call takes.
func BenchmarkGate(b *testing.B) {
	for _, c := range []struct {
		name   string
		limits Limits
	}{{"auto", Limits{}}, {"stated", Limits{Concurrency: 64}}, {"rates", Limits{RPM: 1 << 30, TPM: 1 << 40}}} {
		b.Run(c.name, func(b *testing.B) {
			g := newGate(c.limits, 0)
			for b.Loop() {
				if err := g.Acquire(b.Context()); err != nil {
					b.Fatal(err)
				}
				ticket, err := g.Admit(b.Context(), 100)
				if err != nil {
					b.Fatal(err)
				}
				g.Release(Outcome{Kind: Success, Ticket: ticket, Tokens: 90, Output: 60, Took: time.Second, Model: "m"})
			}
		})
	}
}

// A gate that is held sets no alarm: what was cooling down has cooled down, and only Unhold lets anybody in. An alarm for a moment that
// has passed would ring again and again.
func TestAHeldGateIsQuiet(t *testing.T) {
	g := newGate(Limits{}, 0)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = true
	g.cooling = []time.Time{time.Now().Add(-time.Second)}
	g.sending.PushBack(&waiter{ready: make(chan struct{})})
	g.admit()
	if !g.due.IsZero() {
		t.Errorf("an alarm is set for %v ago", time.Since(g.due))
	}
}
