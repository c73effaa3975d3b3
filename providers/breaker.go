package providers

import (
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	opensAfter = 10 // temporary failures in a row
	// How many probes may fail before a model is given up. One that never answered was probably never there; one that
	// says it is loading is there, and large models load for many minutes.
	probesUnseen  = 3
	probesSeen    = 8
	probesLoading = 20
)

// Breaker keeps calls away from a model that fails every time, and tries it again now and then. There is one for each
// model. A caller that Allow let through must report once: Success, Failure or Canceled. The methods may be called by
// many goroutines at once.
type Breaker struct {
	mu       sync.Mutex
	answered bool
	fails    int // temporary ones in a row
	open     bool
	probing  bool // a probe is out
	failed   int  // probes
	step     time.Duration
	next     time.Time // of the next probe
	delays   *backoff.ExponentialBackOff
	dead     bool
	cause    *Error
}

// NewBreaker returns a breaker that lets calls through.
func NewBreaker() *Breaker { return &Breaker{} }

// Allow reports whether a call may start. If not, wait says when to ask again; a dead model has no wait.
func (b *Breaker) Allow() (ok bool, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.dead:
		return false, 0
	case !b.open:
		return true, 0
	case b.probing:
		return false, b.step
	}
	if wait := time.Until(b.next); wait > 0 {
		return false, wait
	}
	b.probing = true
	return true, 0
}

// Success notes an answer: the model is well. One that came too late does not wake a dead model.
func (b *Breaker) Success() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answered = true
	b.fails = 0
	if !b.dead {
		b.open, b.probing, b.failed, b.cause = false, false, 0, nil
	}
}

// Failure notes a failed call. A refusal kills the model at once. A server that asks to come back later, or rejects one
// request, says nothing about the model: a probe that ends so is repeated.
func (b *Breaker) Failure(e *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.dead:
	case e.Class == Refused:
		b.dead, b.cause = true, e
	case e.Class != Temporary:
		b.again()
	default:
		b.cause = e
		b.temporary(e)
	}
}

// Canceled notes a call that was called off.
func (b *Breaker) Canceled() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.again()
}

// again plans another probe in place of one that taught nothing.
func (b *Breaker) again() {
	if b.probing {
		b.probing = false
		b.next = time.Now().Add(b.step)
	}
}

func (b *Breaker) temporary(e *Error) {
	switch {
	case !b.open:
		if b.fails++; b.fails >= opensAfter {
			b.open, b.failed, b.delays = true, 0, doubling(0)
			b.plan()
		}
	case b.probing: // a late failure of an older call may stand in for the probe's: it is the same model
		b.probing = false
		if b.failed++; b.failed >= b.patience(e) {
			b.dead = true
			return
		}
		b.plan()
	}
}

func (b *Breaker) patience(e *Error) int {
	switch {
	case e.Reason == ReasonLoading:
		return probesLoading
	case b.answered:
		return probesSeen
	}
	return probesUnseen
}

// plan sets the time of the next probe.
func (b *Breaker) plan() {
	b.step = b.delays.NextBackOff()
	b.next = time.Now().Add(b.step)
}

// Open reports whether calls are kept away, for now or for good.
func (b *Breaker) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open || b.dead
}

// Dead reports whether the model is given up for this run.
func (b *Breaker) Dead() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dead
}

// Back is when a model that is kept from calls is tried again; zero: it is not kept from them, or it is given up.
func (b *Breaker) Back() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead || !b.open {
		return time.Time{}
	}
	return b.next
}

// Cause is the error that opened or killed the breaker, or the latest one since the last answer; nil after an answer.
func (b *Breaker) Cause() *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cause
}
