package pipeline

import (
	"context"
	"errors"
	"slices"
	"sync"

	"openarena/store"
)

// turns has those who conclude judgments of one prompt do it one after the other, so that each sees what all before it made
// of a battle. Prompts share the locks, of which there are few.
type turns [64]sync.Mutex

func (t *turns) of(h Hash) *sync.Mutex { return &t[int(h[0])%len(t)] }

// conclude commits how a judgment ended, for good. Where judges are heard together, the count of what is wanted grows with
// it, its battle may be decided, and judges further down look at the battle at once.
func (j *judgeStage) conclude(ctx context.Context, k VerdictKey, b *store.Batch) error {
	if j.run.pairing.panel.plain || k.Repeat > 0 || j.run.job.Parts { // what it makes wanted is found by other parts
		_, err := j.run.store.Apply(ctx, b)
		return err
	}
	now, err := j.commit(ctx, k, b)
	if err != nil {
		return err
	}
	for _, s := range now {
		for _, next := range j.later {
			if err := next.tryAll(ctx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// commit is conclude up to the battles that the judgment belongs to, as they are then.
func (j *judgeStage) commit(ctx context.Context, k VerdictKey, b *store.Batch) (now []*sheet, err error) {
	turn := j.run.turns.of(k.Prompt)
	turn.Lock()
	defer turn.Unlock()
	if _, err := j.run.store.Apply(ctx, b); err != nil {
		return nil, err
	}
	if j.run.pairing.alone {
		return j.lookAround(ctx, k)
	}
	for _, b := range j.run.pairing.of(k.Prompt) {
		if !k.belongs(b) {
			continue
		}
		s, err := j.run.blank(ctx, k.Prompt)
		if err == nil {
			err = errors.Join(s.readSaid(ctx, j.run.store, b), s.readAnswers(ctx, j.run.store, b))
		}
		if err != nil {
			return nil, err
		}
		j.run.live.concluded(s, s.before(k), b)
		now = append(now, s)
	}
	return now, nil
}

// belongs reports whether a judgment has a part in a battle.
func (k VerdictKey) belongs(b battle) bool {
	if k.alone() {
		return b.A == k.A || b.B == k.A
	}
	return b.A == k.A && b.B == k.B
}

// blank is a sheet of a prompt on which nothing stands yet.
func (r *Runner) blank(ctx context.Context, h Hash) (s *sheet, err error) {
	s = newSheet(h)
	if r.arena.differs() {
		s.wanted, _, err = r.arena.locate(ctx, r.store, r.listings, h)
	}
	return s, err
}

// readAnswers adds the answers of a battle, without their texts.
func (s *sheet) readAnswers(ctx context.Context, r store.Reader, b battle) error {
	for _, of := range [...]Side{b.A, b.B} {
		if _, read := s.answer(of); read {
			continue
		}
		rec, err := r.Get(ctx, store.Answers, AnswerKey{s.Prompt, of.Contestant, of.Sample}.bytes(), store.WithMeta)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		answer, err := parseReply(rec.Meta, nil)
		if err != nil {
			return err
		}
		s.give(of, answer)
	}
	return nil
}

// readSaid adds the verdicts on a battle, and the judgments that failed.
func (s *sheet) readSaid(ctx context.Context, r store.Reader, b battle) error {
	key := VerdictKey{Prompt: s.Prompt, A: b.A, B: b.B}.bytes()
	of := store.Prefix(key[:hashSize+2*(idSize+sampleSize)])
	return errors.Join(
		each(store.Walk(ctx, r, store.Verdicts, of, store.WithMeta), s.addVerdict),
		each(store.Walk(ctx, r, store.Failures, of, store.WithMeta), s.addFailure))
}

// before is the sheet without what came of one judgment.
func (s *sheet) before(k VerdictKey) *sheet {
	was := &sheet{wanted: s.wanted, answers: s.answers, keys: slices.Clone(s.keys), verdicts: slices.Clone(s.verdicts), failed: map[string]failure{}}
	if i, there := was.placeOfVerdict(k.raw()); there {
		was.keys, was.verdicts = slices.Delete(was.keys, i, i+1), slices.Delete(was.verdicts, i, i+1)
	}
	for key, f := range s.failed {
		if key != string(k.bytes()) {
			was.failed[key] = f
		}
	}
	return was
}

// lookAround is what a judgment changed where one may have a part in several battles: it looks at the whole prompt.
func (j *judgeStage) lookAround(ctx context.Context, k VerdictKey) ([]*sheet, error) {
	now, err := j.run.whole(ctx, k.Prompt)
	if err != nil {
		return nil, err
	}
	was := now.before(k)
	for _, b := range j.run.pairing.of(k.Prompt) {
		if k.belongs(b) {
			j.run.live.concluded(now, was, b)
		}
	}
	j.run.live.widened((*census).see, now, was)
	return []*sheet{now}, nil
}

// whole is the sheet of a prompt with all there is, but for texts.
func (r *Runner) whole(ctx context.Context, h Hash) (*sheet, error) {
	s, err := r.blank(ctx, h)
	if err != nil {
		return nil, err
	}
	join := newJoin(ctx, r.store, walkOptions{span: span{h, h}, verdicts: metas, failures: true})
	defer join.close()
	return s, join.fill(s)
}
