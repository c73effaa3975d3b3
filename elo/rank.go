package elo

import (
	"cmp"
	"math"
	"slices"
)

// rank gives each rated contestant its rank by intervals. Equal ranks are usual; none is given across components.
func (f *Fit) rank() {
	lowers := make([][]float64, f.Components) // ascending
	for _, i := range f.table.active {
		c := f.Contestants[i]
		lowers[c.Component] = append(lowers[c.Component], c.Lower)
	}
	for _, l := range lowers {
		slices.Sort(l)
	}
	for _, i := range f.table.active {
		c := &f.Contestants[i]
		l := lowers[c.Component]
		at, _ := slices.BinarySearch(l, math.Nextafter(c.Upper, math.Inf(1)))
		c.Rank = 1 + len(l) - at
	}
}

// Order lists all contestants as a leaderboard does: component by component, by falling rating, then by falling number
// of battles, then by number; those without a rating last. Ratings that agree in six decimals are equal.
func (f *Fit) Order() []int {
	order := make([]int, len(f.Contestants))
	for i := range order {
		order[i] = i
	}
	millionths := func(x float64) float64 { return math.Round(x * 1e6) }
	slices.SortFunc(order, func(i, j int) int {
		a, b := f.Contestants[i], f.Contestants[j]
		if a.Rated != b.Rated {
			return cmp.Compare(b.Battles, a.Battles) // one of them is 0
		}
		return cmp.Or(
			cmp.Compare(a.Component, b.Component),
			cmp.Compare(millionths(b.Rating), millionths(a.Rating)),
			cmp.Compare(b.Battles, a.Battles),
			cmp.Compare(i, j),
		)
	})
	return order
}
