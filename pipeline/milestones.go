package pipeline

import (
	"context"
	"errors"
	"iter"
	"slices"

	"openarena/elo"
	"openarena/pipeline/rating"
	"openarena/store"
)

// Milestone is the Elo ratings after so many prompts.
type Milestone struct {
	Prompts int       // with a decided battle, in hash order
	Ratings []float64 // in points, contestants in file order
}

// RateAlong is Rate, and how Elo came about: Progression at places that are evenly spread, at most so many and two at least, from
// before the first prompt to after the last. Without battles there are none. It takes one walk.
func (a *Arena) RateAlong(ctx context.Context, r store.Reader, most int) (*rating.Leaderboard, []Milestone, error) {
	along := *a
	along.Rating.Progression, along.Rating.By = true, ""
	all, err := a.listings(ctx, r)
	if err != nil && !errors.Is(err, errNotRead) {
		return nil, nil, err
	}
	b, err := along.collect(ctx, r, all, func(Hash) {})
	if err != nil {
		return nil, nil, err
	}
	l, err := b.leaderboard(ctx)
	if err != nil || l.Battles == 0 {
		return l, nil, err
	}
	start := make([]float64, len(a.Contestants))
	for i := range start {
		start[i] = a.initial()
	}
	places, err := milestones(start, b.Ballot.Progression(), most)
	return l, places, err
}

// initial is the Elo rating before the first battle.
func (a *Arena) initial() float64 {
	if x := a.Rating.Initial; x != 0 {
		return x
	}
	return rating.Default().Initial
}

// milestones keeps every so manieth step, and every second of those each time that they become too many.
func milestones(start []float64, steps iter.Seq2[elo.Progress, error], most int) ([]Milestone, error) {
	kept, stride, n := []Milestone{{0, start}}, 1, 0
	var last []float64
	for p, err := range steps {
		if err != nil {
			return nil, err
		}
		n++
		last = append(last[:0], p.Ratings...)
		if n%stride != 0 {
			continue
		}
		if len(kept) >= max(most, 2)-1 { // the last has a place of its own
			stride *= 2
			kept = slices.DeleteFunc(kept, func(m Milestone) bool { return m.Prompts%stride != 0 })
			if n%stride != 0 {
				continue
			}
		}
		kept = append(kept, Milestone{n, slices.Clone(last)})
	}
	if end := kept[len(kept)-1]; end.Prompts < n {
		kept = append(kept, Milestone{n, last})
	}
	return kept, nil
}
