package elo

import (
	"math"
	"slices"
)

// Comparison is one that a goal needs and that is not settled.
type Comparison struct {
	Better, Worse int     // as the ratings have it
	Points        float64 // how far they are apart
	SE            float64 // the standard error of that; +Inf where no chain of battles joins them
}

// Open lists what is not settled of what a goal needs, best contestants first; it is empty when the goal is reached. Who
// has no battles is not compared.
//
// A comparison is settled when the ratings would have to err by z standard errors for the order to be wrong by more than
// the indifference:
//
//	points + indifference ≥ z · SE
//
// So those that are nearly equal are settled too, as soon as it is sure that nothing that matters is lost whichever of
// them stands first; asked for their very order they would never be. It is the stop rule of choices that are probably
// approximately right (Even-Dar, Mannor & Mansour 2006; Kalyanakrishnan et al. 2012). z shares the error among all
// comparisons and looks: some 3.6 for the ranking of 12 contestants after 2,000 battles.
func (f *Fit) Open(g Goal) ([]Comparison, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	order := slices.DeleteFunc(f.Order(), func(i int) bool { return !f.Contestants[i].Rated })
	if len(order) == 0 {
		return nil, nil
	}
	z := g.quantile(len(order), f.battles())
	var open []Comparison
	for x, i := range order {
		if g.Top > 0 && x >= g.Top {
			break
		}
		for _, j := range order[min(max(x+1, g.Top), len(order)):] {
			c := f.comparison(i, j)
			if c.Points+g.Indifference < z*c.SE {
				open = append(open, c)
			}
		}
	}
	return open, nil
}

// comparison is that of two rated contestants, the better one first.
func (f *Fit) comparison(i, j int) Comparison {
	c := Comparison{Better: i, Worse: j, SE: math.Inf(1)}
	points, se, ok := f.Difference(i, j)
	if !ok {
		return c
	}
	c.Points = max(0, points) // the order of the leaderboard sees no more than millionths
	if !math.IsNaN(se) {
		c.SE = se
	}
	return c
}

// battles is how many were counted.
func (f *Fit) battles() int {
	n := 0
	for _, c := range f.Contestants {
		n += c.Battles
	}
	return n / 2
}

// strengths are those of the active contestants, about a mean of 0.
func (f *Fit) strengths() []float64 {
	t, mean := make([]float64, len(f.table.active)), 0.0
	for k, i := range f.table.active {
		t[k] = f.Contestants[i].Rating / scale
		mean += t[k] / float64(len(t))
	}
	for k := range t {
		t[k] -= mean
	}
	return t
}

// expected is the covariance of strengths that the model expects, in natural units: the inverse of the information.
func (f *Fit) expected(strengths []float64) []float64 {
	n := len(strengths)
	l := &likelihood{n: n, pairs: f.table.pairs, prior: f.Prior}
	h, _ := l.slopes(strengths, make([]float64, n)) // it can be factored, as at the end of the fit
	return h.inverse()
}

// between is (e_i-e_j)ᵀ v (e_i-e_j) of a symmetric n×n matrix.
func between(v []float64, n, i, j int) float64 { return v[i*n+i] + v[j*n+j] - 2*v[i*n+j] }

// Needed is about how many more battles of two contestants it takes until zero lies outside the 95 % interval of their
// difference, were the ratings to stay as they are: a battle adds its information p(1-p) to 1/SE². 0: it does already.
// It reports false where there is no telling, since they are equal or not compared.
func (f *Fit) Needed(a, b int) (battles int, ok bool) {
	points, se, ok := f.Difference(a, b)
	if !ok || points == 0 || se == 0 {
		return 0, false
	}
	p, q := chances(points / scale)
	enough, have := z95*scale/points, scale/se
	n := math.Ceil((enough*enough - have*have) / (p * q))
	if !(n < math.MaxInt32) { // NaN fails too
		return 0, false
	}
	return int(max(0, n)), true
}
