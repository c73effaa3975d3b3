package elo

import (
	"math"
	"slices"
)

// maximum is the outcome of a search for the most likely strengths.
type maximum struct {
	t     []float64  // strengths
	h     *laplacian // negated second derivative at t, factored
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

// maximise searches from strengths of 0 by Newton's method, halving a step that gains too little. Five to ten steps
// are usual. It reports false if there is no maximum that float64 can hold, such as for scores of 1e-200.
func (l likelihood) maximise() (maximum, bool) {
	return l.maximiseFrom(make([]float64, l.n), standing)
}

// maximiseFrom searches from other strengths, which it does not change, until a step is smaller than last.
func (l likelihood) maximiseFrom(strengths []float64, last float64) (maximum, bool) {
	m := maximum{t: slices.Clone(strengths), h: newLaplacian(l.n)}
	slope, step, trial := make([]float64, l.n), make([]float64, l.n), make([]float64, l.n)
	here := l.value(m.t)
	for moving := true; m.steps < mostSteps; m.steps++ {
		l.slopes(m.t, slope, m.h)
		if !m.h.factor() {
			return m, false
		}
		if !moving {
			return m, true
		}
		copy(step, slope)
		m.h.solve(step, 0)
		l.shorten(step)
		moving = largest(step) >= last
		var ok bool
		if here, ok = l.advance(m.t, step, trial, here, dot(slope, step)); !ok {
			return m, false
		}
	}
	return m, false
}

// shorten scales a step that would move the two of a pair too far apart.
func (l likelihood) shorten(step []float64) {
	wide := 0.0
	for k := range l.pairs {
		wide = max(wide, math.Abs(step[l.pairs[k].i]-step[l.pairs[k].j]))
	}
	if wide <= widest {
		return
	}
	for i := range step {
		step[i] *= widest / wide
	}
}

// advance moves t by step, or by the first half, quarter … of it that gains enough, and returns the likelihood there;
// promise is what the whole step would gain were the slope to last. It reports false, and leaves t alone, if none does.
func (l likelihood) advance(t, step, trial []float64, here, promise float64) (float64, bool) {
	slack := 1e-13 * (1 + math.Abs(here)) // rounding of the sum: near the top it hides the gain
	for range halvings {
		for i := range t {
			trial[i] = t[i] + step[i]
		}
		if there := l.value(trial); there >= here+enough*promise-slack {
			copy(t, trial)
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
