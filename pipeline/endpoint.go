package pipeline

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"

	"openarena/configs"
	"openarena/providers"
)

// endpoint is one address with one key: one queue and one gate for all the models behind it.
type endpoint struct {
	run   *Runner
	name  string
	lines []line
	gate  *providers.Gate
	calls sync.WaitGroup // in flight, or on the way to the disk

	mu          sync.Mutex
	callees     []*callee
	uncommitted int  // replies on the way to the disk
	closed      bool // no new calls
	wake        chan struct{}
}

// endpointKey tells endpoints apart: names do not matter.
type endpointKey struct{ url, key string }

func (r *Runner) endpoint(c configs.Endpoint) *endpoint {
	key := endpointKey{c.URL, c.APIKey.Reveal()}
	if e := r.endpoints[key]; e != nil {
		return e
	}
	e := &endpoint{run: r, name: c.Name, gate: providers.NewGate(c.Concurrency), wake: make(chan struct{}, 1)}
	r.endpoints[key] = e
	r.order = append(r.order, e)
	return e
}

// line is a client and the settings it was made from.
type line struct {
	settings configs.Endpoint
	client   providers.Client
}

// connect returns a client for one of the names that point here. They share connections unless their settings differ, as
// headers may.
func (e *endpoint) connect(c configs.Endpoint) (providers.Client, error) {
	settings := c
	settings.Name, settings.Concurrency = "", 0
	for _, l := range e.lines {
		if reflect.DeepEqual(l.settings, settings) {
			return l.client, nil
		}
	}
	client, err := e.run.connect(providers.Endpoint{
		Name: c.Name, URL: c.URL, Kind: c.Kind, Key: c.APIKey, Auth: c.Auth, Headers: c.Headers,
		Timeout: c.Timeout, IdleTimeout: c.IdleTimeout, Connections: c.Concurrency,
	})
	if err == nil {
		e.lines = append(e.lines, line{settings, client})
	}
	return client, err
}

// slots is how many calls may be in flight now.
func (e *endpoint) slots() int { return max(e.gate.State().Limit, 1) }

// wakeUp tells the dispatcher that something changed.
func (e *endpoint) wakeUp() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// dispatch starts calls until ctx ends: judgments before answers, and of these the one with the least prompt hash, so
// that all models work on the same prompts and keys arrive almost in order.
func (e *endpoint) dispatch(ctx context.Context) {
	for {
		if e.gate.Acquire(ctx) != nil {
			return
		}
		c, t := e.next(ctx)
		if t == nil {
			e.gate.Release(providers.Outcome{Kind: providers.Canceled})
			return
		}
		e.calls.Add(1)
		go func() {
			defer e.calls.Done()
			e.call(c, t)
		}()
	}
}

// next waits for a task that may be called now.
func (e *endpoint) next(ctx context.Context) (*callee, *task) {
	for {
		c, t, wait := e.pick()
		if t != nil {
			return c, t
		}
		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-e.wake:
		case <-timer:
		case <-ctx.Done():
			return nil, nil
		}
	}
}

// pick takes the best task. If there is none, wait is when a model that is given a rest may be probed; 0: unknown.
func (e *endpoint) pick() (best *callee, t *task, wait time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	// What is not yet on disk is bounded, so that a slow disk slows the calls down.
	if e.closed || e.uncommitted >= 2*e.slots() {
		return nil, nil, 0
	}
	for _, c := range e.callees {
		c.resting = false
	}
	for {
		best = nil
		for _, c := range e.callees {
			if c.ready() && (best == nil || c.before(best)) {
				best = c
			}
		}
		if best == nil {
			return nil, nil, wait
		}
		ok, rest := best.breaker.Allow()
		if ok {
			break
		}
		best.resting = true
		// A dead model names no time: its queue is about to be dropped, and must not hide when another is due.
		if rest > 0 && (wait == 0 || rest < wait) {
			wait = rest
		}
	}
	t, best.queue = best.queue[0], best.queue[1:]
	best.flying++
	best.nudge()
	return best, t, 0
}

// unproven is how many calls a model may have in flight before its first answer: enough to fill most servers, and all
// that is wasted on one that never answers.
const unproven = 48

// ready reports whether a task of the callee may be picked.
func (c *callee) ready() bool {
	return len(c.queue) > 0 && !c.resting && (c.answered || c.flying < unproven)
}

// before orders callees by the heads of their queues.
func (c *callee) before(d *callee) bool {
	if c.judging != d.judging {
		return c.judging
	}
	a, b := c.queue[0].prompt, d.queue[0].prompt
	return string(a[:]) < string(b[:])
}

// call makes one call for a task and decides what comes next.
func (e *endpoint) call(c *callee, t *task) {
	r := e.run
	request, err := c.prepare(r.saving, t)
	if err == nil {
		err = r.calling.Err()
	}
	if err == nil {
		err = r.ledger.begin(r.saving)
	}
	if err != nil {
		e.gate.Release(providers.Outcome{Kind: providers.Canceled})
		c.breaker.Canceled()
		e.finish(c, t, false)
		if !errors.Is(err, errSettled) && r.calling.Err() == nil {
			r.abort(err)
		}
		return
	}
	reply, err := c.client.Chat(r.calling, request)
	if err != nil {
		e.gate.Release(providers.OutcomeOf(err))
		e.failed(c, t, err)
		return
	}
	c.breaker.Success()
	e.arrived(c)
	e.gate.Release(providers.Outcome{Kind: providers.Success})
	err = c.save(r.saving, t, reply)
	e.committed()
	r.ledger.end()
	c.tally.served(reply.Usage)
	again := false
	if err == nil {
		again, err = c.follow(r.saving, t)
	}
	if err != nil {
		r.abort(err)
	}
	e.finish(c, t, again && err == nil)
}

// arrived counts a reply that is on its way to the disk.
func (e *endpoint) arrived(c *callee) {
	e.mu.Lock()
	e.uncommitted++
	c.answered = true
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
	c.pending().Done()
}

// failed decides what becomes of a task whose call failed.
func (e *endpoint) failed(c *callee, t *task, err error) {
	var failed *providers.Error
	if !errors.As(err, &failed) { // our own shutdown: the task stays wanted
		e.run.ledger.lose()
		c.breaker.Canceled()
		e.finish(c, t, false)
		return
	}
	e.run.ledger.end()
	c.tally.errors.Add(1)
	c.breaker.Failure(failed)
	switch failed.Class {
	case providers.Overloaded:
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
		if !t.adapted && c.adapt(e.run.saving, failed) {
			t.adapted = true
			e.finish(c, t, true)
			return
		}
		e.giveUp(c, t, failed)
	default:
		e.giveUp(c, t, failed)
	}
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

// close drops what waits; what is in flight goes on.
func (e *endpoint) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for _, c := range e.callees {
		c.drop()
	}
	e.wakeUp()
}
