package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"openarena/providers"
)

// Unreachable is an endpoint to which no connection could be made.
type Unreachable struct {
	Endpoint string
	Lasting  bool // waiting will not help: see providers.Contact
	Err      error
}

// Preflight connects once to each endpoint, to all at once, and makes no call. It returns those that cannot be reached and
// still have work, in the order of the file. Where one is merely away the run may start all the same: it waits for it.
func (r *Runner) Preflight(ctx context.Context) ([]Unreachable, error) {
	found := make([]*Unreachable, len(r.order))
	var probes sync.WaitGroup
	for i, e := range r.order {
		probes.Go(func() { found[i] = e.probe(ctx) })
	}
	probes.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var all []Unreachable
	var pending map[calleeKey]int64
	for i, u := range found {
		if u == nil {
			continue
		}
		if pending == nil {
			var err error
			if pending, err = r.pending(ctx); err != nil {
				return nil, err
			}
		}
		if slices.ContainsFunc(r.order[i].callees, func(c *callee) bool { return pending[calleeKey{c.name, c.judging}] > 0 }) {
			all = append(all, *u)
		}
	}
	return all, nil
}

// probe is nil if a connection can be made.
func (e *endpoint) probe(ctx context.Context) *Unreachable {
	for _, l := range e.lines {
		contact, err := providers.Probe(ctx, address(l.settings))
		if err != nil && ctx.Err() == nil {
			named := fmt.Errorf("%s: %w", e.name, err)
			if failed, ok := errors.AsType[*providers.Error](err); ok {
				failed.Endpoint, named = e.name, failed
			}
			return &Unreachable{Endpoint: e.name, Lasting: contact.Lasting, Err: named}
		}
	}
	return nil
}

// pending counts what a run would ask of each model. It walks all of the database, which only a run that is in trouble has to
// wait for.
func (r *Runner) pending(ctx context.Context) (map[calleeKey]int64, error) {
	p, err := r.arena.pairingIn(ctx, r.store)
	if err != nil {
		return nil, err
	}
	c := newCensus(p)
	for s, err := range r.arena.sheets(ctx, r.store, r.listings, walkOptions{span: everything, verdicts: metas, failures: true}) {
		if err != nil {
			return nil, err
		}
		c.see(s)
	}
	all := map[calleeKey]int64{}
	for i, m := range r.arena.Contestants {
		all[calleeKey{m.Name, false}] = c.answers[i].toAsk()
	}
	for i, j := range r.arena.Judges {
		all[calleeKey{j.Name, true}] = c.verdicts[i].toAsk()
	}
	return all, nil
}

// toAsk is how much of it a run would still ask for.
func (c Count) toAsk() int64 { return c.Pending - c.blocked + c.again }

// calleeKey names a contestant or a judge, which may have one name.
type calleeKey struct {
	name    string
	judging bool
}
