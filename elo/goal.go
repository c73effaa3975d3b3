package elo

import (
	"fmt"
	"math"
)

// Goal is what battles are to settle.
type Goal struct {
	// Top is how many contestants are to be told from all others, in whatever order: 1 settles the leader. 0 settles the
	// whole ranking, every pair of it.
	Top int
	// Confidence, such as 0.95, is how sure everything that the goal needs is to be together, not each comparison alone.
	Confidence float64
	// Indifference is how many points apart two contestants may be and yet stand in the wrong order.
	Indifference float64
}

// check says what is wrong with a goal.
func (g Goal) check() error {
	switch {
	case g.Top < 0:
		return fmt.Errorf("the goal is to tell the best %d from the rest: name at least one, or 0 for the whole ranking", g.Top)
	case !(g.Confidence > 0 && g.Confidence < 1):
		return fmt.Errorf("confidence %v is not between 0 and 1; 0.95 is usual", g.Confidence)
	case !(g.Indifference >= 0 && g.Indifference <= math.MaxFloat64):
		return fmt.Errorf("indifference %v is not a number of points from 0 on; 60 is usual", g.Indifference)
	}
	return nil
}

// comparisons is how many a goal makes among n contestants.
func (g Goal) comparisons(n int) int {
	if g.Top > 0 {
		return min(g.Top, n) * max(0, n-g.Top)
	}
	return n * (n - 1) / 2
}

// quantile is z: how many standard errors a comparison of n contestants after so many battles has to survive,
//
//	Φ(-z) = (1 - confidence) / (comparisons · looks),   looks = 1 + log₂(battles / pairs)
//
// The comparisons share the error equally (Bonferroni), and so do the looks, since whoever looks again and again until
// it is settled is wrong more often than once in twenty. Looks after nearly the same battles see nearly the same, so
// that what counts is how often their number doubled; that is a rule of thumb, not a theorem. It was chosen by
// simulation: with neighbours just beyond the indifference, the worst case, 94.5 to 99 % of arenas claim nothing wrong
// (2 to 12 contestants, looks every 10 and every 50 battles); without the looks it is 86 to 97 %. `make adaptive` repeats it.
func (g Goal) quantile(n, battles int) float64 {
	pairs := float64(max(1, n*(n-1)/2))
	looks := 1 + math.Log2(max(1, float64(battles)/pairs))
	return upper((1 - g.Confidence) / (float64(max(1, g.comparisons(n))) * looks))
}

// upper is what a standard normal variable exceeds with probability p.
func upper(p float64) float64 { return math.Sqrt2 * math.Erfcinv(2*p) }
