package rating

import (
	"slices"

	"openarena/elo"
)

// permute averages Elo over orders of the battles.
func (l *board) permute() error {
	orders := l.settings.Permutations
	if orders == 0 || l.added == 0 {
		return nil
	}
	battles := l.battles
	if l.shares != nil {
		battles = slices.Collect(l.shared())
	}
	spreads, err := elo.Permuted(len(l.models), battles, l.settings.elo(), orders, seed)
	if err != nil {
		return err
	}
	l.Permutations = orders
	for place, i := range l.order {
		if l.fit.Contestants[i].Rated {
			l.Ratings[place].EloMean, l.Ratings[place].EloSD = &spreads[i].Mean, &spreads[i].SD
		}
	}
	return nil
}
