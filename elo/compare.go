package elo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Change is how a contestant of two fits is rated in the second, beside the first.
type Change struct {
	Compared     bool    // false: it is not rated in both, or no battles join it to most others in both; then nothing else is told
	Points       float64 // the second rating less the first, each from the mean of all that are compared
	SE           float64 // its standard error; 0: both fits rest on the same battles of it
	Lower, Upper float64 // 95 %
	P            float64 // that chance alone makes it as great as that, were nothing changed; NaN without SE
	Holm         float64 // the same, careful about so many at once; NaN without SE
}

// Shift is how far the ratings of two fits lie apart, and whether that is more than chance.
type Shift struct {
	Changes []Change // as they were asked for
	// Wald is the squared distance of all ratings at once in the units of its covariance, Among how many independent
	// differences that is. P is the chance of as much were nothing changed; NaN where there are too few clusters to tell, or
	// nothing differs. Freedom are the degrees of freedom of the covariance; +Inf where it does not rest on clusters.
	Wald, Freedom, P float64
	Among            int
	Shared           int // clusters of both
	Before, After    int // clusters of one only
	// Paired is false where a fit has no clustered interval. Then the two are taken as independent, which is careful.
	Paired bool
}

// Compare says how the ratings of contestants moved from one fit to another. same are pairs of numbers: of a contestant in the
// first and in the second. Both fits need Options.Compared, and clusters of both that have the same number are the same.
//
// Two fits that share clusters are not independent. Each is near a sum over clusters c, t = t₀ + Σ ψ_c with ψ = H⁻¹u, so that
//
//	Var(t₂ - t₁) = Σ_c (ψ₂c - ψ₁c)(ψ₂c - ψ₁c)ᵀ,     ψ being 0 where a fit does not have c:
//
// paired where a cluster is shared, and the sum of both where none is (Weesie, Seemingly unrelated estimation and the
// cluster-adjusted sandwich estimator, Stata Technical Bulletin 52, 1999). Shared clusters, those of the first only and those
// of the second only are three samples, each with a mean and n - 1 degrees of freedom of its own. All differences together are
// tested by Wald's statistic, with a generalised inverse, as T² of samples of unequal variance (Hotelling 1931; Krishnamoorthy
// & Yu, Modified Nel and Van der Merwe test, 2004), which is χ² where clusters are many; each alone is by Student's t with
// Satterthwaite's (1946) degrees of freedom, and by Holm (1979) for all of them.
func Compare(before, after *Fit, same [][2]int) (*Shift, error) {
	s := &Shift{Changes: make([]Change, len(same)), Wald: math.NaN(), P: math.NaN(), Freedom: math.NaN()}
	for _, p := range same {
		if p[0] < 0 || p[0] >= len(before.Contestants) || p[1] < 0 || p[1] >= len(after.Contestants) {
			return nil, fmt.Errorf("contestants %d and %d: they are numbered from 0 to %d and to %d", p[0], p[1], len(before.Contestants)-1, len(after.Contestants)-1)
		}
	}
	c := newContrast(before, after, same)
	if len(c.of) < 2 {
		return s, nil
	}
	for _, part := range c.strata(s) {
		c.parts = append(c.parts, part)
		plus(c.v, part.v)
	}
	c.each(s)
	c.whole(s)
	return s, nil
}

// contrast is what is compared.
type contrast struct {
	fits   [2]*Fit
	of     []int    // places in what was asked for
	places [2][]int // of these, in the tables of both fits
	d      []float64
	v      []float64 // covariance of d
	parts  []stratum // whose sum it is
}

// stratum is a sample of clusters.
type stratum struct {
	v       []float64 // what it adds to the covariance
	freedom float64
}

// newContrast takes the largest group of contestants that compare within both fits.
func newContrast(before, after *Fit, same [][2]int) *contrast {
	groups := map[[2]int][]int{}
	var best []int
	for k, p := range same {
		x, y := before.Contestants[p[0]], after.Contestants[p[1]]
		if !x.Rated || !y.Rated {
			continue
		}
		key := [2]int{x.Component, y.Component}
		groups[key] = append(groups[key], k)
		if of := groups[key]; len(of) > len(best) {
			best = of
		}
	}
	c := &contrast{fits: [2]*Fit{before, after}, of: best, d: make([]float64, len(best)), v: make([]float64, len(best)*len(best))}
	for i, k := range best {
		x, y := same[k][0], same[k][1]
		c.places[0] = append(c.places[0], int(before.table.place[x]))
		c.places[1] = append(c.places[1], int(after.table.place[y]))
		c.d[i] = after.Contestants[y].Rating - before.Contestants[x].Rating
	}
	centred(c.d)
	return c
}

// strata are the samples that the covariance rests on.
func (c *contrast) strata(s *Shift) []stratum {
	x, y := c.fits[0].moved, c.fits[1].moved
	if s.Paired = x != nil && y != nil; !s.Paired {
		return []stratum{c.independent(0), c.independent(1)}
	}
	var samples [3]sample // of both, of the first, of the second
	for i, k := 0, 0; i < len(x.clusters) || k < len(y.clusters); {
		switch order := nextCluster(x.clusters[i:], y.clusters[k:]); {
		case order < 0:
			c.add(&samples[1], x.moves[i], nil)
			i++
		case order > 0:
			c.add(&samples[2], nil, y.moves[k])
			k++
		default:
			c.add(&samples[0], x.moves[i], y.moves[k])
			i, k = i+1, k+1
		}
	}
	s.Shared, s.Before, s.After = samples[0].n, samples[1].n, samples[2].n
	var all []stratum
	for i := range samples {
		if samples[i].n > 0 {
			all = append(all, samples[i].stratum())
		}
	}
	return all
}

// nextCluster compares the first of two ascending lists; what is empty comes last.
func nextCluster(x, y []int32) int {
	switch {
	case len(x) == 0:
		return 1
	case len(y) == 0:
		return -1
	}
	return cmp.Compare(x[0], y[0])
}

// sample are differences of what clusters move.
type sample struct {
	n      int
	sum, v []float64 // v: the sum of outer products
}

func (c *contrast) add(to *sample, before, after []float64) {
	n := len(c.of)
	if to.sum == nil {
		to.sum, to.v = make([]float64, n), make([]float64, n*n)
	}
	moved := make([]float64, n)
	for i := range moved {
		if after != nil {
			moved[i] = after[c.places[1][i]]
		}
		if before != nil {
			moved[i] -= before[c.places[0][i]]
		}
	}
	centred(moved)
	to.n++
	plus(to.sum, moved)
	for i, x := range moved {
		if x == 0 {
			continue
		}
		for k, y := range moved {
			to.v[i*n+k] += x * y
		}
	}
}

// stratum is the covariance of the sum of a sample. One of a single cluster has no mean to tell from its scatter.
func (s *sample) stratum() stratum {
	out := stratum{v: s.v, freedom: 1}
	if s.n < 2 {
		return out
	}
	n, size := float64(s.n), len(s.sum)
	out.freedom = n - 1
	for i, x := range s.sum {
		for k, y := range s.sum {
			out.v[i*size+k] = n / (n - 1) * (out.v[i*size+k] - x*y/n)
		}
	}
	return out
}

// independent is the covariance of one of the fits.
func (c *contrast) independent(side int) stratum {
	n, f, places := len(c.of), c.fits[side], c.places[side]
	v, size := make([]float64, n*n), len(f.table.active)
	for i, x := range places {
		for k, y := range places {
			v[i*n+k] = f.cov[x*size+y]
		}
	}
	centre(v, n)
	return stratum{v, math.Inf(1)}
}

// each tells of single contestants.
func (c *contrast) each(s *Shift) {
	n := len(c.of)
	var told []int
	for i, at := range c.of {
		v := c.v[i*n+i]
		change := Change{Compared: true, Points: c.d[i], Lower: c.d[i], Upper: c.d[i], P: math.NaN(), Holm: math.NaN()}
		if v > c.nothing(i) {
			squares := 0.0
			for _, part := range c.parts {
				squares += part.v[i*n+i] * part.v[i*n+i] / part.freedom
			}
			nu := v * v / squares
			change.SE = math.Sqrt(v)
			half := halfT(nu) * change.SE
			change.Lower, change.Upper = c.d[i]-half, c.d[i]+half
			change.P = beyondT(c.d[i]/change.SE, nu)
			told = append(told, at)
		}
		s.Changes[at] = change
	}
	holm(s.Changes, told)
}

// nothing is a variance that is rounding, beside those of both ratings.
func (c *contrast) nothing(i int) (v float64) {
	for side, f := range c.fits {
		v += f.cov[c.places[side][i]*len(f.table.active)+c.places[side][i]]
	}
	return 1e-18 * v
}

// holm multiplies the least chance by how many there are, the next by one less, and so on; none is below the one before it.
func holm(all []Change, told []int) {
	slices.SortStableFunc(told, func(i, k int) int { return cmp.Compare(all[i].P, all[k].P) })
	least := 0.0
	for rank, i := range told {
		least = max(least, min(1, float64(len(told)-rank)*all[i].P))
		all[i].Holm = least
	}
}

// whole tells of all contestants together. The last one follows from the others; others that do, such as those of whom nothing
// was judged anew, are left out by invert: the statistic is the same with any generalised inverse.
func (c *contrast) whole(s *Shift) {
	n, k := len(c.of), len(c.of)-1
	first := func(v []float64) []float64 {
		out := make([]float64, 0, k*k)
		for i := range k {
			out = append(out, v[i*n:i*n+k]...)
		}
		return out
	}
	v, least := first(c.v), make([]float64, k*k)
	for i := range k {
		least[i*k+i] = max(v[i*k+i], 1e9*c.nothing(i))
	}
	inverse, known := invert(v, least, k)
	for i := range k {
		if known[i] {
			s.Among++
		}
	}
	if s.Among == 0 {
		return
	}
	s.Wald = 0
	for i := range k {
		s.Wald += c.d[i] * dot(inverse[i*k:(i+1)*k], c.d[:k])
	}
	p, sum := float64(s.Among), 0.0
	for _, part := range c.parts {
		m := product(first(part.v), inverse, k)
		trace, squares := 0.0, 0.0
		for i := range k {
			trace += m[i*k+i]
			for j := range k {
				squares += m[i*k+j] * m[j*k+i]
			}
		}
		sum += (squares + trace*trace) / part.freedom
	}
	s.Freedom = (p + p*p) / sum
	switch left := s.Freedom - p + 1; {
	case math.IsInf(left, 1):
		s.P = beyondF(s.Wald/p, p, left)
	case left >= 1:
		s.P = beyondF(s.Wald/p*left/s.Freedom, p, left)
	}
}
