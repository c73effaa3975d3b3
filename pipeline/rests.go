package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"openarena/configs"
	"openarena/providers"
)

const (
	// hearEvery is how often a process at work asks what holds for all, where nothing else is said.
	hearEvery = time.Second
	// spreadFrom is the least rest that others are told of: a shorter one is over before they could hear.
	spreadFrom = time.Second
)

// goByAll has a run go by what holds for all until ctx ends.
func (r *Runner) goByAll(ctx context.Context, helpers *sync.WaitGroup) {
	if r.job.Commons == nil {
		return
	}
	helpers.Go(func() { r.listen(ctx) })
	for _, e := range r.order {
		if e.common != "" {
			helpers.Go(func() { e.borrow(ctx) })
		}
	}
}

// listen hears what holds for all while there is work.
func (r *Runner) listen(ctx context.Context) {
	heard := time.Now()
	for pause(ctx, hearEvery) {
		err := r.tend(r.saving, time.Now(), max(reportEvery, r.reporting))
		if err == nil && r.busy() && time.Since(heard) >= r.hearing {
			var word Word
			if word, err = r.job.Commons.Hear(ctx); err == nil {
				heard, r.hearing, r.reporting = time.Now(), word.Again, word.Report
				err = r.follow(word)
			}
		}
		if err != nil && ctx.Err() == nil {
			r.abort(err)
			return
		}
	}
}

// pause waits; false: ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// busy reports whether anything is queued, delayed or in flight.
func (r *Runner) busy() bool {
	for _, e := range r.order {
		e.mu.Lock()
		busy := false
		for _, c := range e.callees {
			busy = busy || len(c.queue)+len(c.delayed)+c.flying > 0
		}
		e.mu.Unlock()
		if busy {
			return true
		}
	}
	return false
}

// follow is heed, for a run that is under way.
func (r *Runner) follow(w Word) error {
	if !r.heed(w) {
		return nil
	}
	s := r.budget.share
	s.asking <- struct{}{}
	defer func() { <-s.asking }()
	err := r.budget.account(r.saving, amount{}, func(*share) Amount { return Amount{} })
	r.roomCame()
	return err
}

// heed goes by what holds for all. It reports whether the budget is another one, of which nothing is reserved yet.
func (r *Runner) heed(w Word) (rebudgeted bool) {
	for _, e := range r.order {
		if m, ok := w.Minutes[e.common]; ok {
			e.keepTo(m)
		}
	}
	for _, rest := range w.Rests {
		for _, e := range r.order {
			if e.common == rest.Endpoint && rest.Endpoint != "" {
				e.hear(rest)
			}
		}
	}
	b := &r.budget
	b.mu.Lock()
	if b.started.IsZero() {
		b.started = time.Now().Add(-w.Elapsed)
	}
	rebudgeted = b.limits != w.Budget
	b.limits = w.Budget
	b.mu.Unlock()
	if rebudgeted {
		r.watchTime()
	}
	return rebudgeted
}

// keepTo puts a limit of a minute in the place of the one in force, if it is another.
func (e *endpoint) keepTo(m Minute) {
	now := e.gate.State().Limits
	if now.RPM != m.RPM || now.TPM != m.TPM {
		e.limit(Limits{RPM: &m.RPM, TPM: &m.TPM})
	}
}

// hear has an endpoint, or a model of it, rest because another process was asked to.
func (e *endpoint) hear(rest Rest) {
	until := time.Now().Add(rest.For)
	e.mu.Lock()
	var of []*served
	for id, s := range e.models {
		if rest.ModelID == "" || rest.ModelID == id {
			of = append(of, s)
		}
	}
	news := false
	if rest.ModelID == "" {
		news = extend(&e.allRest, until)
	}
	for _, s := range of {
		news = rest.ModelID != "" && extend(&s.spread, until) || news
	}
	e.mu.Unlock()
	switch {
	case !news:
	case rest.For > quotaFrom && !e.run.job.Wait:
		e.useUp(of, rest.For)
	case rest.ModelID == "":
		e.gate.Pause(until)
		e.run.happened(Event{What: EventPaused, Endpoint: e.name, Until: until, Reason: providers.ReasonRateLimit, Detail: "another worker was asked to"})
	default:
		for _, s := range of {
			e.rest(s, until)
			e.run.happened(Event{What: EventParked, Endpoint: e.name, Model: s.name, Until: until, Reason: providers.ReasonRateLimit, Detail: "another worker was asked to"})
		}
	}
}

// extend moves a time to a later one, if it is later by more than clocks and networks make of one and the same.
func extend(was *time.Time, t time.Time) bool {
	if t.Sub(*was) <= spreadFrom/2 {
		return false
	}
	*was = t
	return true
}

// useUp gives models up whose quota another process has found used up.
func (e *endpoint) useUp(of []*served, wait time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.callees {
		for _, s := range of {
			if c.served == s {
				told := &providers.Error{Class: providers.Overloaded, After: wait, Endpoint: e.name, Err: errors.New("another worker was told that the quota is used up")}
				c.stopLocked(quota(told, time.Now()))
			}
		}
	}
}

// spread tells all of a rest that a server has asked for.
func (e *endpoint) spread(c *callee, err error) {
	failed, ok := errors.AsType[*providers.Error](err)
	if e.common == "" || !ok || failed.Class != providers.Overloaded || failed.After < spreadFrom {
		return
	}
	now := time.Now()
	rest := Rest{Endpoint: e.common, ModelID: c.served.id, For: failed.After}
	known := &c.served.spread
	if failed.After < parkFrom { // of many calls: all of the endpoint, or nothing
		paused := e.gate.State().PausedUntil
		rest.ModelID, rest.For, known = "", paused.Sub(now), &e.allRest
	}
	e.mu.Lock()
	news := rest.For >= spreadFrom/2 && extend(known, now.Add(rest.For))
	e.mu.Unlock()
	if !news {
		return
	}
	if err := e.run.job.Commons.Rest(e.run.saving, rest); err != nil {
		e.run.abort(fmt.Errorf("tell all that %s rests: %w", e.name, err))
	}
}

// wake ends what all know of the rests of an endpoint.
func (r *Runner) wake(e *endpoint) error {
	if e.common == "" {
		return nil
	}
	err := r.job.Commons.Wake(r.opening, e.common)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.allRest = time.Time{}
	for _, s := range e.models {
		s.spread = time.Time{}
	}
	return err
}

// limitAll states the limits of an endpoint for all.
func (r *Runner) limitAll(e *endpoint) error {
	if e.common == "" {
		return nil
	}
	l := e.gate.State().Limits
	return r.job.Commons.Limit(r.opening, e.common, Minute{l.RPM, l.TPM})
}

// budgetAll states the budget for all.
func (r *Runner) budgetAll(b configs.Budget) error {
	if r.job.Commons == nil {
		return nil
	}
	if err := r.job.Commons.Budget(r.opening, b); err != nil {
		return err
	}
	r.budget.share.asking <- struct{}{}
	defer func() { <-r.budget.share.asking }()
	return r.budget.account(r.opening, amount{}, func(*share) Amount { return Amount{} })
}

// borrow lends the gate of an endpoint what it needs of a minute that all share.
func (e *endpoint) borrow(ctx context.Context) {
	for ctx.Err() == nil {
		w := e.gate.Want()
		if w.Requests == 0 && len(w.Back) == 0 {
			select {
			case <-e.gate.Needy():
			case <-time.After(hearEvery):
			case <-ctx.Done():
			}
			continue
		}
		asked := time.Now()
		block, err := e.run.job.Commons.Borrow(ctx, e.common, w)
		if err != nil {
			if ctx.Err() == nil {
				e.run.abort(fmt.Errorf("ask for the next calls to %s: %w", e.name, err))
			}
			return
		}
		if w.Requests == 0 {
			continue
		}
		block.Until = asked.Add(block.Use)
		e.gate.Lend(block)
		if block.Requests == 0 {
			again := min(max(block.Again, 20*time.Millisecond), hearEvery)
			pause(ctx, again+rand.N(again/4+1)) // not all at once
		}
	}
}

// leaveCommons gives back what was reserved.
func (r *Runner) leaveCommons(ctx context.Context) error {
	if r.job.Commons == nil {
		return nil
	}
	return r.budget.account(ctx, amount{}, func(*share) Amount { return Amount{} })
}
