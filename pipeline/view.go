package pipeline

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"

	"openarena/pipeline/export"
	"openarena/pipeline/judge"
	"openarena/pipeline/rating"
	"openarena/providers"
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
	if err != nil {
		return nil, err
	}
	p, err := a.pairingIn(ctx, r)
	return &View{arena: a, reader: r, listings: all, pairing: p}, err
}

// Ratings is the leaderboard.
func (v *View) Ratings(ctx context.Context) (*rating.Leaderboard, error) {
	return v.arena.Rate(ctx, v.reader)
}

// Messages is the conversation of a prompt, by its hash in hex.
func (v *View) Messages(ctx context.Context, hash string) ([]providers.Message, error) {
	var h Hash
	if n, err := hex.Decode(h[:], []byte(hash)); err != nil || n != len(h) {
		return nil, fmt.Errorf("%q is no hash of a prompt", hash)
	}
	return readPrompt(ctx, v.reader, h)
}

// Prompts yields every wanted prompt that has an answer, in the order of the datasets and their rows.
func (v *View) Prompts(ctx context.Context, explained bool) iter.Seq2[*export.Prompt, error] {
	return func(yield func(*export.Prompt, error) bool) {
		read := func(w wanted) (*export.Prompt, error) { return v.prompt(ctx, w, explained) }
		for p, err := range ahead(v.arena.rows(ctx, v.reader, v.listings), read) {
			if err == nil && len(p.Answers) == 0 {
				continue
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// prompt reads one prompt with its answers and judgments.
func (v *View) prompt(ctx context.Context, w wanted, explained bool) (*export.Prompt, error) {
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
	p.Answers = make([]export.Answer, 0, len(s.answers))
	for _, c := range v.arena.Contestants {
		for k := range c.Samples {
			side := Side{c.ID, uint16(k)}
			if answer, ok := s.answer(side); ok {
				places[side] = len(p.Answers)
				p.Answers = append(p.Answers, export.Answer{
					Model: c.Name, Sample: k, Text: answer.Text, Reasoning: answer.Reasoning, Finish: answer.Finish,
				})
			}
		}
	}
	p.Judgments = make([]export.Judgment, 0, len(s.verdicts))
	for _, d := range s.decided(v.pairing) {
		said := newJudgment(d, places)
		if explained {
			if said.Explanation, err = v.explanation(ctx, p, d, said, w.Reference); err != nil {
				return nil, fmt.Errorf("prompt %s, what judge %s said: %w", p.Hash, said.Judge, err)
			}
		}
		p.Judgments = append(p.Judgments, said)
	}
	return p, nil
}

// sheet reads what there is of one prompt, the answers with their texts.
func (v *View) sheet(ctx context.Context, w wanted) (*sheet, error) {
	s := newSheet(w.Prompt)
	s.wanted = w
	return s, v.fill(ctx, s, store.WithBody)
}

// fill reads what there is of the prompt of a sheet.
func (v *View) fill(ctx context.Context, s *sheet, answers store.Fields) error {
	for _, part := range []struct {
		bucket store.Bucket
		want   store.Fields
		add    func(*store.Record) error
	}{
		{store.Answers, answers, s.addAnswer},
		{store.Verdicts, store.WithMeta, s.addVerdict},
		{store.Failures, store.WithBody, s.addFailure},
	} {
		if err := each(store.Walk(ctx, v.reader, part.bucket, store.Prefix(s.Prompt[:]), part.want), part.add); err != nil {
			return err
		}
	}
	return nil
}

// each calls add with all that is left of a walk, and closes it.
func each(walk *store.Cursor, add func(*store.Record) error) error {
	defer walk.Close()
	for {
		rec, err := walk.Next()
		if err != nil || rec == nil {
			return err
		}
		if err := add(rec); err != nil {
			return err
		}
	}
}

// decision is a verdict with what it was asked for.
type decision struct {
	asked
	key     VerdictKey
	verdict verdict
	weight  float64 // that it has in its battle; 0: others decide it
	few     bool    // too few judges were understood for the battle to count
	divided bool    // the panel is: the battle is a tie
	partial bool    // there is a judgment that its judge owes, or failed to give
	halves  []half  // of a verdict that was derived: what it rests on, in the order of the answers
}

// decided are the verdicts of a prompt, in key order of its battles; those that were asked for twice once.
func (s *sheet) decided(p *pairing) (all []decision) {
	for _, b := range p.of(s.Prompt) {
		x, okX := s.answer(b.A)
		y, okY := s.answer(b.B)
		if !okX || !okY {
			continue
		}
		voices, _, open := p.voices(s, b, nil)
		m := p.panel.decide(voices, open)
		both := texts(x.Digest, y.Digest)
		for _, w := range p.judgments(s, b) {
			d := decision{asked: w, few: m.few, divided: m.even}
			d.hear(voices)
			if w.judge.alone {
				all = p.appendDerived(all, s, b, d)
				continue
			}
			key := w.key(&s.wanted, b, both)
			if v, ok := s.verdict(key); ok && w.repeat == 0 {
				d.key, d.verdict = key, *v
				all = append(all, d)
			}
		}
	}
	return all
}

// hear notes with which weight a judge is heard, and whether it said all that it was asked.
func (d *decision) hear(voices []opinion) {
	for i := range voices {
		if o := &voices[i]; o.judge == d.judge {
			d.partial = o.owed+o.lost > 0
			if o.heard {
				d.weight = o.weight
			}
			return
		}
	}
}

// newJudgment is a decision as exports have it; places are those of the answers.
func newJudgment(d decision, places map[Side]int) export.Judgment {
	first, second := places[d.key.A], places[d.key.B]
	if d.key.Order == 1 {
		first, second = second, first
	}
	v := d.verdict
	return export.Judgment{
		First: first, Second: second, Judge: d.judge.Name, Weight: d.weight, Short: d.few,
		State: v.State.String(), Reason: v.Reason, Verdict: v.Label(), Level: v.Level, Preference: v.Preference,
		Divided: d.divided, Partial: d.partial,
		ScoreFirst: v.ScoreA, ScoreSecond: v.ScoreB, Flags: v.Flags, Attempts: int(v.Attempts),
	}
}

// explanation reads the judge's words again: they are kept once, in the reply.
func (v *View) explanation(ctx context.Context, p *export.Prompt, d decision, said export.Judgment, reference string) (string, error) {
	c := judge.Case{Messages: p.Messages, First: p.Answers[said.First].Text, Second: p.Answers[said.Second].Text}
	if d.judge.refers {
		c.Reference = reference
	}
	if d.judge.alone {
		return v.explanations(ctx, d, c)
	}
	return v.explained(ctx, d.judge, d.key, d.verdict.Attempts, c)
}

// explained is what a judge said in its last attempt at a judgment.
func (v *View) explained(ctx context.Context, j *Judge, k VerdictKey, attempts uint8, c judge.Case) (string, error) {
	if attempts == 0 {
		return "", nil
	}
	rec, err := v.reader.Get(ctx, store.Judgments, k.attempt(attempts), store.WithBody)
	if err != nil {
		return "", err
	}
	words, err := parseReply(rec.Meta, rec.Body)
	if err != nil {
		return "", err
	}
	return j.explain(words, c), nil
}
