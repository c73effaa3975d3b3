package providers

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var (
	down     = &Error{Class: Temporary, Reason: ReasonServer, Err: errors.New("down")}
	loading  = &Error{Class: Temporary, Reason: ReasonLoading, Err: errors.New("loading")}
	refused  = &Error{Class: Refused, Reason: ReasonBadKey, Err: errors.New("no")}
	rejected = &Error{Class: Rejected, Reason: ReasonContext, Err: errors.New("too long")}
	away     = &Error{Class: Overloaded, Reason: ReasonRateLimit, Err: errors.New("later")}
)

// try makes a call that must be allowed and fails with e; nil: succeeds.
func try(t *testing.T, b *Breaker, e *Error) {
	t.Helper()
	if ok, wait := b.Allow(); !ok {
		t.Fatalf("a call is kept away for %v", wait)
	}
	if e == nil {
		b.Success()
		return
	}
	b.Failure(e)
}

// waits tries again whenever it may, with e, until the breaker is dead or has been asked most times.
func waits(t *testing.T, b *Breaker, e *Error, most int) (seconds []int) {
	t.Helper()
	for range most {
		ok, wait := b.Allow()
		if ok {
			t.Fatal("a call is let through at once; want a wait")
		}
		if b.Dead() {
			return seconds
		}
		seconds = append(seconds, int(wait/time.Second))
		time.Sleep(wait)
		try(t, b, e)
	}
	return seconds
}

func TestBreakerOpens(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, b *Breaker)
		open bool
		dead bool
	}{
		{"nine failures", func(t *testing.T, b *Breaker) { repeat(t, b, 9, down) }, false, false},
		{"ten failures", func(t *testing.T, b *Breaker) { repeat(t, b, 10, down) }, true, false},
		{"an answer between them", func(t *testing.T, b *Breaker) {
			repeat(t, b, 9, down)
			try(t, b, nil)
			repeat(t, b, 9, down)
		}, false, false},
		{"a poisonous prompt between answers", func(t *testing.T, b *Breaker) {
			for range 100 {
				try(t, b, down)
				try(t, b, nil)
			}
		}, false, false},
		{"rejected requests", func(t *testing.T, b *Breaker) { repeat(t, b, 50, rejected) }, false, false},
		{"calls sent away", func(t *testing.T, b *Breaker) { repeat(t, b, 50, away) }, false, false},
		{"one refusal", func(t *testing.T, b *Breaker) { try(t, b, refused) }, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := NewBreaker()
			c.run(t, b)
			if b.Open() != c.open || b.Dead() != c.dead {
				t.Errorf("open %v, dead %v; want %v, %v", b.Open(), b.Dead(), c.open, c.dead)
			}
		})
	}
}

func repeat(t *testing.T, b *Breaker, n int, e *Error) {
	t.Helper()
	for range n {
		try(t, b, e)
	}
}

func TestBreakerProbes(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(t *testing.T, b *Breaker)
		probe  *Error
		waits  []int // seconds before each probe
		dead   bool
	}{
		{"a model that never answered is given up after three", func(*testing.T, *Breaker) {}, down, []int{1, 2, 4}, true},
		{"a model that had answered gets eight", func(t *testing.T, b *Breaker) { try(t, b, nil) }, down, []int{1, 2, 4, 8, 16, 32, 60, 60}, true},
		{"a server that loads its model gets a quarter of an hour", func(*testing.T, *Breaker) {}, loading,
			[]int{1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60}, true},
		{"a probe that is sent away is repeated", func(*testing.T, *Breaker) {}, away, slices.Repeat([]int{1}, 25), false},
		{"a probe that is rejected is repeated", func(*testing.T, *Breaker) {}, rejected, slices.Repeat([]int{1}, 25), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := NewBreaker()
				c.before(t, b)
				repeat(t, b, 10, down)
				if got := waits(t, b, c.probe, 25); !slices.Equal(got, c.waits) || b.Dead() != c.dead {
					t.Errorf("probes after %v s, dead %v; want %v, %v", got, b.Dead(), c.waits, c.dead)
				}
				if !b.Open() || b.Cause() == nil {
					t.Errorf("open %v, cause %v; want it open, with its cause", b.Open(), b.Cause())
				}
			})
		})
	}
}

func TestBreakerLetsOneProbeThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBreaker()
		repeat(t, b, 10, down)
		b.Failure(down) // of a call that was under way: not a probe
		time.Sleep(time.Second)
		if ok, _ := b.Allow(); !ok {
			t.Fatal("no probe after a second")
		}
		if ok, wait := b.Allow(); ok || wait != time.Second {
			t.Errorf("Allow beside a probe = %v, %v; want false, 1s", ok, wait)
		}
		b.Canceled()
		if ok, wait := b.Allow(); ok || wait != time.Second {
			t.Errorf("Allow after a probe was called off = %v, %v; want false, 1s", ok, wait)
		}
		time.Sleep(time.Second)
		try(t, b, nil)
		if ok, _ := b.Allow(); !ok || b.Open() || b.Cause() != nil {
			t.Errorf("after an answer: allowed %v, open %v, cause %v; want it closed", ok, b.Open(), b.Cause())
		}
	})
}

// A call that was under way when the model died may still be answered; the model stays dead.
func TestDeadStaysDead(t *testing.T) {
	b := NewBreaker()
	b.Allow()
	try(t, b, refused)
	b.Success()
	b.Failure(down)
	if ok, wait := b.Allow(); ok || wait != 0 || !b.Dead() || b.Cause() != refused {
		t.Errorf("Allow = %v, %v; dead %v, cause %v; want it dead of the refusal", ok, wait, b.Dead(), b.Cause())
	}
}
