package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"openarena/pipeline/rating"
)

// noCategory is the group of prompts without one.
const noCategory = "(no category)"

// partition is ballots for parts of the battles. A prompt that several datasets list belongs to the first of the file, as everywhere.
type partition struct {
	by    string // "": there are none
	arena *Arena
	all   []*group
}

// group is the part of one dataset, category or judge.
type group struct {
	place  int    // of the dataset or judge
	name   string // of the category
	ballot *rating.Ballot
}

// newPartition has those that are known beforehand, so that one without battles is told of as well.
func newPartition(a *Arena) partition {
	g := partition{by: a.Rating.By, arena: a}
	switch g.by {
	case rating.ByDataset:
		for i, d := range a.Config.Datasets {
			if a.reads(d) {
				g.of(i, g.label(i))
			}
		}
	case rating.ByJudge:
		for i, j := range a.Judges {
			g.of(i, j.Name)
		}
	}
	return g
}

// label is the name of a dataset; it has its place in the file where others are called the same.
func (g *partition) label(place int) string {
	sets := g.arena.Config.Datasets
	name := sets[place].Label()
	for i, d := range sets {
		if i != place && d.Label() == name {
			return fmt.Sprintf("%s (dataset %d)", name, place+1)
		}
	}
	return name
}

// of is the ballot of a group, a new one if it was not met before.
func (g *partition) of(place int, name string) *rating.Ballot {
	for _, one := range g.all {
		if one.place == place && one.name == name {
			return one.ballot
		}
	}
	one := &group{place, name, newEmpty(g.arena)}
	g.all = append(g.all, one)
	return one.ballot
}

// under is the ballot for what is on a sheet; nil where a sheet is not of one group.
func (g *partition) under(s *sheet) *rating.Ballot {
	switch g.by {
	case rating.ByDataset:
		return g.of(s.Dataset, g.label(s.Dataset))
	case rating.ByCategory:
		if s.Category == "" {
			return g.of(1, noCategory) // behind all others, and apart from one that is called like it
		}
		return g.of(0, s.Category)
	}
	return nil
}

// leaderboards are those of all groups: datasets and judges in the order of the file, categories by name.
func (g *partition) leaderboards(ctx context.Context) (all []rating.Group, err error) {
	slices.SortFunc(g.all, func(x, y *group) int { return cmp.Or(x.place-y.place, cmp.Compare(x.name, y.name)) })
	for _, one := range g.all {
		l, err2 := one.ballot.Rate(ctx)
		if err2 != nil {
			err = errors.Join(err, fmt.Errorf("%s %s: %w", g.by, one.name, err2))
			continue
		}
		if l.Battles == 0 {
			l.Notes = append(l.Notes, "No battle is decided yet.")
		}
		all = append(all, rating.Group{Name: one.name, Leaderboard: l})
	}
	return all, err
}
