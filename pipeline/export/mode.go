package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A mode says which pairs of a prompt's answers, or which single answers, become rows if no filter takes them.
type mode struct {
	name  string
	model bool                                              // it is about one model
	pairs func(f *field, model string, put func(contest))   // of types that have pairs
	best  func(f *field, model string, put func(place int)) // of types that have one answer to a prompt
	every func(f *field, model string, put func(place int)) // of types that have all answers
}

// modes in the order in which they are told: the first that a type has is its default.
var modes = []mode{
	{name: "best_worst", pairs: (*field).bestWorst},
	{name: "all_pairs", pairs: (*field).allPairs},
	{name: "best_vs_random", pairs: (*field).bestRandom},
	{name: "top1", best: (*field).top},
	{name: "all_answers", every: (*field).answers},
	{name: "target_lost", model: true, pairs: (*field).lost, best: (*field).topWhereLost, every: (*field).answersWhereLost},
	{name: "policy", model: true, pairs: (*field).rejectedOf, best: (*field).topOf, every: (*field).answersOf},
	{name: "policy_both", model: true, pairs: (*field).bothOf},
}

// chooseMode finds a mode that a type of export has; name "" is the type's own.
func chooseMode(name string, t *training) (mode, error) {
	var names []string
	for _, m := range modes {
		if !t.has(m) {
			continue
		}
		if m.name == name || name == "" {
			return m, nil
		}
		names = append(names, m.name)
	}
	return mode{}, &UsageError{fmt.Sprintf("the export type %s has no mode %q; it has %s", t.kind, name, strings.Join(names, ", "))}
}

// gap is how far apart the winner and the loser of a contest stand over all their contests.
func (f *field) gap(c *contest) float64 {
	return f.standing[c.winner()].value() - f.standing[c.loser()].value()
}

// widest is the contest with the widest gap of those that fit. Where all of them are ties or without an outcome it is one of
// these, for a filter to take: nil only where none fits.
func (f *field) widest(fits func(*contest) bool) (best *contest) {
	for i := range f.contests {
		c := &f.contests[i]
		if !fits(c) {
			continue
		}
		switch {
		case best == nil:
			best = c
		case c.rank() != best.rank():
			if c.rank() > best.rank() {
				best = c
			}
		case c.rank() == won && f.gap(c) > f.gap(best):
			best = c
		}
	}
	return best
}

// What a contest came to, the better the more.
const (
	open = iota
	tied
	won
)

func (c *contest) rank() int {
	switch {
	case !c.counted:
		return open
	case c.tie():
		return tied
	}
	return won
}

func putIf(c *contest, put func(contest)) {
	if c != nil {
		put(*c)
	}
}

func (f *field) bestWorst(_ string, put func(contest)) {
	putIf(f.widest(func(*contest) bool { return true }), put)
}

func (f *field) allPairs(_ string, put func(contest)) {
	for _, c := range f.contests {
		put(c)
	}
}

// bestRandom is the best answer with one that it beat, drawn by the prompt's hash.
func (f *field) bestRandom(_ string, put func(contest)) {
	best := f.best(func(int) bool { return true }, f.standing)
	wins := 0
	beaten := func(c *contest) bool { return c.rank() == won && c.winner() == best }
	for i := range f.contests {
		wins += btoi(beaten(&f.contests[i]))
	}
	if wins == 0 {
		putIf(f.widest(func(*contest) bool { return true }), put)
		return
	}
	n := int(draw(f.prompt.Hash, 1) % uint64(wins))
	for i := range f.contests {
		if c := &f.contests[i]; beaten(c) {
			if n == 0 {
				put(*c)
			}
			n--
		}
	}
}

func (f *field) of(answer int, model string) bool { return f.prompt.Answers[answer].Model == model }

// lost is the best of those who beat a model, and the model.
func (f *field) lost(model string, put func(contest)) {
	putIf(f.widest(func(c *contest) bool { return c.rank() == won && f.of(c.loser(), model) && !f.of(c.winner(), model) }), put)
}

// rejectedOf is what a model said worst, and what is best beside it, be it the model's own.
func (f *field) rejectedOf(model string, put func(contest)) {
	f.meet(model)
	putIf(f.widest(func(c *contest) bool {
		return f.of(c.loser(), model) || c.rank() != won && f.of(c.winner(), model)
	}), put)
}

// bothOf is the best and the worst that a model said.
func (f *field) bothOf(model string, put func(contest)) {
	f.meet(model)
	putIf(f.widest(func(c *contest) bool { return f.of(c.a, model) && f.of(c.b, model) }), put)
}

// meet adds contests between the samples of one model, which never met: what tells of them is how they did against others.
func (f *field) meet(model string) {
	for a := range f.prompt.Answers {
		for b := a + 1; b < len(f.prompt.Answers); b++ {
			if !f.of(a, model) || !f.of(b, model) || slices.ContainsFunc(f.contests, func(c contest) bool { return c.a == a && c.b == b }) {
				continue
			}
			c := contest{a: a, b: b, derived: true, flagged: f.flagged[a] || f.flagged[b]}
			if x, y := f.standing[a], f.standing[b]; x.weight > 0 && y.weight > 0 {
				c.counted, c.level = true, max(-2, min(2, x.value()-y.value()))
			}
			if x, y := f.scores[a], f.scores[b]; x.weight > 0 && y.weight > 0 {
				c.scored, c.points = true, x.value()-y.value()
			}
			f.contests = append(f.contests, c)
		}
	}
}

// best is the answer that stands highest of those that fit; of equal ones the first. -1: none that was judged fits.
func (f *field) best(fits func(int) bool, by []mean) int {
	best := -1
	for i := range by {
		if fits(i) && by[i].weight > 0 && (best < 0 || cmp.Compare(by[i].value(), by[best].value()) > 0) {
			best = i
		}
	}
	return best
}

func (f *field) top(_ string, put func(int)) {
	f.putBest(func(int) bool { return true }, put)
}

func (f *field) topOf(model string, put func(int)) {
	f.putBest(func(i int) bool { return f.of(i, model) }, put)
}

// topWhereLost is the best answer to a prompt that a model lost.
func (f *field) topWhereLost(model string, put func(int)) {
	f.lost(model, func(contest) { f.putBest(func(int) bool { return true }, put) })
}

// putBest puts the answer with the best score; where none of those that fit has one, the first of them, for a filter to take.
func (f *field) putBest(fits func(int) bool, put func(int)) {
	best := f.best(fits, f.scores)
	for i := range f.prompt.Answers {
		if best < 0 && fits(i) && len(f.contests) > 0 {
			best = i
		}
	}
	if best >= 0 {
		put(best)
	}
}

func (f *field) answers(_ string, put func(int)) { f.each(func(int) bool { return true }, put) }

func (f *field) answersOf(model string, put func(int)) {
	f.each(func(i int) bool { return f.of(i, model) }, put)
}

// answersWhereLost are all answers to a prompt that a model lost.
func (f *field) answersWhereLost(model string, put func(int)) {
	f.lost(model, func(contest) { f.answers("", put) })
}

// each puts those that fit, where there was anything to judge.
func (f *field) each(fits func(int) bool, put func(int)) {
	for i := range f.prompt.Answers {
		if fits(i) && len(f.contests) > 0 {
			put(i)
		}
	}
}
