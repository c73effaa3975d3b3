package pipeline

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"openarena/store"
)

// judgeStage asks one judge for its missing judgments. They come to its queue in two ways: at once, when the second
// answer of a battle is committed, and from a walk over the database, which finds what was ready before, or found the
// queue full. A claim keeps the two from asking twice.
type judgeStage struct {
	*callee
	run       *Runner
	judge     *Judge
	claims    *claims
	later     []*judgeStage // those that may be wanted because of what this judge says
	generated chan struct{} // closed when nothing more comes that could make a judgment wanted: answers, and earlier judges
	skipped   gap           // what found the queue full: a walk has to follow
	rung      atomic.Value  // string: how structured output is asked for
	quality   quality
}

// feed walks the database for judgments whose answers are there: once at the start, and again over those prompts that
// found the queue full.
func (j *judgeStage) feed(ctx context.Context) error {
	for s, ok := everything, true; ok; s, ok = j.rest(ctx) {
		if err := j.walk(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// rest waits until there is room for what was skipped, and returns where that lies; false: nothing more can come, or the
// judge was stopped, or the run.
func (j *judgeStage) rest(ctx context.Context) (span, bool) {
	for {
		ended := false
		select {
		case <-j.generated:
			ended = true
		default:
		}
		if ended || j.halfEmpty() {
			if s, ok := j.skipped.take(); ok {
				return s, true
			}
		}
		if ended {
			return span{}, false
		}
		select {
		case <-j.generated:
		case <-j.room:
		case <-j.stopped:
			return span{}, false
		case <-ctx.Done():
			return span{}, false
		}
	}
}

func (j *judgeStage) halfEmpty() bool {
	j.endpoint.mu.Lock()
	defer j.endpoint.mu.Unlock()
	return len(j.queue) <= j.queueSize()/2
}

// window is how many prompts each core looks at before what was found is offered.
const window = 128

// walk offers what is missing of the prompts of a span.
func (j *judgeStage) walk(ctx context.Context, part span) error {
	r := j.run
	few := window * min(runtime.GOMAXPROCS(0), 4)
	prompts := make([]wanted, 0, few)
	for w, err := range r.arena.wanted(ctx, r.store, r.listings, part) {
		if err != nil {
			return err
		}
		if prompts = append(prompts, w); len(prompts) < few {
			continue
		}
		if on, err := j.search(ctx, prompts); err != nil || !on {
			return err
		}
		prompts = prompts[:0]
	}
	_, err := j.search(ctx, prompts)
	return err
}

// search offers what is missing of a few prompts in hash order; false: nothing is taken any more.
func (j *judgeStage) search(ctx context.Context, prompts []wanted) (bool, error) {
	parts := slices.Collect(slices.Chunk(prompts, window))
	found, failed := make([][]*task, len(parts)), make([]error, len(parts))
	var looking sync.WaitGroup
	for i, part := range parts {
		looking.Go(func() { found[i], failed[i] = j.missing(ctx, part) })
	}
	looking.Wait()
	if err := errors.Join(failed...); err != nil {
		return false, err
	}
	for _, t := range slices.Concat(found...) {
		if on, err := j.claim(ctx, t); err != nil || !on {
			return on, err
		}
	}
	return true, nil
}

// claim offers a task that a walk found, if nobody has it yet; false: nothing is taken any more.
func (j *judgeStage) claim(ctx context.Context, t *task) (bool, error) {
	if !j.claims.take(t.verdict) {
		return true, nil
	}
	settled, err := j.settled(ctx, t)
	if err != nil {
		return false, err
	}
	if settled {
		j.claims.release(t.verdict)
		return true, nil
	}
	return j.offer(ctx, t), nil
}

// missing are the judgments of a few prompts in hash order that can be asked for. They are found in a state frozen for so
// long only, which costs no copies and does not last while the queue is full.
func (j *judgeStage) missing(ctx context.Context, prompts []wanted) (tasks []*task, err error) {
	frozen, err := j.run.store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer frozen.Close()
	part := span{prompts[0].Prompt, prompts[len(prompts)-1].Prompt}
	want := walkOptions{span: part, verdicts: keys, failures: true}
	if j.run.pairing.panel.grows {
		want.verdicts = metas
	}
	join := newJoin(ctx, frozen, want)
	defer join.close()
	s := newSheet(Hash{})
	for i := range prompts {
		s.wanted = prompts[i]
		if err := join.fill(s); err != nil {
			return nil, err
		}
		tasks = j.ready(s, tasks)
	}
	return tasks, nil
}

// ready appends the judgments of one prompt that can be asked for.
func (j *judgeStage) ready(s *sheet, tasks []*task) []*task {
	for key, w := range j.run.pairing.askable(s) {
		if w.judge.Place != j.judge.Place || s.has(key) {
			continue
		}
		f, failed := s.failure(key.bytes)
		if f.Permanent {
			continue
		}
		tasks = append(tasks, &task{prompt: s.Prompt, verdict: key, failed: failed})
	}
	return tasks
}

// settled looks once more, now that the claim is ours: what a walk saw may be old. A judgment is settled by a verdict, or
// by a failure for good.
func (j *judgeStage) settled(ctx context.Context, t *task) (bool, error) {
	key := t.verdict.bytes()
	_, err := j.run.store.Get(ctx, store.Verdicts, key, store.KeyOnly)
	if !errors.Is(err, store.ErrNotFound) {
		return err == nil, err
	}
	rec, err := j.run.store.Get(ctx, store.Failures, key, store.WithMeta)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	t.failed = true
	f, err := parseFailure(rec.Meta, nil)
	return f.Permanent, err
}

// answered offers the battles that a new answer completes. What finds no room is left to the next walk.
func (j *judgeStage) answered(ctx context.Context, answer AnswerKey) error {
	side := Side{answer.Contestant, answer.Sample}
	if p := j.run.pairing; p.alone && p.panel.grows {
		s, err := j.run.whole(ctx, answer.Prompt)
		if err != nil {
			return err
		}
		return j.tryAll(ctx, s)
	}
	s, err := j.run.blank(ctx, answer.Prompt)
	if err != nil {
		return err
	}
	grows := j.run.pairing.panel.grows
	for _, b := range j.run.pairing.of(answer.Prompt) {
		if b.A != side && b.B != side {
			continue
		}
		if grows { // what was said of it before decides what it wants now
			s.clear()
			err = s.readSaid(ctx, j.run.store, b)
		}
		if err == nil {
			err = s.readAnswers(ctx, j.run.store, b)
		}
		if err == nil && grows {
			err = j.tryAll(ctx, s)
		}
		if err != nil {
			return err
		}
	}
	if grows {
		return nil
	}
	return j.tryAll(ctx, s)
}

// tryAll offers what is missing of a sheet, as far as there is room.
func (j *judgeStage) tryAll(ctx context.Context, s *sheet) error {
	for _, t := range j.ready(s, nil) {
		if err := j.tryTask(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (j *judgeStage) tryTask(ctx context.Context, t *task) error {
	if !j.claims.take(t.verdict) {
		return nil
	}
	settled, err := j.settled(ctx, t)
	if err != nil {
		return err
	}
	if settled || j.tryOffer(t) != queued {
		j.claims.release(t.verdict)
		if !settled {
			j.skipped.widen(t.prompt)
			j.nudge() // the room may have come between the two
		}
	}
	return nil
}
