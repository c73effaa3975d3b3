package pipeline

import (
	"context"
	"iter"
	"math"
	"slices"
	"strings"

	"openarena/pipeline/judge"
)

// single is one answer that a pointwise judge is asked about, once, however many battles it is in.
type single struct {
	judge *Judge
	side  Side
}

// single is the key of the judgment about one answer, which is on both sides of it.
func (w asked) single(over *wanted, of *given) VerdictKey {
	w.order = 0
	return w.key(over, battle{A: of.side, B: of.side}, texts(of.Digest, of.Digest))
}

// half is a verdict about one answer of a battle.
type half struct {
	key      VerdictKey
	there    bool
	attempts uint8
}

// derived is what a pointwise judge says of a battle whose first answer is x, and what that rests on; it is without meaning
// unless both halves are there.
func (w asked) derived(s *sheet, x, y *given) (v verdict, of [2]half) {
	var said [2]judge.Verdict
	for i, g := range [...]*given{x, y} {
		of[i].key = w.single(&s.wanted, g)
		one, ok := s.verdict(of[i].key)
		if !ok {
			continue
		}
		of[i].there, of[i].attempts, said[i] = true, one.Attempts, one.Verdict
	}
	if !of[0].there || !of[1].there {
		return v, of
	}
	v.Verdict = judge.Derive(said[0], said[1], x.Digest == y.Digest)
	if !slices.Contains(v.Flags, judge.FlagIdentical) && !slices.Contains(v.Flags, judge.FlagForfeit) { // else none was needed
		v.Attempts = uint8(min(math.MaxUint8, int(of[0].attempts)+int(of[1].attempts)))
	}
	return v, of
}

// derive makes o what a pointwise judge says of a battle whose answers are there.
func (o *opinion) derive(s *sheet, b battle, w asked) {
	x, _ := s.answer(b.A)
	y, _ := s.answer(b.B)
	v, of := w.derived(s, x, y)
	for _, half := range of {
		switch {
		case half.there:
		case s.lost(half.key):
			o.lost++
		default:
			o.owed++
		}
	}
	if of[0].there && of[1].there {
		o.add(&v, 0)
	}
}

// singles are those that were met of a prompt.
type singles map[single]bool

// again reports whether the answer of a side was met before, and takes note of it.
func (m *singles) again(w asked, side Side) bool {
	one := single{w.judge, side}
	if (*m)[one] {
		return true
	}
	if *m == nil {
		*m = singles{}
	}
	(*m)[one] = true
	return false
}

// pointwise reports whether a judge of the file is.
func (a *Arena) pointwise() bool {
	for i := range a.Judges {
		if a.Judges[i].alone {
			return true
		}
	}
	return false
}

// singles yields those answers of a battle that are there and pointwise judges are asked about.
func (p *pairing) singles(s *sheet, b battle, judgments func(*sheet, battle) []asked) iter.Seq2[asked, *given] {
	return func(yield func(asked, *given) bool) {
		x, okX := s.answer(b.A)
		y, okY := s.answer(b.B)
		if p.arena.absent(b.A, okX) || p.arena.absent(b.B, okY) {
			return
		}
		for _, w := range judgments(s, b) {
			if w.judge.alone && (okX && !yield(w, x) || okY && !yield(w, y)) {
				return
			}
		}
	}
}

// twice is a judgment about one answer, and once more where it is drawn to be asked for twice.
func (p *pairing) twice(s *sheet, w asked, side Side) []asked {
	if p.panel.repeat == 0 {
		return []asked{w}
	}
	of, there := s.answer(side)
	if there && of.Digest == nothingSaid || !p.panel.again(w.key(&s.wanted, battle{A: side, B: side}, Digest{})) {
		return []asked{w}
	}
	return []asked{w, {judge: w.judge, repeat: 1}}
}

// seeSingle counts the judgment about one answer.
func (c *census) seeSingle(s *sheet, one single) {
	of, there := s.answer(one.side)
	for _, w := range c.pairing.twice(s, asked{judge: one.judge}, one.side) {
		if there {
			c.seeJudgment(s, w, w.single(&s.wanted, of))
		} else {
			c.countUnready(w, s.gaveUp(one.side))
		}
	}
}

// appendDerived appends what a pointwise judge says of a battle, if it says anything yet. The answer of the model that comes first in
// the file is the first.
func (p *pairing) appendDerived(all []decision, s *sheet, b battle, d decision) []decision {
	x, _ := s.answer(b.A)
	y, _ := s.answer(b.B)
	both := texts(x.Digest, y.Digest)
	if p.arena.byID[b.B.Contestant].Place < p.arena.byID[b.A.Contestant].Place {
		d.order, x, y = 1, y, x
	}
	v, of := d.derived(s, x, y)
	if !of[0].there || !of[1].there {
		return all
	}
	d.key, d.verdict, d.halves = d.asked.key(&s.wanted, b, both), v, of[:]
	return append(all, d)
}

// explanations are what a pointwise judge said of the two answers of a battle.
func (v *View) explanations(ctx context.Context, d decision, c judge.Case) (string, error) {
	var said []string
	for i, answer := range [...]string{c.First, c.Second} {
		one := c
		one.First, one.Second = answer, ""
		text, err := v.explained(ctx, d.judge, d.halves[i].key, d.halves[i].attempts, one)
		if err != nil {
			return "", err
		}
		if text = strings.TrimSpace(text); text != "" {
			said = append(said, "Answer "+string(rune('A'+i))+": "+text)
		}
	}
	return strings.Join(said, "\n\n"), nil
}
