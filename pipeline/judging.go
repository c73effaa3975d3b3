package pipeline

import (
	"context"
	"errors"
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
	generated chan struct{} // closed when no more answers come
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

func (j *judgeStage) walk(ctx context.Context, part span) error {
	r := j.run
	for s, err := range r.arena.sheets(ctx, r.store, r.listings, walkOptions{span: part, verdicts: keys, failures: true}) {
		if err != nil {
			return err
		}
		for _, t := range j.ready(s) {
			if !j.claims.take(t.verdict) {
				continue
			}
			settled, err := j.settled(ctx, t)
			if err != nil {
				return err
			}
			if settled {
				j.claims.release(t.verdict)
				continue
			}
			if !j.offer(ctx, t) {
				return nil
			}
		}
	}
	return nil
}

// ready are the judgments of one prompt that can be asked for.
func (j *judgeStage) ready(s *sheet) (tasks []*task) {
	for key, w := range j.run.pairing.askable(s) {
		if w.judge.Place != j.judge.Place {
			continue
		}
		f, _ := s.failure(key.bytes)
		if _, done := s.verdict(key); done || f.Permanent {
			continue
		}
		tasks = append(tasks, &task{prompt: s.Prompt, verdict: key})
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
	s := newSheet(answer.Prompt)
	if j.run.arena.differs() {
		var err error
		if s.wanted, _, err = j.run.arena.locate(ctx, j.run.store, j.run.listings, answer.Prompt); err != nil {
			return err
		}
	}
	for _, b := range j.run.pairing.of(answer.Prompt) {
		if b.A != side && b.B != side {
			continue
		}
		for _, of := range [...]Side{b.A, b.B} {
			if _, read := s.answer(of); read {
				continue
			}
			rec, err := j.run.store.Get(ctx, store.Answers, AnswerKey{answer.Prompt, of.Contestant, of.Sample}.bytes(), store.WithMeta)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			r, err := parseReply(rec.Meta, nil)
			if err != nil {
				return err
			}
			s.give(of, r)
		}
	}
	for _, t := range j.ready(s) {
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
