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
	return true, r.take(ctx, next)
}

// take has the judges and the progress know of a batch.
func (r *Runner) take(ctx context.Context, next batch) error {
	was, err := r.wanted(ctx, next)
	if err != nil {
		return err
	}
	r.pairing.choose(next.battles)
	r.pairing.batches = next.number
	now, err := r.wanted(ctx, next)
	if err != nil {
		return err
	}
	r.live.grow(now - was)
	return r.live.catchUp(ctx, next.battles)
}

// wanted is how many judgments the prompts of a batch want, given what was said of their answers in other battles. What was
// judged before it was chosen is nothing to wait for, and counts 0.
func (r *Runner) wanted(ctx context.Context, of batch) (int64, error) {
	if of.judged {
		return 0, nil
	}
	c := newCensus(r.pairing)
	for i, f := range of.battles {
		if i > 0 && of.battles[i-1].Prompt == f.Prompt {
			continue // they are sorted
		}
		s, err := r.whole(ctx, f.Prompt)
		if err != nil {
			return 0, err
		}
		c.see(s)
	}
	_, judge := c.totals()
	return judge.Wanted, nil
}
