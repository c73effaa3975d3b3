package pipeline

import (
	"context"
	"fmt"

	"openarena/store"
)

// rounds has batch after batch judged where pairs are adaptive, until there is nothing to choose any more. No judge is at work
// between two of them.
func (r *Runner) rounds(ctx context.Context) {
	if !r.arena.adaptive() || !r.job.Judge {
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

// take has the judges, and the progress, know of a batch.
func (r *Runner) take(ctx context.Context, next batch) error {
	was, now := newCensus(r.pairing), newCensus(r.pairing)
	for all := next.battles; len(all) > 0; {
		var over []fixture
		over, all = onePrompt(all)
		s, err := r.whole(ctx, over[0].Prompt)
		if err != nil {
			return err
		}
		was.see(s)
		r.pairing.choose(over)
		now.see(s)
		r.live.catchUp(s, over)
	}
	r.pairing.batches = next.number
	r.live.grow(now.left() - was.left())
	return nil
}

// left is how many judgments are to come.
func (c *census) left() int64 {
	_, judge := c.totals()
	return judge.Pending + judge.again
}
