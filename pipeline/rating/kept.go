package rating

import (
	"errors"
	"iter"

	"openarena/elo"
)

// keepShare keeps the share of the battle that is added next, if any of them needs it.
func (b *Ballot) keepShare(battle *Battle) {
	if b.shares == nil {
		if battle.Share == battle.Score {
			return
		}
		b.shares = make([]float64, len(b.battles), max(64, cap(b.battles)))
		for i := range b.battles {
			b.shares[i] = b.battles[i].Score
		}
	}
	b.shares = append(b.shares, battle.Share)
}

// keepParts keeps the covariates of the battle that is added next, and its parts, if any battle has them.
func (b *Ballot) keepParts(battle *Battle, whole elo.Battle) {
	if len(b.covariates) == 0 {
		return
	}
	if b.parts == nil && len(battle.Parts) > 0 {
		b.parts = append(make([]elo.Battle, 0, max(64, cap(b.battles))), b.battles...)
	}
	parts := battle.Parts
	if len(parts) == 0 {
		parts = []Part{{battle.Score, battle.Weight, battle.X}}
	}
	for _, p := range parts {
		whole.Score, whole.Weight = p.Score, p.Weight
		if b.parts != nil {
			b.parts = append(b.parts, whole)
		}
		for k, x := range p.X {
			b.covariates[k] = append(b.covariates[k], x)
		}
	}
}

// Progression yields the Elo ratings after every run of battles of one cluster, models by number. Settings must ask for it.
func (b *Ballot) Progression() iter.Seq2[elo.Progress, error] {
	if !b.settings.Progression {
		return func(yield func(elo.Progress, error) bool) {
			yield(elo.Progress{}, errors.New("not all that it takes was kept: set Settings.Progression"))
		}
	}
	return elo.Progression(len(b.models), b.shared(), b.settings.elo())
}

// shared are the battles as Elo counts them.
func (b *Ballot) shared() iter.Seq[elo.Battle] {
	return func(yield func(elo.Battle) bool) {
		for i, battle := range b.battles {
			if b.shares != nil {
				battle.Score = b.shares[i]
			}
			if !yield(battle) {
				return
			}
		}
	}
}
