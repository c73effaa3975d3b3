package providers

import (
	"cmp"
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
	Kind   OutcomeKind
	After  time.Duration // Shed: the wait the server asked for; 0: it named none
	Ticket Ticket        // from Admit; zero: the call was never admitted
	// Of a Success: what the call took in the end, prompt and answer; of these the answer; how long; and who answered. A limit
	// that finds its own way tells from it when a server slows down.
	Tokens, Output int64
	Took           time.Duration
	Model          string
}

// Limits are what is stated for an endpoint; zero: nothing is.
type Limits struct {
	Concurrency int // calls at once; 0: it finds its own way
	RPM, TPM    int // requests and tokens a minute
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
	Limits      Limits // as stated last
	Limit       int    // calls at once, now
	InFlight    int    // slots in use, those of calls that wait to be admitted included
	Waiting     int    // callers that wait, for a slot or to be admitted
	Admitting   int    // of them, those that have a slot and wait for the end of a pause, for requests or tokens
	Auto        bool   // no limit was stated
	Held        bool
	PausedUntil time.Time // zero: not paused
	Reason      string    // why it is paused, why calls wait, or why the limit is lower than asked for; may be empty
}

// Gate decides when the next call to a server may start: at most a limit at once, none during a pause. There is one for
// each address and key, whatever models are behind it. Whoever waits longest goes first. The methods may be called by
// many goroutines at once; a waiting caller costs no goroutine and no timer of its own.
type Gate struct {
	mu       sync.Mutex
	most     int // calls at once that there are files for; 0: not known
	stated   Limits
	limit    growth
	load     load
	ration   ration
	purse    purse
	inFlight int
	queue    list.List   // of *waiter for a slot, the oldest in front
	sending  list.List   // of *waiter with a slot, for the end of a pause, for requests and tokens
	cooling  []time.Time // when slots of refused calls may be used again
	held     bool
	until    time.Time // end of the pause
	wake     *time.Timer
	due      time.Time // when wake fires; zero: it does not
	clamped  string    // why the limit is below what was asked for
}

// waiter is a caller that waits.
type waiter struct {
	ready  chan struct{} // closed when its turn has come
	tokens int64
	ticket Ticket
}

// NewGate returns a gate with these limits. A stated number of calls at once is a ceiling: a server that refuses so many
// gets fewer for a while. A number above what this process may open files for is lowered. State says both.
func NewGate(l Limits) *Gate { return newGate(l, openFiles()) }

// newGate is NewGate with the process's limit of open files; 0: none known.
func newGate(l Limits, files int) *Gate {
	g := &Gate{stated: l}
	if files > 0 {
		g.most = max(1, files-spareFiles)
	}
	g.setConcurrency()
	g.ration.rpm, g.ration.tpm = int64(max(0, l.RPM)), int64(max(0, l.TPM))
	return g
}

// Set puts other limits in the place of those that hold. What was learnt of the server goes where concurrency changes, and
// stays where it does not. Calls in flight go on: a lower number is reached as they end. Calls of the last minute count, those from
// before a limit was stated with all the tokens that they might have taken.
func (g *Gate) Set(l Limits) {
	g.mu.Lock()
	defer g.mu.Unlock()
	changed := max(0, l.Concurrency) != max(0, g.stated.Concurrency)
	g.stated = l
	if changed {
		g.setConcurrency()
	}
	g.ration.rpm, g.ration.tpm = int64(max(0, l.RPM)), int64(max(0, l.TPM))
	g.admit()
}

// highest is what a limit that finds its own way ends at.
const highest = 1024

func (g *Gate) setConcurrency() {
	g.clamped, g.load, g.cooling = "", load{}, nil
	if g.limit = fixed(g.stated.Concurrency); g.stated.Concurrency <= 0 {
		g.limit = adaptive(highest)
	}
	g.clamp()
}

// clamp lowers the limit to what there are files for.
func (g *Gate) clamp() {
	if g.most > 0 && g.limit.top > g.most {
		g.limit.lower(g.most)
		g.clamped = fmt.Sprintf("at most %d: few files may be open", g.most)
	}
}

// within lowers the limit to a share of the files, for good, and returns what was wanted, and whether that was left to the gate.
func (g *Gate) within(share int) (wanted int, auto bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wanted = g.stated.Concurrency; g.limit.auto {
		wanted = highest
	}
	if wanted >= share {
		g.most = share
	}
	g.clamp()
	return wanted, g.limit.auto
}

// top is the highest limit that there may be.
func (g *Gate) top() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limit.top
}

// Hold starts no further call until Unhold; calls in flight go on.
func (g *Gate) Hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = true
}

// Unhold ends Hold.
func (g *Gate) Unhold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = false
	g.admit()
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
	return g.wait(ctx, &g.queue, w, func() { g.inFlight-- })
}

// Admit waits until a call that may take so many tokens, prompt and the longest answer together, keeps to the limits a
// minute and meets no pause. The caller has a slot, and sends the call at once. It returns a ticket to be released with the
// slot; or ctx's error, and the slot is to be released as of a call that was called off.
func (g *Gate) Admit(ctx context.Context, tokens int64) (Ticket, error) {
	g.mu.Lock()
	now := time.Now()
	if g.sending.Len() == 0 && g.open(now) && g.affords(tokens, now) {
		t := g.send(tokens, now)
		g.mu.Unlock()
		return t, nil
	}
	w := &waiter{ready: make(chan struct{}), tokens: tokens}
	err := g.wait(ctx, &g.sending, w, func() { g.cancel(w.ticket) })
	return w.ticket, err
}

// send counts a call that is sent now.
func (g *Gate) send(tokens int64, now time.Time) Ticket {
	g.limit.started(g.inFlight)
	var t Ticket
	switch {
	case g.sharing():
		t = g.purse.spend(tokens)
	case g.ration.limited():
		t = g.ration.charge(tokens, now)
	default:
		g.ration.remember(tokens, now)
	}
	t.busy = g.inFlight
	return t
}

// wait queues w and waits for its turn; undo takes back what it was given together with the end of ctx. The caller holds the
// lock, which wait gives back.
func (g *Gate) wait(ctx context.Context, in *list.List, w *waiter, undo func()) error {
	place := in.PushBack(w)
	g.admit()
	g.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-w.ready: // its turn came together with the end of ctx: the next one gets it
		undo()
	default:
		in.Remove(place)
	}
	g.admit()
	return ctx.Err()
}

// Release gives a slot back and says how the call went.
func (g *Gate) Release(o Outcome) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	busy := g.inFlight
	g.inFlight--
	g.settle(o)
	switch o.Kind {
	case Success:
		g.limit.succeeded(busy, now)
		g.limit.answered(&o, busy, now)
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

// coolDown is how long a limit that finds its own way leaves the slot of a refused call empty. Filled at once, it would be refused
// at once where the server is full, many times for each answer.
const coolDown = 250 * time.Millisecond

// shed judges a call that the server sent away: a single one is its caller's affair, a burst pauses everybody
// and halves the limit.
func (g *Gate) shed(after time.Duration, now time.Time) {
	g.limit.refused(g.inFlight+1, now)
	if g.limit.auto {
		g.cooling = append(g.cooling, now.Add(coolDown))
	}
	switch g.load.shed(after, now, g.inFlight, g.limit.now) {
	case extends:
		g.limit.fall(g.inFlight)
		g.pause(g.load.until)
	case begins:
		g.limit.halve(g.inFlight, now, g.load.until)
		g.pause(g.load.until)
	}
}

// Pause starts no further call before t, as a burst of refusals does. A pause is never shortened.
func (g *Gate) Pause(t time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pause(t)
	g.admit()
}

// settle counts what a call took in the end. Nothing is known of one that failed on its way: it keeps what it might take.
func (g *Gate) settle(o Outcome) {
	took := o.Tokens
	switch o.Kind {
	case Failure:
		return
	case Shed, Canceled:
		took = 0
	}
	if o.Ticket.slot > 0 {
		g.purse.settle(o.Ticket, took, false)
		return
	}
	g.ration.settle(o.Ticket, took)
}

// cancel takes back a call that was not made.
func (g *Gate) cancel(t Ticket) {
	if t.slot > 0 {
		g.purse.settle(t, 0, true)
		return
	}
	g.ration.cancel(t)
}

// pause holds all further calls until t. A pause is never shortened.
func (g *Gate) pause(t time.Time) {
	if t.After(g.until) {
		g.until = t
	}
}

// admit lets in who may go, and sets the alarm for when the next one may. The caller holds the lock.
func (g *Gate) admit() {
	now := time.Now()
	for g.sending.Len() > 0 && g.open(now) {
		w := g.sending.Front().Value.(*waiter)
		if !g.affords(w.tokens, now) {
			return
		}
		g.sending.Remove(g.sending.Front())
		w.ticket = g.send(w.tokens, now)
		close(w.ready)
	}
	for g.queue.Len() > 0 && g.free(now) {
		g.inFlight++
		close(g.queue.Remove(g.queue.Front()).(*waiter).ready)
	}
	switch waiting := g.queue.Len() + g.sending.Len(); {
	case waiting == 0:
	case now.Before(g.until):
		g.alarm(g.until)
	case len(g.cooling) > 0 && now.Before(g.cooling[0]):
		g.alarm(g.cooling[0])
	}
}

// alarm has the gate look again at t.
func (g *Gate) alarm(t time.Time) {
	switch {
	case g.due.Equal(t):
		return
	case g.wake == nil:
		g.wake = time.AfterFunc(time.Until(t), g.resume)
	default:
		g.wake.Reset(time.Until(t))
	}
	g.due = t
}

func (g *Gate) resume() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.due = time.Time{}
	g.admit()
}

// open reports whether calls may be sent at all.
func (g *Gate) open(now time.Time) bool { return !g.held && !now.Before(g.until) }

// free reports whether there is a slot. Nobody takes one while a call waits for its tokens: what is most urgent is chosen late.
func (g *Gate) free(now time.Time) bool {
	for len(g.cooling) > 0 && !now.Before(g.cooling[0]) {
		g.cooling = g.cooling[1:]
	}
	return g.inFlight+len(g.cooling) < max(g.limit.now, 1+len(g.cooling)) && g.sending.Len() == 0 && g.open(now)
}

// Limit is how many calls may be in flight now, for who asks before each call; State has it, too.
func (g *Gate) Limit() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limit.now
}

// State is the gate as it stands.
func (g *Gate) State() GateState {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := GateState{
		Limits: g.stated, Limit: g.limit.now, InFlight: g.inFlight, Waiting: g.queue.Len() + g.sending.Len(),
		Admitting: g.sending.Len(), Auto: g.limit.auto, Held: g.held,
	}
	now := time.Now()
	if now.Before(g.until) {
		s.PausedUntil = g.until
	}
	if s.Reason = g.reason(!s.PausedUntil.IsZero()); s.PausedUntil.IsZero() && g.sending.Len() > 0 {
		s.Reason = cmp.Or(g.rationed(now), s.Reason)
	}
	return s
}

// rationed says which limit a minute is used up, and until when; "": none, or for a moment only, as it is all the time where calls
// come as fast as they may.
func (g *Gate) rationed(now time.Time) string {
	const moment = 2 * time.Second
	wait := g.ration.wait(g.sending.Front().Value.(*waiter).tokens, now)
	if g.sharing() {
		wait = g.purse.until.Sub(now)
	}
	if wait < moment {
		return ""
	}
	if g.sharing() {
		return fmt.Sprintf("the limits a minute, which others share, are used up until %s", now.Add(wait).Local().Format("15:04:05"))
	}
	limit := fmt.Sprintf("tpm: %d", g.ration.tpm)
	if g.ration.rpm > 0 && g.ration.requests >= g.ration.rpm {
		limit = fmt.Sprintf("rpm: %d", g.ration.rpm)
	}
	return fmt.Sprintf("%s is used up until %s", limit, now.Add(wait).Local().Format("15:04:05"))
}

// pausing says why a pause is on.
func (g *Gate) pausing() string {
	if g.until.After(g.load.until) {
		return "the server asked to be left alone"
	}
	return g.load.reason()
}

// reason names what holds calls back most: a pause, a limit that was cut, the process's own bounds; "": nothing does.
func (g *Gate) reason(paused bool) string {
	slowed := fmt.Sprintf("slowed to %d of %d", g.limit.now, g.limit.top)
	switch {
	case paused && g.limit.slowed():
		return g.pausing() + "; " + slowed
	case paused:
		return g.pausing()
	case g.limit.slowed():
		return slowed + ": the server refuses more"
	}
	return g.clamped
}
