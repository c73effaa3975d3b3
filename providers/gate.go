package providers

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// OutcomeKind is what a finished call says about its server's load.
type OutcomeKind uint8

// The kinds of outcome.
const (
	Success  OutcomeKind = iota // the server answered
	Failure                     // it failed, or refused this call for a reason other than load
	Shed                        // it asked to come back later
	Canceled                    // the call was called off: nothing learnt
)

// Outcome is what a call tells the gate when it gives its slot back.
type Outcome struct {
	Kind  OutcomeKind
	After time.Duration // Shed: the wait the server asked for; 0: it named none
}

// OutcomeOf is the outcome of a call that ended with err, as [Client.Chat] returns it.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Outcome{Kind: Success}
	}
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return Outcome{Kind: Canceled}
	case e.Class == Overloaded:
		return Outcome{Kind: Shed, After: e.After}
	}
	return Outcome{Kind: Failure}
}

// GateState is a gate at one moment, for people to look at.
type GateState struct {
	Limit       int // calls at once, now
	InFlight    int
	Auto        bool      // no limit was stated
	PausedUntil time.Time // zero: not paused
	Reason      string    // why it is paused, or why the limit is lower than asked for; may be empty
}

// Gate decides when the next call to a server may start: at most a limit at once, none during a pause. There is one for
// each address and key, whatever models are behind it. Whoever waits longest goes first. The methods may be called by
// many goroutines at once; a waiting caller costs no goroutine and no timer of its own.
type Gate struct {
	mu       sync.Mutex
	limit    growth
	load     load
	inFlight int
	queue    list.List // of *waiter, the oldest in front
	until    time.Time // end of the pause
	wake     *time.Timer
	clamped  string // why the limit is below what was asked for
}

type waiter struct{ ready chan struct{} } // closed when the slot is its own

// NewGate returns a gate for limit calls at once; 0: a limit that finds its own way. A stated limit is a ceiling: a server
// that refuses so many gets fewer for a while. A limit above what this process may open files for is lowered. State says
// both.
func NewGate(limit int) *Gate { return newGate(limit, openFiles()) }

// newGate is NewGate with the process's limit of open files; 0: none known.
func newGate(limit, files int) *Gate {
	const (
		spare   = 200 // files for the database, exports, pages and the runtime
		highest = 1024
	)
	g := &Gate{limit: fixed(limit)}
	if limit <= 0 {
		g.limit = adaptive(highest)
	}
	if most := max(1, files-spare); files > 0 && g.limit.top > most {
		g.limit.lower(most)
		g.clamped = fmt.Sprintf("at most %d calls at once: this process may open %d files (raise it with ulimit -n)", most, files)
	}
	return g
}

// Acquire waits for a free slot and for the end of a pause. It returns nil, and the caller must Release; or ctx's error,
// and the caller holds nothing.
func (g *Gate) Acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	if g.queue.Len() == 0 && g.free(time.Now()) {
		g.inFlight++
		g.mu.Unlock()
		return nil
	}
	w := &waiter{ready: make(chan struct{})}
	place := g.queue.PushBack(w)
	g.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-w.ready: // the slot came together with the end of ctx: the next one gets it
		g.inFlight--
		g.admit()
	default:
		g.queue.Remove(place)
	}
	return ctx.Err()
}

// Release gives a slot back and says how the call went.
func (g *Gate) Release(o Outcome) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	busy := g.inFlight
	g.inFlight--
	switch o.Kind {
	case Success:
		g.limit.succeeded(busy, now)
		g.load.answered()
	case Failure:
		g.load.answered()
	case Shed:
		g.shed(o.After, now)
	}
	if o.Kind != Shed {
		g.load.settled()
	}
	g.admit()
}

// shed judges a call that the server sent away: a single one is its caller's affair, a burst pauses everybody
// and halves the limit.
func (g *Gate) shed(after time.Duration, now time.Time) {
	switch g.load.shed(after, now, g.inFlight, g.limit.now) {
	case extends:
		g.pause(g.load.until)
	case begins:
		g.limit.halve(g.load.until)
		g.pause(g.load.until)
	}
}

// pause holds all further calls until t. A pause is never shortened.
func (g *Gate) pause(t time.Time) {
	if !t.After(g.until) {
		return
	}
	g.until = t
	if wait := time.Until(t); g.wake == nil {
		g.wake = time.AfterFunc(wait, g.resume)
	} else {
		g.wake.Reset(wait)
	}
}

func (g *Gate) resume() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.admit()
}

// admit lets in who may go. The caller holds the lock.
func (g *Gate) admit() {
	now := time.Now()
	for g.queue.Len() > 0 && g.free(now) {
		g.inFlight++
		close(g.queue.Remove(g.queue.Front()).(*waiter).ready)
	}
}

func (g *Gate) free(now time.Time) bool { return g.inFlight < g.limit.now && !now.Before(g.until) }

// State is the gate as it stands.
func (g *Gate) State() GateState {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := GateState{Limit: g.limit.now, InFlight: g.inFlight, Auto: g.limit.auto}
	if time.Now().Before(g.until) {
		s.PausedUntil = g.until
	}
	s.Reason = g.reason(!s.PausedUntil.IsZero())
	return s
}

// reason names what holds calls back most: a pause, a limit that was cut, the process's own bounds; "": nothing does.
func (g *Gate) reason(paused bool) string {
	slowed := fmt.Sprintf("slowed to %d of %d", g.limit.now, g.limit.top)
	switch {
	case paused && g.limit.slowed():
		return g.load.reason() + "; " + slowed
	case paused:
		return g.load.reason()
	case g.limit.slowed():
		return slowed + ": the server refuses more"
	}
	return g.clamped
}
