package providers

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openarena/internal/testkit/simulated"
)

// lend has a gate take blocks of a minute that others take from as well, over a network that takes its time.
func lend(ctx context.Context, g *Gate, m *simulated.Minute, seed uint64) {
	draw := rand.New(rand.NewPCG(seed, 9))
	for ctx.Err() == nil {
		w := g.Want()
		if w.Requests == 0 && len(w.Back) == 0 {
			select {
			case <-g.Needy():
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			continue
		}
		back := make([]simulated.Back, len(w.Back))
		for i, b := range w.Back {
			back[i] = simulated.Back(b)
		}
		asked := time.Now()
		time.Sleep(time.Duration(draw.IntN(30)) * time.Millisecond)
		got := m.Take(time.Now(), w.Requests, w.Tokens, w.Least, back...)
		time.Sleep(time.Duration(draw.IntN(300)) * time.Millisecond)
		if w.Requests > 0 {
			g.Lend(Block{Slot: got.Slot, Requests: got.Requests, Tokens: got.Tokens, Until: asked.Add(got.Use), Again: got.Again})
			if got.Requests == 0 {
				time.Sleep(min(got.Again, time.Second))
			}
		}
	}
}

// Three processes with one key: the server, which counts any 60 seconds, never refuses, and most of what was stated is used.
func TestSharedLimits(t *testing.T) {
	const rpm, tpm, minutes = 600, 40_000, 8
	for _, c := range []struct {
		name           string
		words          int
		longest, usual int64
		wantRPM        bool
	}{
		{"requests", 10, 24, 16, true},
		{"tokens", 40, 200, 150, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, m := simulated.NewWindow(rpm, tpm), &simulated.Minute{RPM: rpm, TPM: tpm}
				ctx, cancel := context.WithCancel(t.Context())
				var all sync.WaitGroup
				var loads []*loaded
				for i := range 3 {
					l := &loaded{server: s, gate: newGate(Limits{RPM: rpm, TPM: tpm}, 0), words: c.words, longest: c.longest, usual: c.usual}
					l.gate.Share()
					loads = append(loads, l)
					all.Go(func() { lend(ctx, l.gate, m, uint64(i)) })
					all.Go(func() { l.run(ctx) })
				}
				time.Sleep(time.Minute)
				requests, tokens := s.Taken()
				time.Sleep((minutes - 1) * time.Minute)
				r, k := s.Taken()
				cancel()
				all.Wait()
				used := float64(k-tokens) / float64((minutes-1)*tpm)
				if c.wantRPM {
					used = float64(r-requests) / float64((minutes-1)*rpm)
				}
				var refused int64
				for _, l := range loads {
					refused += l.refused.Load()
				}
				figure(t, "shared limits, "+c.name+": throughput / limit", []float64{used})
				if used < 0.9 || used > 1.02 || refused != 0 {
					t.Errorf("%.3f of the limit was used, %d calls were refused; want 0.9 at least, and none", used, refused)
				}
			})
		})
	}
}

// Nothing of a minute is lost to who asked for it and does not need it: what is left goes to others, and a call that is called off
// leaves its place.
func TestBlocksComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &simulated.Minute{RPM: 80}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		gates := []*Gate{newGate(Limits{Concurrency: 100, RPM: 80}, 0), newGate(Limits{Concurrency: 100, RPM: 80}, 0)}
		for i, g := range gates {
			g.Share()
			all.Go(func() { lend(ctx, g, m, uint64(i)) })
		}
		send := func(g *Gate, n int) (sent int) {
			soon, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			for range n {
				if g.Acquire(soon) != nil {
					break
				}
				ticket, err := g.Admit(soon, 1)
				g.Release(Outcome{Kind: map[bool]OutcomeKind{true: Success, false: Canceled}[err == nil], Ticket: ticket, Tokens: 1})
				if err == nil {
					sent++
				}
			}
			return sent
		}
		// Blocks of the first are of 1, 2, 4, 8 and 10: of the last one something is left.
		got := fmt.Sprint(send(gates[0], 18))
		time.Sleep(3 * time.Second)
		if got += fmt.Sprint(" ", send(gates[1], 100)); got != "18 62" {
			t.Errorf("of 80 requests a minute two gates sent %s; want 18 62", got)
		}
		cancel()
		all.Wait()
	})
}
