package pipeline

import (
	"context"
	"slices"
	"time"

	"openarena/providers"
)

// dispatch starts calls until ctx ends: judgments before answers, and of these the one with the least prompt hash, so
// that all models work on the same prompts and keys arrive almost in order. A slot is taken only when there is work for
// it, and used at once: one that waits could outlast the beginning of a pause.
func (e *endpoint) dispatch(ctx context.Context) {
	calls := make(chan call)
	defer close(calls)
	for e.await(ctx) && e.gate.Acquire(ctx) == nil {
		c, t, wait := e.pick()
		if t == nil {
			e.gate.Release(providers.Outcome{Kind: providers.Canceled})
			e.sleep(ctx, wait)
			continue
		}
		e.calls.Add(1)
		select {
		case calls <- call{c, t}:
		default: // nobody is free
			go e.work(call{c, t}, calls)
		}
	}
}

// call is a task that has its slot.
type call struct {
	callee *callee
	task   *task
}

// work makes one call after the other: a goroutine that has made one has the stack for the next.
func (e *endpoint) work(first call, more <-chan call) {
	for c, ok := first, true; ok; c, ok = <-more {
		e.call(c.callee, c.task)
		e.calls.Done()
	}
}

// await waits until something is queued; false: ctx ended.
func (e *endpoint) await(ctx context.Context) bool {
	for ctx.Err() == nil {
		if e.queued() {
			return true
		}
		e.sleep(ctx, 0)
	}
	return false
}

func (e *endpoint) queued() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.ContainsFunc(e.callees, func(c *callee) bool { return len(c.queue) > 0 })
}

// sleep waits for a change, at most for wait; 0: however long it takes.
func (e *endpoint) sleep(ctx context.Context, wait time.Duration) {
	var timer <-chan time.Time
	if wait > 0 {
		timer = time.After(wait)
	}
	select {
	case <-e.wake:
	case <-timer:
	case <-ctx.Done():
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
		rest := c.served.rest()
		if c.resting = rest > 0; c.resting && len(c.queue) > 0 && (wait == 0 || rest < wait) {
			wait = rest
		}
	}
	e.summon()
	for {
		if best = e.best(); best == nil {
			if e.change() {
				continue
			}
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
	t = best.take()
	t.paced = best.served.pace.Charge()
	best.flying++
	e.shift.served++
	best.nudge()
	return best, t, 0
}

// take takes the head of the queue. A model that is probed gets the first of the tasks that have failed least: else prompts
// on which it crashes, and which come back to the head, would have it taken for dead.
func (c *callee) take() *task {
	place := 0
	if c.breaker.Open() {
		for i, t := range c.queue {
			if t.tries < c.queue[place].tries {
				place = i
			}
		}
	}
	t := c.queue[place]
	if place == 0 {
		c.queue = c.queue[1:]
	} else {
		c.queue = slices.Delete(c.queue, place, place+1)
	}
	return t
}

// unproven is how many calls a model may have in flight before its first answer: enough to fill most servers, and all
// that is wasted on one that never answers.
const unproven = 48

// ready reports whether a task of the callee may be picked.
func (c *callee) ready() bool {
	return len(c.queue) > 0 && c.stock == inStock && !c.resting && !c.broke() && (c.answered || c.flying < unproven)
}

// before orders callees by the heads of their queues.
func (c *callee) before(d *callee) bool {
	if c.judging != d.judging {
		return c.judging
	}
	if c.endpoint.run.job.Parts { // which lie anywhere: who has waited longest is next, so that no part waits for another's end
		return c.queue[0].due.Before(d.queue[0].due)
	}
	a, b := c.queue[0].prompt, d.queue[0].prompt
	return string(a[:]) < string(b[:])
}
