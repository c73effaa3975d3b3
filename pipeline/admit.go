package pipeline

import (
	"errors"
	"time"

	"openarena/providers"
)

// pass is the leave to make a call: of the endpoint's limits, and of the model's.
type pass struct{ gate, pace providers.Ticket }

// errParked: the model was parked after its task had been chosen, which goes back to the queue.
var errParked = errors.New("its server wants no call of this model now")

// admit waits until a call that has its slot may be sent. It ends with the run's readiness to start calls.
func (e *endpoint) admit(c *callee, t *task, r *providers.Request) (p pass, err error) {
	c.admitting.Add(1)
	defer c.admitting.Add(-1)
	prompt, answer := c.gauge.Guess(r)
	if e.parked(c) {
		return p, errParked
	}
	if p.gate, err = e.gate.Admit(e.starting(t), prompt+answer); err != nil {
		return p, err
	}
	if e.parked(c) { // while the call waited for its tokens
		return p, errParked
	}
	p.pace = t.paced
	c.served.pace.Send(p.pace, prompt+answer)
	return p, nil
}

func (e *endpoint) parked(c *callee) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return time.Now().Before(c.served.parked)
}

// release gives the slot of a call back, with what it teaches of the server.
func (e *endpoint) release(c *callee, p pass, r *providers.Reply, err error) {
	o := providers.OutcomeOf(err)
	o.Ticket = p.gate
	switch {
	case r != nil:
		o.Tokens, o.Output, o.Took, o.Model = r.Usage.Input+r.Usage.Output, r.Usage.Output, r.Took, c.name
		c.served.pace.Learn(r.Rates)
		c.served.pace.Settle(p.pace, o.Tokens)
	case o.Kind == providers.Shed:
		if e.alone(err) {
			o.Kind = providers.Canceled
		}
		c.served.pace.Settle(p.pace, 0)
	}
	if failed, ok := errors.AsType[*providers.Error](err); ok {
		c.served.pace.Learn(failed.Rates)
	}
	e.gate.Release(o)
}
