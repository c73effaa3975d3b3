package pipeline

import "openarena/elo"

// withoutTally rates the contestants with all judges and, one after the other, without each. Points are added up by pair of
// contestants: the likeliest ratings depend on nothing else.
type withoutTally struct {
	arena  *Arena
	rule   panel       // of a panel that lacks one
	boards []pairBoard // all judges, then without each
	left   []opinion   // of the battle at hand, without one judge
}

type pairBoard struct {
	scores  []pairScore
	battles int64
}

func newWithoutTally(a *Arena) *withoutTally {
	t := &withoutTally{arena: a, rule: newPanel(a.Config), boards: make([]pairBoard, 1+len(a.Judges))}
	t.rule.minValid = max(1, t.rule.minValid-1)
	n := len(a.Contestants)
	for i := range t.boards {
		t.boards[i].scores = make([]pairScore, n*n)
	}
	return t
}

// alone reports whether there is no other judge to compare with.
func (t *withoutTally) alone() bool { return len(t.arena.Judges) < 2 }

// see counts a battle that all voices decide; open: there are more to come.
func (t *withoutTally) see(m meeting, all margins, voices []opinion, open bool) {
	if t.alone() {
		return
	}
	t.add(0, m, all)
	for place := range t.arena.Judges {
		t.left = t.left[:0]
		for _, o := range voices {
			if o.judge.Place != place {
				t.left = append(t.left, o)
			}
		}
		t.add(1+place, m, t.rule.decide(t.left, open))
	}
}

func (t *withoutTally) add(board int, m meeting, said margins) {
	if said.weight == 0 {
		return
	}
	b := &t.boards[board]
	score := &b.scores[m.places[0]*len(t.arena.Contestants)+m.places[1]]
	score.points += said.points(t.arena.Config.Rating.Outcome)
	score.n++
	b.battles++
}

func (t *withoutTally) report() (full []LeftRating, all []WithoutJudge, err error) {
	full, all = []LeftRating{}, []WithoutJudge{}
	if t.alone() {
		return full, all, nil
	}
	if full, err = t.rate(&t.boards[0]); err != nil {
		return nil, nil, err
	}
	for i, j := range t.arena.Judges {
		b := &t.boards[1+i]
		ratings, err := t.rate(b)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, WithoutJudge{Judge: j.Name, Battles: b.battles, Ratings: ratings, Swapped: swaps(full, ratings)})
	}
	return full, all, nil
}

func (t *withoutTally) rate(b *pairBoard) ([]LeftRating, error) {
	n := len(t.arena.Contestants)
	var battles []elo.Battle
	for i, s := range b.scores {
		if s.n > 0 {
			battles = append(battles, elo.Battle{A: int32(i / n), B: int32(i % n), Cluster: int32(i), Score: s.points / s.n, Weight: s.n})
		}
	}
	fit, err := elo.BradleyTerry(n, battles, t.arena.quickly())
	if err != nil {
		return nil, err
	}
	all := make([]LeftRating, n)
	for i, c := range fit.Contestants {
		all[i].Model = t.arena.Contestants[i].Name
		if c.Rated {
			all[i].Rating, all[i].lower, all[i].upper = &fit.Contestants[i].Rating, c.Lower, c.Upper
		}
	}
	for i := range all {
		if all[i].Rating == nil {
			continue
		}
		all[i].Place = 1
		for k := range all {
			if outrates(all[k], all[i]) {
				all[i].Place++
			}
		}
	}
	return all, nil
}

// outrates reports whether x has the higher rating. Less than a thousandth of a point is none.
func outrates(x, y LeftRating) bool {
	return x.Rating != nil && y.Rating != nil && *x.Rating-*y.Rating > 1e-3
}

// swaps are the pairs that stand the other way round without a judge.
func swaps(full, left []LeftRating) []Swap {
	all := []Swap{}
	for i := range full {
		for k := range full {
			if outrates(full[i], full[k]) && outrates(left[k], left[i]) {
				all = append(all, Swap{full[i].Model, full[k].Model, full[i].lower > full[k].upper})
			}
		}
	}
	return all
}
