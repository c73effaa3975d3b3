package pipeline

import (
	"context"
	"iter"

	"openarena/pipeline/export"
	"openarena/store"
)

// View is a frozen state of the database seen through an arena: what exports and `show` read.
type View struct {
	arena    *Arena
	reader   store.Reader
	listings []listing
	pairing  *pairing
}

var _ export.Arena = (*View)(nil)

// View looks at a reader that does not change, such as a snapshot.
func (a *Arena) View(ctx context.Context, r store.Reader) (*View, error) {
	all, err := a.listings(ctx, r)
	return &View{arena: a, reader: r, listings: all, pairing: a.pairing()}, err
}

// Ratings is the leaderboard, best first.
func (v *View) Ratings(ctx context.Context) ([]export.Rating, error) {
	l, err := v.arena.Rate(ctx, v.reader)
	if err != nil {
		return nil, err
	}
	return l.Ratings, nil
}

// Prompts yields every wanted prompt that has an answer, in the order of the datasets and their rows.
func (v *View) Prompts(ctx context.Context) iter.Seq2[*export.Prompt, error] {
	return func(yield func(*export.Prompt, error) bool) {
		for w, err := range v.arena.rows(ctx, v.reader, v.listings) {
			var p *export.Prompt
			if err == nil {
				p, err = v.Prompt(ctx, w)
			}
			if err == nil && len(p.Answers) == 0 {
				continue
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// Prompt reads one prompt with its answers and judgments.
func (v *View) Prompt(ctx context.Context, w wanted) (*export.Prompt, error) {
	messages, err := readPrompt(ctx, v.reader, w.Prompt)
	if err != nil {
		return nil, err
	}
	p := &export.Prompt{Hash: w.Prompt.String(), Messages: messages, Category: w.Category}
	s, err := v.sheet(ctx, w)
	if err != nil {
		return nil, err
	}
	places := map[Side]int{}
	for _, c := range v.arena.Contestants {
		for k := range c.Samples {
			side := Side{c.ID, uint16(k)}
			if answer, ok := s.answers[side]; ok {
				places[side] = len(p.Answers)
				p.Answers = append(p.Answers, export.Answer{Model: c.Name, Sample: k, Text: answer.Text})
			}
		}
	}
	for _, b := range v.pairing.of(w.Prompt) {
		if err := v.addJudgments(ctx, p, s, b, places); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// sheet reads what there is of one prompt, the answers with their texts.
func (v *View) sheet(ctx context.Context, w wanted) (*sheet, error) {
	s := &sheet{wanted: w, answers: map[Side]reply{}, verdicts: map[VerdictKey]verdict{}, failed: map[string]failure{}}
	for _, part := range []struct {
		bucket store.Bucket
		want   store.Fields
		add    func(store.Record) error
	}{
		{store.Answers, store.WithBody, s.addAnswer},
		{store.Verdicts, store.WithMeta, s.addVerdict},
		{store.Failures, store.WithBody, s.addFailure},
	} {
		for rec, err := range v.reader.Scan(ctx, part.bucket, store.Prefix(w.Prompt[:]), part.want) {
			if err == nil {
				err = part.add(rec)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

func (v *View) addJudgments(ctx context.Context, p *export.Prompt, s *sheet, b battle, places map[Side]int) error {
	x, okX := s.answers[b.A]
	y, okY := s.answers[b.B]
	if !okX || !okY {
		return nil
	}
	texts := texts(x.Digest, y.Digest)
	for _, asked := range v.pairing.judgments(s.Prompt, b) {
		key := asked.key(s.Prompt, b, texts)
		said, ok := s.verdicts[key]
		if !ok {
			continue
		}
		explanation, err := v.explanation(ctx, p, key, said, asked.judge, x, y)
		if err != nil {
			return err
		}
		first, second := places[b.A], places[b.B]
		if key.Order == 1 {
			first, second = second, first
		}
		p.Judgments = append(p.Judgments, export.Judgment{
			First: first, Second: second, Judge: asked.judge.Name, Weight: asked.judge.Weight,
			State: said.State.String(), Reason: said.Reason, Verdict: said.Label(), Level: said.Level,
			ScoreFirst: said.ScoreA, ScoreSecond: said.ScoreB, Explanation: explanation, Attempts: int(said.Attempts),
		})
	}
	return nil
}

// explanation reads the judge's words again: they are kept once, in the reply.
func (v *View) explanation(ctx context.Context, p *export.Prompt, k VerdictKey, said verdict, j *Judge, x, y reply) (string, error) {
	if said.Attempts == 0 {
		return "", nil
	}
	rec, err := v.reader.Get(ctx, store.Judgments, k.attempt(said.Attempts), store.WithBody)
	if err != nil {
		return "", err
	}
	words, err := parseReply(rec.Meta, rec.Body)
	if err != nil {
		return "", err
	}
	if k.Order == 1 {
		x, y = y, x
	}
	return j.explain(words, p.Messages, x.Text, y.Text), nil
}
