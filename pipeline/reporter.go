package pipeline

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"openarena/pipeline/judge"
	"openarena/store"
)

// reporter counts what a JudgeReport says, sheet by sheet. Nothing in it grows with the number of prompts.
type reporter struct {
	arena   *Arena
	pairing *pairing
	judges  []*judgeTally // by place
	panel   *panelTally
	people  *voterTally
	models  []modelTally // by place of the contestant
	without *withoutTally
	family  []string // by place of the contestant

	lengths []int       // of the answers of the sheet at hand
	heard   []statement // of the battle at hand, by place of the judge
	voices  []opinion   // of the battle at hand, as the panel hears them
}

func newReporter(p *pairing) *reporter {
	a := p.arena
	r := &reporter{
		arena: a, pairing: p, panel: newPanelTally(len(a.Judges)), people: newVoterTally(a), models: make([]modelTally, len(a.Contestants)),
		without: newWithoutTally(a), heard: make([]statement, len(a.Judges)),
	}
	for _, c := range a.Contestants {
		r.family = append(r.family, family(c.ModelID))
	}
	for i := range a.Judges {
		r.judges = append(r.judges, newJudgeTally(a, &a.Judges[i]))
	}
	return r
}

// statement is what one judge said of one battle, repeats aside.
type statement struct {
	orders [2]*verdict // that could be read
	level  float64     // the mean of both, from A's side
	n      int         // of orders
}

// hear adds a verdict.
func (h *statement) hear(v *verdict, order uint8) {
	level, _ := fromA(*v, order)
	h.level = (h.level*float64(h.n) + level) / float64(h.n+1)
	h.n++
	h.orders[order] = v
}

// choice is who wins, as ratings have it.
func (h *statement) choice() choice {
	switch {
	case h.level > 0:
		return firstWins
	case h.level < 0:
		return secondWins
	}
	return tied
}

// meeting is a battle with what a report wants to know of it.
type meeting struct {
	battle
	places  [2]int    // of the contestants
	lengths [2]int    // of the answers, in characters
	texts   [2]Digest // of the answers
}

func (r *reporter) see(s *sheet, votes []vote) {
	r.lengths = r.lengths[:0]
	for i := range s.answers {
		n := utf8.RuneCountInString(strings.TrimSpace(s.answers[i].Text))
		r.lengths = append(r.lengths, n)
		if side := s.answers[i].side; side.Sample == 0 && r.arena.has(side) {
			r.models[r.arena.byID[side.Contestant].Place].answers.see(s.answers[i].Digest)
		}
	}
	r.people.see(votes)
	for _, b := range r.pairing.of(s.Prompt) {
		if m, ok := r.meet(s, b); ok {
			r.seeBattle(s, m, votesOn(votes, m.texts[0], m.texts[1]))
		}
	}
	if r.pairing.alone {
		r.seeSingles(s)
	}
}

// meet finds the answers of a battle; false: one is missing.
func (r *reporter) meet(s *sheet, b battle) (m meeting, ok bool) {
	m.battle = b
	for i, side := range [...]Side{b.A, b.B} {
		place := slices.IndexFunc(s.answers, func(g given) bool { return g.side == side })
		if place < 0 {
			return m, false
		}
		m.places[i], m.lengths[i], m.texts[i] = r.arena.byID[side.Contestant].Place, r.lengths[place], s.answers[place].Digest
	}
	return m, true
}

func (r *reporter) seeBattle(s *sheet, m meeting, votes []vote) {
	clear(r.heard)
	both := texts(m.texts[0], m.texts[1])
	for _, w := range r.pairing.judgments(s, m.battle) {
		if w.judge.alone {
			r.seeDerived(s, m, w)
			continue
		}
		v, ok := s.verdict(w.key(&s.wanted, m.battle, both))
		if !ok || v.free() {
			continue
		}
		t := r.judges[w.judge.Place]
		if w.repeat > 0 {
			once := w
			once.repeat = 0
			if was, ok := s.verdict(once.key(&s.wanted, m.battle, both)); ok {
				t.seeRepeat(was, v)
			}
			continue
		}
		t.seeVerdict(m, v, w.order)
		if v.State != judge.Invalid {
			r.heard[w.judge.Place].hear(v, w.order)
		}
	}
	for i := range r.heard {
		r.judges[i].seeBattle(m, &r.heard[i])
	}
	r.seeFamilies(m)
	r.panel.see(r.heard)
	r.seeVotes(m, votes)
	var open bool
	r.voices, _, open = r.pairing.voices(s, m.battle, r.voices[:0])
	all := r.pairing.panel.decide(r.voices, open)
	r.without.see(m, all, r.voices, open)
	r.seeShort(m, all)
}

// free reports whether a verdict was given without asking the judge: it tells nothing about it.
func (v *verdict) free() bool {
	for _, f := range v.Flags {
		if f == judge.FlagIdentical || f == judge.FlagForfeit {
			return true
		}
	}
	return false
}

// side is the sign of a verdict's level from A's side.
func (v *verdict) side(order uint8) choice {
	switch {
	case v.Level == 0:
		return tied
	case (v.Level > 0) == (order == 0):
		return firstWins
	}
	return secondWins
}

func (r *reporter) report(ctx context.Context, from store.Reader) (*JudgeReport, error) {
	rep := &JudgeReport{Judges: []JudgeQuality{}, Models: []ModelReport{}}
	for i, t := range r.judges {
		q := t.quality(r.arena)
		if err := q.readBooks(ctx, from, r.arena, i); err != nil {
			return nil, err
		}
		rep.Judges = append(rep.Judges, q)
	}
	if err := rep.readLatencies(ctx, from, r.arena); err != nil {
		return nil, err
	}
	rep.Pairs, rep.Panel = r.panel.pairs(r.arena), r.panel.agreement()
	rep.Panel.UnsureOnly = r.arena.meetsUnsure()
	var err error
	if rep.Votes, err = r.people.report(ctx, from); err != nil {
		return nil, err
	}
	for i := range r.models {
		rep.Models = append(rep.Models, r.models[i].report(r.arena.Contestants[i].Name))
	}
	if rep.Full, rep.Without, err = r.without.report(); err != nil {
		return nil, err
	}
	rep.Findings = rep.findings(r.arena)
	return rep, nil
}
