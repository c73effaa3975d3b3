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

// BatchState is how far adaptive pairing is.
type BatchState uint8

const (
	// BatchWaiting: something is owed of the batches so far, or an answer is to come without which there is nothing to choose.
	BatchWaiting BatchState = iota
	// BatchRecorded: the next batch is in the database, and its judgments are wanted.
	BatchRecorded
	// BatchSettled: what the file wants to know is known; no more is asked for.
	BatchSettled
	// BatchExhausted: it is not, and no battle is left that could tell; so it is, too, where pairs are not adaptive.
	BatchExhausted
)

// NextBatch records the next battles to be judged, where pairs are adaptive and nothing is owed of those before. It is to be
// called when all other work is at an end, that on answers above all: it chooses among the answers that are there, and what it
// chooses is recorded for ever. Of several callers one records; they would all choose the same. Runners know of a batch if they
// are made after it was recorded.
func (a *Arena) NextBatch(ctx context.Context, s store.Store) (BatchState, error) {
	if !a.adaptive() {
		return BatchExhausted, nil
	}
	all, err := a.listings(ctx, s)
	if err != nil {
		return BatchWaiting, err
	}
	frozen, err := s.Snapshot(ctx)
	if err != nil {
		return BatchWaiting, err
	}
	next, state, err := a.next(ctx, frozen, all)
	frozen.Close()
	if err != nil || len(next.battles) == 0 {
		return [...]BatchState{waiting: BatchWaiting, choosing: BatchExhausted, settled: BatchSettled, exhausted: BatchExhausted}[state], err
	}
	return BatchRecorded, next.record(ctx, s)
}

// record saves a batch, unless one of its number is there.
func (b batch) record(ctx context.Context, s store.Store) error {
	var once store.Batch
	once.PutOnce(store.Batches, batchKey(b.number), nil, batchBody(b.battles))
	_, err := s.Apply(ctx, &once)
	return err
}

// nextBatch chooses and records the next battles; false: there are none to choose, or those of the batch before wait for
// what this run could not do.
func (r *Runner) nextBatch(ctx context.Context) (bool, error) {
	frozen, err := r.store.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	next, _, err := r.arena.next(ctx, frozen, r.listings)
	frozen.Close()
	if err != nil || len(next.battles) == 0 {
		return false, err
	}
	if err := next.record(r.saving, r.store); err != nil {
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
