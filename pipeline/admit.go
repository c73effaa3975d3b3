package pipeline

import "openarena/providers"

// admit waits until a call that has its slot may be sent. It ends with the run's readiness to start calls.
func (e *endpoint) admit(c *callee, r *providers.Request) (providers.Ticket, error) {
	prompt, answer := c.gauge.Guess(r)
	return e.gate.Admit(e.run.starting, prompt+answer)
}

// release gives the slot of a call back, with what it teaches of the server.
func (e *endpoint) release(c *callee, t providers.Ticket, r *providers.Reply, err error) {
	o := providers.OutcomeOf(err)
	o.Ticket = t
	if r != nil {
		o.Tokens, o.Output, o.Took, o.Model = r.Usage.Input+r.Usage.Output, r.Usage.Output, r.Took, c.name
	}
	e.gate.Release(o)
}
