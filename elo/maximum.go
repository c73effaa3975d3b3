package elo

import (
	"math"
	"slices"
)

// surface is a concave function of many numbers, whose top is looked for.
type surface[C curvature] interface {
	value(x []float64) float64
	// slopes puts the gradient at x into g, and returns the negated second derivative; false: it cannot be factored. What
	// it returned before may change.
	slopes(x, g []float64) (C, bool)
	// width is how far a step moves what it moves furthest.
	width(step []float64) float64
}

// curvature is a factored matrix.
type curvature interface {
	// solve replaces b by the solution of the matrix times x = b.
	solve(b []float64)
}

// maximum is the outcome of a search.
type maximum[C curvature] struct {
	x     []float64
	curve C // the negated second derivative at x
	steps int
}

const (
	// The search ends after a step this small: convergence is quadratic, so what is left is rounding (a gradient far
	// below 1e-10 for usual weights). A small gradient alone proves nothing, for it vanishes where probabilities reach
	// 0 or 1.
	standing  = 1e-9
	mostSteps = 200
	// No step moves the strengths of a pair further apart than this. Usual battles never ask for it; where weights
	// differ by many powers of ten it keeps the search out of regions too flat to come back from.
	widest   = 8
	halvings = 400
	// A step has to gain this part of what the slope promises.
	enough = 1e-4
)

// climb searches from a point, which it does not change, by Newton's method, halving a step that gains too little, until a
// step is smaller than last. Five to ten steps are usual. It reports false if there is no maximum that float64 can hold,
// such as for scores of 1e-200.
func climb[C curvature](f surface[C], from []float64, last float64) (m maximum[C], ok bool) {
	m.x = slices.Clone(from)
	slope, step, trial := make([]float64, len(from)), make([]float64, len(from)), make([]float64, len(from))
	here := f.value(m.x)
	for moving := true; m.steps < mostSteps; m.steps++ {
		if m.curve, ok = f.slopes(m.x, slope); !ok || !moving {
			return m, ok
		}
		copy(step, slope)
		m.curve.solve(step)
		if wide := f.width(step); wide > widest {
			for i := range step {
				step[i] *= widest / wide
			}
		}
		moving = largest(step) >= last
		if here, ok = advance(f, m.x, step, trial, here, dot(slope, step)); !ok {
			return m, false
		}
	}
	return m, false
}

// advance moves x by step, or by the first half, quarter … of it that gains enough, and returns the value there; promise
// is what the whole step would gain were the slope to last. It reports false, and leaves x alone, if none does.
func advance[C curvature](f surface[C], x, step, trial []float64, here, promise float64) (float64, bool) {
	slack := 1e-13 * (1 + math.Abs(here)) // rounding of the sum: near the top it hides the gain
	for range halvings {
		for i := range x {
			trial[i] = x[i] + step[i]
		}
		if there := f.value(trial); there >= here+enough*promise-slack {
			copy(x, trial)
			return there, true
		}
		for i := range step {
			step[i] /= 2
		}
		promise /= 2
	}
	return here, false
}

// largest is the greatest absolute value in v.
func largest(v []float64) float64 {
	top := 0.0
	for _, x := range v {
		top = max(top, math.Abs(x))
	}
	return top
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// plus adds b to a.
func plus(a, b []float64) {
	for i, x := range b {
		a[i] += x
	}
}
