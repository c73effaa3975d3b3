package providers

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// refuser is a server with a number of slots: it sends away at once whoever finds none free.
type refuser struct {
	slots   chan struct{}
	latency func() time.Duration
	after   time.Duration // the wait it asks for; 0: it names none
	refused atomic.Int64
}

func (s *refuser) call() Outcome {
	select {
	case s.slots <- struct{}{}:
	default:
		s.refused.Add(1)
		time.Sleep(200 * time.Microsecond)
		return shed(s.after)
	}
	time.Sleep(s.latency())
	<-s.slots
	return Outcome{Kind: Success}
}

// drain has so many tasks done, all of them queued from the start, and returns how long it took. One that was sent away
// comes back as it does in a run.
func drain(t *testing.T, g *Gate, tasks int, call func() Outcome) time.Duration {
	begin := time.Now()
	var all sync.WaitGroup
	for range tasks {
		all.Go(func() {
			for n := 1; ; n++ {
				if err := g.Acquire(t.Context()); err != nil {
					t.Error(err)
					return
				}
				o := call()
				g.Release(o)
				if o.Kind == Success {
					return
				}
				time.Sleep(Backoff(n, o.After))
			}
		})
	}
	all.Wait()
	return time.Since(begin)
}

// always is a latency without spread.
func always(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

// spread is a latency between half and one and a half times d.
func spread(d time.Duration) func() time.Duration {
	return func() time.Duration { return d/2 + rand.N(d) }
}

// A server with few slots that says no in place of queueing is found out soon, whatever was stated.
func TestServerThatRefusesMore(t *testing.T) {
	for _, c := range []struct {
		name    string
		limit   int
		slots   int
		latency func() time.Duration
		tasks   int
		most    time.Duration // that it may take
	}{
		{"auto, two slots of 20 ms: 1.2 s at best", 0, 2, always(20 * time.Millisecond), 120, 10 * time.Second},
		{"eight stated, two slots of 20 ms: 1.2 s at best", 8, 2, always(20 * time.Millisecond), 120, 10 * time.Second},
		{"sixty-four stated, two slots of 20 ms: 1.2 s at best", 64, 2, always(20 * time.Millisecond), 120, 10 * time.Second},
		{"eight stated, one slot of 20 ms: 1.2 s at best", 8, 1, always(20 * time.Millisecond), 60, 10 * time.Second},
		{"auto, two slots of about 1 s: 60 s at best", 0, 2, spread(time.Second), 120, 90 * time.Second},
		{"sixty-four stated, 24 slots of about 1 s: 60 s at best", 64, 24, spread(time.Second), 1440, 100 * time.Second},
		{"auto, five slots of about 30 s: 30 min at best", 0, 5, spread(30 * time.Second), 300, 40 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &refuser{slots: make(chan struct{}, c.slots), latency: c.latency}
				took := drain(t, newGate(Limits{Concurrency: c.limit}, 0), c.tasks, s.call)
				if took > c.most {
					t.Errorf("%d tasks took %v, with %d calls refused; want at most %v", c.tasks, took, s.refused.Load(), c.most)
				}
			})
		})
	}
}

// A server that can take what was stated gets it, all the time.
func TestServerThatTakesWhatWasStated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, latency = 64, 200 * time.Millisecond
		s := &refuser{slots: make(chan struct{}, limit), latency: spread(latency)}
		g := newGate(Limits{Concurrency: limit}, 0)
		took := drain(t, g, 100*limit, func() Outcome {
			if s := g.State(); s.Limit != limit || s.Reason != "" {
				t.Errorf("state = %+v; want all %d slots in use", s, limit)
			}
			return s.call()
		})
		if n := s.refused.Load(); n != 0 || took > 100*latency*11/10 {
			t.Errorf("it took %v, with %d calls refused; want about %v and none", took, n, 100*latency)
		}
	})
}

// However much a cut may help, nobody calls before the time that the server named.
func TestRetryAfterIsObeyedInFull(t *testing.T) {
	for _, limit := range []int{0, 8} {
		synctest.Test(t, func(t *testing.T) {
			const after = 7 * time.Second
			s := &refuser{slots: make(chan struct{}, 2), latency: always(20 * time.Millisecond), after: after}
			g := newGate(Limits{Concurrency: limit}, 0)
			var mu sync.Mutex
			var from, until time.Time // the wait that was asked for last
			drain(t, g, 120, func() Outcome {
				mu.Lock()
				// What starts at the very moment of the refusal cannot know of it.
				if now := time.Now(); now.After(from) && now.Before(until) {
					t.Errorf("limit %d: a call starts %v before the time that the server named", limit, until.Sub(now))
				}
				mu.Unlock()
				o := s.call()
				mu.Lock()
				defer mu.Unlock()
				if o.Kind == Shed && !g.State().PausedUntil.IsZero() {
					from, until = time.Now(), time.Now().Add(after)
				}
				return o
			})
			if s.refused.Load() == 0 {
				t.Errorf("limit %d: nothing was refused, so nothing was tested", limit)
			}
		})
	}
}

// A stated limit is a ceiling: halved by a burst, back by one a round, and what was too much is not tried again at once.
func TestStatedLimitComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{Concurrency: 8}, 0)
		state := func(limit int, reason string) {
			t.Helper()
			if s := g.State(); s.Limit != limit || s.Reason != reason {
				t.Errorf("limit %d, %q; want %d, %q", s.Limit, s.Reason, limit, reason)
			}
		}
		for _, n := range []int{8, 4} {
			take(t, g, n)
			give(g, n, shed(0))
			time.Sleep(time.Until(g.State().PausedUntil))
		}
		state(2, "slowed to 2 of 8: the server refuses more")
		ok := Outcome{Kind: Success}
		rounds(t, g, 1, ok)
		state(3, "slowed to 3 of 8: the server refuses more")
		rounds(t, g, 5, ok)
		state(3, "slowed to 3 of 8: the server refuses more")
		time.Sleep(reprobe)
		for n := 4; n < 8; n++ {
			rounds(t, g, 1, ok)
			state(n, fmt.Sprintf("slowed to %d of 8: the server refuses more", n))
		}
		rounds(t, g, 3, ok)
		state(8, "")
		take(t, g, 8)
		give(g, 8, shed(time.Minute))
		state(4, "the server sends calls away; slowed to 4 of 8")
	})
}
