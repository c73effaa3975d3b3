package pipeline

import (
	"errors"
	"time"

	"openarena/providers"
)

// pass is the leave to make a call: of the endpoint's limits, and of the model's.
type pass struct{ gate, pace providers.Ticket }

// admit waits until a call that has its slot may be sent. It ends with the run's readiness to start calls.
func (e *endpoint) admit(c *callee, t *task, r *providers.Request) (p pass, err error) {
	c.admitting.Add(1)
	defer c.admitting.Add(-1)
	prompt, answer := c.gauge.Guess(r)
	if err := e.unparked(c); err != nil {
		return p, err
	}
	if p.gate, err = e.gate.Admit(e.run.starting, prompt+answer); err == nil {
		p.pace = t.paced
		c.served.pace.Send(p.pace, prompt+answer)
	}
	return p, err
}

// unparked waits until a model may be called that was parked after its task had been chosen.
func (e *endpoint) unparked(c *callee) error {
	for {
		e.mu.Lock()
		wait := time.Until(c.served.parked)
		e.mu.Unlock()
		if wait <= 0 {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-c.stopped:
			timer.Stop()
			return errSettled
		case <-e.run.starting.Done():
			timer.Stop()
			return e.run.starting.Err()
		}
	}
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
