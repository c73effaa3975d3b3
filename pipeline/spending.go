package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openarena/configs"
	"openarena/providers"
	"openarena/store"
)

// UnpricedError refuses a budget of money for models whose price nobody knows.
type UnpricedError struct {
	Models []string // names, or model_ids of models that the file does not name any more
}

func (e *UnpricedError) Error() string {
	return fmt.Sprintf("budget: max_cost counts what every model costs, and no price is known of %s. Write price: {input: …, output: …} in USD per million "+
		"tokens beside it (0 for a server of your own), take a list with `openarena prices import FILE`, "+
		"or run with --allow-unknown-cost, which counts it as nothing", strings.Join(e.Models, ", "))
}

// openBudget counts what was ever spent.
func (r *Runner) openBudget(ctx context.Context) error {
	spent, unpriced, err := r.arena.spentEver(ctx, r.store, 0)
	if err != nil {
		return err
	}
	r.budget.spent = spent
	for _, c := range r.callees {
		m := c.model()
		c.reckoner.price, c.reckoner.unstated = m.Price, providers.UnstatedAnswer(m.Endpoint.Kind)
	}
	r.budget.unpriced = append(unpriced, r.unpriced()...)
	r.budget.file = r.arena.Config.Budget
	if err := r.SetBudget(r.budget.file); err != nil {
		return err
	}
	return r.joinCommons(ctx)
}

// unpriced are the models of this run whose price nobody knows.
func (r *Runner) unpriced() (names []string) {
	for _, c := range r.callees {
		if c.reckoner.price == nil && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

// SetBudget puts other limits in the place of those of the file, or of the call before. It may be called at any time; models
// that were stopped because their next call did not fit go on with the next run only. An *[UnpricedError] refuses a limit of
// costs that nobody can count.
func (r *Runner) SetBudget(limits configs.Budget) error {
	b := &r.budget
	if limits.MaxCost > 0 && len(b.unpriced) > 0 && !r.job.AllowUnknownCost {
		names := slices.Compact(slices.Sorted(slices.Values(b.unpriced)))
		return &UnpricedError{names}
	}
	b.mu.Lock()
	b.limits = limits
	b.mu.Unlock()
	r.watchTime()
	r.roomCame()
	return nil
}

// watchTime has a run end when its time is up.
func (r *Runner) watchTime() {
	b := &r.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if b.limits.MaxTime > 0 && !b.started.IsZero() && !b.closed {
		b.timer = time.AfterFunc(time.Until(b.started.Add(b.limits.MaxTime)), r.timeIsUp)
	}
}

// timeIsUp stops everybody; what is in flight is finished.
func (r *Runner) timeIsUp() {
	b := &r.budget
	b.mu.Lock()
	if b.late = !b.closed && b.limits.MaxTime > 0 && time.Since(b.started) >= b.limits.MaxTime; !b.late {
		b.mu.Unlock()
		return
	}
	b.mu.Unlock()
	for _, c := range r.callees {
		c.stop(b.reached(amount{}))
	}
}

// begin and close frame the time that counts.
func (r *Runner) beginBudget() {
	r.budget.mu.Lock()
	if r.budget.started.IsZero() { // else it began when all of those began who share the budget
		r.budget.started = time.Now()
	}
	r.budget.mu.Unlock()
	r.watchTime()
}

func (r *Runner) closeBudget() {
	r.budget.mu.Lock()
	r.budget.closed = true
	r.budget.mu.Unlock()
	r.watchTime()
}

// roomCame has all models look again that found no room.
func (r *Runner) roomCame() {
	r.budget.changes.Add(1)
	for _, e := range r.order {
		e.wakeUp()
	}
}

// afford reserves what a call may take. false: the task was put back, or its model was stopped.
func (e *endpoint) afford(c *callee, t *task, q *providers.Request) (hold, bool) {
	b := &e.run.budget
	h := c.reckoner.reckon(q)
	seen := b.changes.Load()
	room := b.reserve(h.worst)
	if room == short {
		room = e.run.draw(h.worst)
	}
	switch room {
	case granted:
		return h, true
	case never:
		c.stop(b.reached(h.worst))
	case later:
		e.mu.Lock()
		c.short = seen + 1
		e.mu.Unlock()
	}
	e.gate.Release(providers.Outcome{Kind: providers.Canceled})
	c.breaker.Canceled()
	e.finish(c, t, true)
	return h, false
}

// broke reports whether the callee found no room in the budget and nothing has changed since.
func (c *callee) broke() bool {
	return c.short > 0 && c.endpoint.run.budget.changes.Load() < c.short
}

// paid books a call that brought a reply.
func (r *Runner) paid(c *callee, h hold, u providers.Usage) {
	c.tally.served(u)
	r.settle(h, c.reckoner.took(h, u))
}

func (r *Runner) settle(h hold, took amount) {
	r.budget.settle(h.worst, took)
	if r.budget.limited() {
		r.roomCame()
	}
}

// fruitless books a call that brought nothing. It was made, so it counts as a call; where the server may have worked on it, it
// counts in tokens and cost as what it may have taken at worst.
func (r *Runner) fruitless(c *callee, t *task, h hold, err error) {
	failed, ok := errors.AsType[*providers.Error](err)
	if !ok { // given up by ourselves: the ledger books it
		r.ledger.lose()
		r.settle(h, amount{calls: 1})
		return
	}
	took := amount{calls: 1}
	kind, id := t.payer()
	var b store.Batch
	b.Add(totalKey(kind, id, countFailed), 1)
	if mayBeBilled(failed) {
		took = h.worst
		b.Add(totalKey(kind, id, countFailedInput), h.input)
		b.Add(totalKey(kind, id, countFailedOutput), h.output)
	}
	r.settle(h, took)
	if _, err := r.store.Apply(r.saving, &b); err != nil {
		r.abort(fmt.Errorf("saving what calls of %s failed: %w", c.name, err))
	}
	r.ledger.end() // not before it is on disk: else a crash could make it unsaid
}

// mayBeBilled reports whether a server may have worked on a call that failed.
func mayBeBilled(e *providers.Error) bool {
	switch e.Reason {
	case providers.ReasonTimeout, providers.ReasonIdle, providers.ReasonCut, providers.ReasonMalformed, providers.ReasonTooLarge, providers.ReasonAborted,
		providers.ReasonPromptCut:
		return true
	}
	return false
}

// payer is whose books a task's calls are in.
func (t *task) payer() (kind byte, id ID) {
	if t.verdict.Judge != (ID{}) {
		return 'j', t.verdict.Judge
	}
	return 'c', t.answer.Contestant
}
