package pipeline

import (
	"errors"
	"net/http"
	"time"

	"openarena/providers"
)

// call makes one call for a task and decides what comes next.
func (e *endpoint) call(c *callee, t *task) {
	r := e.run
	paced := t.paced
	s, ok := e.begin(c, t)
	if !ok {
		c.served.pace.Cancel(paced)
		return
	}
	started, ended := time.Now(), e.pace.begin(c.judging)
	reply, err := c.client.Chat(r.calling, s.request)
	ended(err == nil)
	e.observe(c, t, s.request, started, reply, err)
	if err != nil {
		// What the failure teaches (no json_schema, a key that is refused) must hold for the call that gets this slot.
		e.failed(c, t, err)
		e.release(c, s.ticket, nil, err)
		e.observePause(c, err)
		e.spread(c, err)
		r.fruitless(c, t, s.held, err)
		return
	}
	c.breaker.Success()
	c.learnt.named(r.saving, s.request.Model, reply.Model)
	c.gauge.Learn(s.request, reply.Usage)
	e.arrived(c)
	e.release(c, s.ticket, reply, nil)
	err = c.save(r.saving, t, reply)
	e.committed()
	r.ledger.end()
	r.paid(c, s.held, reply.Usage)
	again := false
	if err == nil {
		again, err = c.follow(r.saving, t)
	}
	if err != nil {
		r.abort(err)
	}
	e.finish(c, t, again && err == nil)
}

// sending is a call that may be made.
type sending struct {
	request *providers.Request
	held    hold
	ticket  pass
}

// begin gets a task's call ready: what it says, what it may cost, and a place within the limits of its endpoint. false: there
// is no call to make, and all that was to be done about it is done.
func (e *endpoint) begin(c *callee, t *task) (s sending, ok bool) {
	r := e.run
	var err error
	if s.request, err = c.prepare(r.saving, t); err == nil {
		c.learnt.apply(t, s.request)
		if s.held, ok = e.afford(c, t, s.request); !ok {
			return s, false
		}
		if s.ticket, err = e.admit(c, t, s.request); err == nil {
			err = r.calling.Err()
		}
		if err == nil {
			err = r.ledger.begin(r.saving)
		}
		if err == nil {
			return s, true
		}
		r.settle(s.held, amount{})
	}
	e.gate.Release(providers.Outcome{Kind: providers.Canceled, Ticket: s.ticket.gate})
	c.breaker.Canceled()
	e.finish(c, t, errors.Is(err, errParked))
	if !errors.Is(err, errSettled) && !errors.Is(err, errParked) && e.starting(t).Err() == nil {
		r.abort(err)
	}
	return s, false
}

// arrived counts a reply that is on its way to the disk.
func (e *endpoint) arrived(c *callee) {
	e.mu.Lock()
	e.uncommitted++
	c.answered, c.denied = true, 0
	e.mu.Unlock()
	e.wakeUp() // a first answer lets more calls of its model start
}

func (e *endpoint) committed() {
	e.mu.Lock()
	e.uncommitted--
	e.mu.Unlock()
	e.wakeUp()
}

// finish takes a task out of the count of those that fly; again: it goes back to the head of its queue.
func (e *endpoint) finish(c *callee, t *task, again bool) {
	e.mu.Lock()
	c.flying--
	e.mu.Unlock()
	if again {
		c.later(t, 0)
		return
	}
	e.wakeUp()
	c.counted(t).Done()
}

// failed decides what becomes of a task whose call failed.
func (e *endpoint) failed(c *callee, t *task, err error) {
	var failed *providers.Error
	if !errors.As(err, &failed) { // our own shutdown: the task stays wanted
		c.breaker.Canceled()
		e.finish(c, t, false)
		return
	}
	c.tally.wrong(failed)
	if e.refetch(c, failed) {
		c.breaker.Canceled()
		e.finish(c, t, true)
		return
	}
	failed = e.ofOne(c, failed)
	c.breaker.Failure(failed)
	switch failed.Class {
	case providers.Overloaded:
		if over := e.park(c, failed); over != nil {
			c.stop(over)
			e.finish(c, t, false)
			return
		}
		t.refusals++
		e.again(c, t, failed, t.refusals, maxRefusals)
	case providers.Temporary:
		t.tries++
		e.again(c, t, failed, t.tries, maxTries)
		if c.breaker.Dead() {
			c.stop(failed)
		}
	case providers.Refused:
		e.refused(c, failed)
		e.finish(c, t, false)
	case providers.Unsupported:
		if failed.Param == providers.ParamContext || c.adapt(e.run.saving, t, failed) {
			e.finish(c, t, true)
			return
		}
		e.giveUp(c, t, failed)
	default:
		e.giveUp(c, t, failed)
	}
}

// maxDenied is how many calls in a row may be forbidden before that is taken to be the key's fault.
const maxDenied = 10

// ofOne makes a 403 the matter of one request where the same key was good for others: a filter before the server may
// forbid a single prompt.
func (e *endpoint) ofOne(c *callee, failed *providers.Error) *providers.Error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if failed.Status != http.StatusForbidden || failed.Class != providers.Refused || !c.answered || c.denied >= maxDenied {
		return failed
	}
	c.denied++
	one := *failed
	one.Class, one.Reason = providers.Rejected, providers.ReasonForbidden
	one.Hint = "the same key was good for other prompts, so this one may have been filtered"
	return &one
}

// again has a task wait for its next try, or gives it up.
func (e *endpoint) again(c *callee, t *task, failed *providers.Error, n, limit int) {
	if n >= limit {
		e.giveUp(c, t, failed)
		return
	}
	e.mu.Lock()
	c.flying--
	e.mu.Unlock()
	e.wakeUp()
	c.later(t, providers.Backoff(n, failed.After))
}

// giveUp records a failure: for good where the request itself is at fault.
func (e *endpoint) giveUp(c *callee, t *task, failed *providers.Error) {
	c.tally.failed.Add(1)
	permanent := failed.Class == providers.Rejected || failed.Class == providers.Unsupported
	t.stint.gaveUp(t, permanent)
	err := c.fail(e.run.saving, t, failure{Permanent: permanent, Reason: failed.Reason, Message: failed.Error(), Tries: uint8(t.tries + t.refusals)})
	if err != nil {
		e.run.abort(err)
	}
	e.finish(c, t, false)
}

// refused stops the model, or all models of the endpoint where the key is at fault.
func (e *endpoint) refused(c *callee, failed *providers.Error) {
	if failed.Reason == providers.ReasonModel {
		c.stop(failed)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.callees {
		c.stopLocked(failed)
	}
}
