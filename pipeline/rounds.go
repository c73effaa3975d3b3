package pipeline

import (
	"context"
	"fmt"

	"openarena/store"
)

// rounds has batch after batch judged where pairs are adaptive, until there is nothing to choose any more. No judge is at work
// between two of them.
func (r *Runner) rounds(ctx context.Context) {
	if !r.arena.adaptive() || !r.stages.Judge {
		return
	}
	for ctx.Err() == nil {
		more, err := r.nextBatch(ctx)
		if err != nil && ctx.Err() == nil {
			r.abort(fmt.Errorf("choosing the next battles: %w", err))
		}
		if err != nil || !more {
			return
		}
		r.feed(ctx, r.reopened())
		r.finishJudging()
	}
}

// reopened are the judges, ready for more.
func (r *Runner) reopened() (judges []*callee) {
	for _, bench := range r.benches {
		for _, s := range bench {
			s.generated = make(chan struct{})
			judges = append(judges, s.callee)
		}
	}
	return judges
}

// nextBatch chooses and records the next battles; false: there are none to choose, or those of the batch before wait for
// what this run could not do.
func (r *Runner) nextBatch(ctx context.Context) (bool, error) {
	frozen, err := r.store.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	next, err := r.arena.next(ctx, frozen, r.listings)
	frozen.Close()
	if err != nil || len(next.battles) == 0 {
		return false, err
	}
	var b store.Batch
	b.PutOnce(store.Batches, batchKey(next.number), nil, batchBody(next.battles))
	if _, err := r.store.Apply(r.saving, &b); err != nil {
		return false, err
	}
	was := r.wanted(next.battles)
	r.pairing.choose(next.battles)
	r.pairing.batches = next.number
	if !next.judged {
		r.live.grow(r.wanted(next.battles) - was)
	}
	return true, r.live.catchUp(ctx, next.battles)
}

// wanted is how many judgments the prompts of some battles want, before anything is said.
func (r *Runner) wanted(over []fixture) int64 {
	c := newCensus(r.pairing)
	for i, f := range over {
		if i > 0 && over[i-1].Prompt == f.Prompt {
			continue // they are sorted
		}
		s := newSheet(f.Prompt)
		for _, b := range r.pairing.of(f.Prompt) {
			for _, of := range [...]Side{b.A, b.B} { // texts that differ
				s.give(of, reply{Digest: sum[Digest](of.Contestant[:], []byte{byte(of.Sample >> 8), byte(of.Sample)})})
			}
		}
		c.see(s)
	}
	_, judge := c.totals()
	return judge.Wanted
}
