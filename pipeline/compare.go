package pipeline

import (
	"context"
	"errors"
	"slices"

	"openarena/pipeline/rating"
	"openarena/store"
)

// Compare rates the contestants as Rate does, and those of another arena, or of another database of this one, and says what
// moved. A prompt is the same in both where its messages are. Models are the same by identity, else by name.
func (a *Arena) Compare(ctx context.Context, r store.Reader, other *Arena, from store.Reader) (*rating.Comparison, error) {
	numbers := map[Hash]int32{}
	x, err := a.numbered(ctx, r, numbers)
	if err != nil {
		return nil, err
	}
	y, err := other.numbered(ctx, from, numbers)
	if err != nil {
		return nil, &OtherError{err}
	}
	c, err := rating.Compare(ctx, x.Ballot, y.Ballot, a.same(other))
	if err != nil {
		return nil, err
	}
	for _, of := range []struct {
		*ballot
		*rating.Leaderboard
	}{{x, c.Board}, {y, c.Other}} {
		of.bill(of.Leaderboard)
		if err := of.ballot.note(of.Leaderboard); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// OtherError is one of the arena or database that is compared with.
type OtherError struct{ err error }

func (e *OtherError) Error() string { return e.err.Error() }
func (e *OtherError) Unwrap() error { return e.err }

// numbered collects the battles of an arena, whose prompts have numbers that other arenas share.
func (a *Arena) numbered(ctx context.Context, r store.Reader, numbers map[Hash]int32) (*ballot, error) {
	only := *a // clusters are needed, and nothing that a single leaderboard may have beside
	only.Rating.Interval, only.Rating.By, only.Rating.Pairs, only.Rating.Permutations = rating.Clustered, "", false, 0
	all, err := only.listings(ctx, r)
	if err != nil && !errors.Is(err, errNotRead) {
		return nil, err
	}
	b, err := only.collectNumbered(ctx, r, all, numbers, func(Hash) {})
	if err != nil {
		return nil, err
	}
	return b, b.wrong
}

// same are the contestants of two arenas, by place.
func (a *Arena) same(other *Arena) (all []rating.Same) {
	here, there := make([]bool, len(a.Contestants)), make([]bool, len(other.Contestants))
	match := func(by string, is func(x, y *Contestant) bool) {
		for i := range a.Contestants {
			k := slices.IndexFunc(other.Contestants, func(c Contestant) bool { return !there[c.Place] && is(&a.Contestants[i], &c) })
			if !here[i] && k >= 0 {
				here[i], there[k] = true, true
				all = append(all, rating.Same{Model: int32(i), Other: int32(k), By: by})
			}
		}
	}
	match(rating.ByIdentity, func(x, y *Contestant) bool { return x.ID == y.ID })
	match(rating.ByName, func(x, y *Contestant) bool { return x.Name == y.Name })
	return all
}
