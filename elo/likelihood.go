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

// slope puts the gradient at t into g, without virtual ties.
func (l likelihood) slope(t, g []float64) {
	clear(g)
	for k := range l.pairs {
		pr := &l.pairs[k]
		p, q := chances(t[pr.i] - t[pr.j])
		surplus := pr.pi*q - pr.pj*p
		g[pr.i] += surplus
		g[pr.j] -= surplus
	}
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
