package rating

import (
	"fmt"
	"math"
	"slices"

	"openarena/elo"
)

// What ratings can be controlled for.
const (
	Length   = "length"
	Style    = "style"    // stands for headers, lists and bold
	Position = "position" // who was shown first: 1 or -1. Never standardised
)

// Controls are all of these.
var Controls = []string{Length, Style, Position}

// Covariates are the names of what is measured of battles for a list of controls.
func Covariates(controls []string) (names []string) {
	for _, c := range controls {
		if c == Style {
			names = append(names, "headers", "lists", "bold")
		} else {
			names = append(names, c)
		}
	}
	return names
}

// standardized are the covariates as they are fitted.
func (b *Ballot) standardized() [][]float64 {
	if !b.settings.Standardize {
		return b.covariates
	}
	all := slices.Clone(b.covariates)
	for k, x := range all {
		if b.settings.Control[k] != Position {
			all[k] = zScored(x)
		}
	}
	return all
}

// zScored is x less its mean, in standard deviations (of the population); all 0 where x does not vary.
func zScored(x []float64) []float64 {
	mean, squares := 0.0, 0.0
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	z := make([]float64, len(x))
	sd := math.Sqrt(squares / float64(len(x)))
	if !(sd > 1e-12) { // NaN fails too
		return z
	}
	for i, v := range x {
		z[i] = (v - mean) / sd
	}
	return z
}

// control says what the covariates do, and what the ratings are without them.
func (l *board) control() error {
	if len(l.covariates) == 0 || l.added == 0 || l.Method == Elo { // which controls nothing
		return nil
	}
	l.Standardized = l.settings.Standardize
	for k, e := range l.fit.Effects {
		effect := Effect{Name: l.settings.Control[k]}
		if e.Known {
			points, se := e.Points()
			effect.Points, effect.SE = finite(points), finite(se)
			effect.Coefficient, effect.CoefficientSE = finite(e.Coefficient), finite(e.SE)
		}
		l.Effects = append(l.Effects, effect)
	}
	o := l.options()
	o.Covariates, o.Interval = nil, elo.ModelBased // its bounds are not shown
	without, err := l.Ballot.fit(o)
	if err != nil {
		return fmt.Errorf("without control: %w", err)
	}
	l.leaning = without.Prior && !l.fit.Prior
	for place, i := range l.order {
		if c := without.Contestants[i]; c.Rated {
			l.Ratings[place].Uncontrolled = &c.Rating
		}
	}
	return nil
}
