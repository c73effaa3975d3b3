package elo

import "math"

// likelihood is the log-likelihood of folded battles as a function of n strengths, in natural units.
type likelihood struct {
	n     int
	pairs []pair
	// prior adds one virtual tie of weight 1 for each contestant against a phantom of strength 0. Then the maximum is
	// finite for any battles.
	prior bool
}

// chances returns the probability 1/(1+exp(-d)) and its complement, both with all their digits.
func chances(d float64) (p, q float64) {
	z := math.Exp(-math.Abs(d))
	p, q = 1/(1+z), z/(1+z)
	if d < 0 {
		return q, p
	}
	return p, q
}

// logChances returns the logarithms of both chances.
func logChances(d float64) (p, q float64) {
	z := math.Log1p(math.Exp(-math.Abs(d)))
	if d < 0 {
		return d - z, -z
	}
	return -z, -d - z
}

// value is the log-likelihood at the strengths t; a tie counts as half a win and half a loss.
func (l likelihood) value(t []float64) float64 {
	sum := 0.0
	for k := range l.pairs {
		p := &l.pairs[k]
		win, lose := logChances(t[p.i] - t[p.j])
		sum += p.pi*win + p.pj*lose
	}
	if l.prior {
		for _, x := range t {
			win, lose := logChances(x)
			sum += (win + lose) / 2
		}
	}
	return sum
}

// slopes puts the gradient at t into g and the negated second derivative into h.
func (l likelihood) slopes(t, g []float64, h *laplacian) {
	clear(g)
	h.reset()
	for k := range l.pairs {
		pr := &l.pairs[k]
		p, q := chances(t[pr.i] - t[pr.j])
		surplus := pr.pi*q - pr.pj*p // points of i beyond what t expects
		g[pr.i] += surplus
		g[pr.j] -= surplus
		h.connect(pr.i, pr.j, (pr.pi+pr.pj)*p*q)
	}
	if l.prior {
		for i, x := range t {
			p, q := chances(x)
			g[i] += (q - p) / 2
			h.excess[i] += p * q
		}
	}
}

// maximum is the outcome of a search for the most likely strengths.
type maximum struct {
	t     []float64  // strengths
	h     *laplacian // negated second derivative at t, factored
	steps int
}

// The search ends after a step this small: convergence is quadratic, so what is left is rounding (a gradient far below
// 1e-10 for usual weights). A small gradient alone proves nothing, for it vanishes where probabilities reach 0 or 1.
const (
	standing  = 1e-9
	mostSteps = 200
	halvings  = 40
)

// maximise searches from strengths of 0 by Newton's method, halving a step that would lose likelihood. Five to ten steps
// are usual. It reports false if there is no maximum that float64 can hold, such as for scores of 1e-200.
func (l likelihood) maximise() (maximum, bool) {
	m := maximum{t: make([]float64, l.n), h: newLaplacian(l.n)}
	step, trial := make([]float64, l.n), make([]float64, l.n)
	here := l.value(m.t)
	for moving := true; m.steps < mostSteps; m.steps++ {
		l.slopes(m.t, step, m.h)
		if !m.h.factor() {
			return m, false
		}
		if !moving {
			return m, true
		}
		m.h.solve(step, 0)
		size := largest(step)
		moving = size >= standing
		var ok bool
		if here, ok = l.advance(m.t, step, trial, here); !ok {
			return m, size < 1e-6
		}
	}
	return m, false
}

// advance moves t by step, or by the largest half, quarter … of it that loses no likelihood, and returns the likelihood
// there. It reports false, and leaves t alone, if none does: t is then as good as rounding lets it be, or step is wild.
func (l likelihood) advance(t, step, trial []float64, here float64) (float64, bool) {
	slack := 1e-13 * (1 + math.Abs(here)) // rounding of the sum: near the top it hides the gain
	for range halvings {
		for i := range t {
			trial[i] = t[i] + step[i]
		}
		if there := l.value(trial); there >= here-slack {
			copy(t, trial)
			return there, true
		}
		for i := range step {
			step[i] /= 2
		}
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
