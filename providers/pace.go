package providers

import (
	"sync"
	"time"
)

// Pace keeps the calls to one model within the limits that its server tells of it. There is one for each model of an endpoint,
// since servers have limits for each. Its methods may be called by many goroutines at once.
//
// Limits of a minute are counted as stated ones are. Of longer or unknown spans only the end is met: nothing is left, and calls
// wait until the server says there is.
type Pace struct {
	mu       sync.Mutex
	ration   ration
	requests guess
	tokens   guess
	empty    time.Time // until then the server has nothing left
	last     int64     // tokens of the last call
}

// guess is how sure it is that a limit whose span is not told is one of a minute.
type guess struct {
	agreed    int
	remaining int64
}

// Learn notes what an answer, or a refusal, told.
func (p *Pace) Learn(r Rates) {
	if !r.Told() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.learn(&p.ration.rpm, &p.requests, r.Requests, now)
	p.learn(&p.ration.tpm, &p.tokens, r.Tokens, now)
	p.ration.observe(used(p.ration.rpm, r.Requests), used(p.ration.tpm, r.Tokens), now)
}

// used is how much of a limit that is counted is used; 0: not told.
func used(limit int64, r Rate) int64 {
	if limit == 0 || limit != r.Limit || r.Remaining < 0 {
		return 0
	}
	return r.Limit - r.Remaining
}

func (p *Pace) learn(limit *int64, g *guess, r Rate, now time.Time) {
	switch {
	case r.Limit == 0:
	case g.minute(r):
		*limit = r.Limit
	case r.Remaining == 0 && r.Reset > 0 && r.Reset <= time.Hour:
		if until := now.Add(r.Reset); until.After(p.empty) {
			p.empty = until
		}
	}
}

// minute reports whether a limit is one of a minute. Where it is not told, a limit that comes back evenly shows it: what was used
// is back after its share of the span. Three answers in a row must agree, as one may by chance.
func (g *guess) minute(r Rate) bool {
	if r.Span != 0 {
		return r.Span == time.Minute
	}
	const enough = 3
	if used := r.Limit - r.Remaining; r.Remaining >= 0 && used > 0 && r.Reset > 0 && r.Remaining != g.remaining {
		span := r.Reset.Seconds() * float64(r.Limit) / float64(used)
		g.remaining = r.Remaining
		if span < 50 || span > 70 {
			g.agreed = 0
			return false
		}
		g.agreed++
	}
	return g.agreed >= enough
}

// Wait is how long a call like the last one should wait; 0: it may go.
func (p *Pace) Wait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	wait := max(0, p.empty.Sub(now))
	if p.ration.limited() {
		wait = max(wait, p.ration.wait(p.last, now))
	}
	return wait
}

// Charge counts a call that is about to start, as one like the last.
func (p *Pace) Charge() Ticket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ration.charge(p.last, time.Now())
}

// Send counts what the call may take, now that it is known.
func (p *Pace) Send(t Ticket, tokens int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = tokens
	p.ration.settle(t, tokens)
}

// Settle counts what it did take.
func (p *Pace) Settle(t Ticket, tokens int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ration.settle(t, tokens)
}

// Cancel takes a call back that was not made.
func (p *Pace) Cancel(t Ticket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ration.cancel(t)
}

// Limits are the requests and tokens a minute that were learnt; 0: none.
func (p *Pace) Limits() (rpm, tpm int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ration.rpm, p.ration.tpm
}
