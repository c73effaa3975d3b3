package elo

import "math"

// likelihood is the log-likelihood of folded battles as a function of n strengths, in natural units.
type likelihood struct {
	n     int
	pairs []pair
	// prior adds one virtual tie of weight 1 for each contestant against a phantom of strength 0. Then the maximum is
	// finite for any battles.
	prior bool
	h     *laplacian // of the last slopes; made when it is needed
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

// maximise searches from strengths of 0.
func (l *likelihood) maximise() (maximum[*laplacian], bool) {
	return climb(l, make([]float64, l.n), standing)
}

// value is the log-likelihood at the strengths t; a tie counts as half a win and half a loss.
func (l *likelihood) value(t []float64) float64 {
	sum := 0.0
	for k := range l.pairs {
		p := &l.pairs[k]
		win, lose := logChances(t[p.i] - t[p.j])
		sum += p.pi*win + p.pj*lose
	}
	if l.prior {
		sum += virtualTies(t)
	}
	return sum
}

// virtualTies is the log-likelihood of one tie of each contestant against a phantom of strength 0.
func virtualTies(t []float64) (sum float64) {
	for _, x := range t {
		win, lose := logChances(x)
		sum += (win + lose) / 2
	}
	return sum
}

// lean adds virtual ties to the gradient and the curvature.
func lean(t, g []float64, h *laplacian) {
	for i, x := range t {
		p, q := chances(x)
		g[i] += (q - p) / 2
		h.excess[i] += p * q
	}
}

// width is how far a step moves those of a pair apart.
func (l *likelihood) width(step []float64) float64 { return width(l.pairs, step) }

func width(pairs []pair, step []float64) (wide float64) {
	for k := range pairs {
		wide = max(wide, math.Abs(step[pairs[k].i]-step[pairs[k].j]))
	}
	return wide
}

// slopes is the gradient and the curvature at the strengths t.
func (l *likelihood) slopes(t, g []float64) (*laplacian, bool) {
	l.bend(t, g)
	return l.h, l.h.factor()
}

// bend is slopes but for factoring.
func (l *likelihood) bend(t, g []float64) {
	if l.h == nil {
		l.h = newLaplacian(l.n)
	}
	clear(g)
	l.h.reset()
	for k := range l.pairs {
		pr := &l.pairs[k]
		p, q := chances(t[pr.i] - t[pr.j])
		surplus := pr.pi*q - pr.pj*p // points of i beyond what t expects
		g[pr.i] += surplus
		g[pr.j] -= surplus
		l.h.connect(pr.i, pr.j, (pr.pi+pr.pj)*p*q)
	}
	if l.prior {
		lean(t, g, l.h)
	}
}

// gradient puts the gradient at t into g, without virtual ties. The odds of each contestant are taken once: that is far
// quicker than a logarithm's inverse for each pair, and loses no digit where they can be held, which is some 120,000
// points; false: they cannot.
func (l *likelihood) gradient(t, g, odds []float64) bool {
	const most = 300
	if !(largest(t) < most) {
		return false
	}
	clear(g)
	for i, x := range t {
		odds[i] = math.Exp(x)
	}
	for k := range l.pairs {
		pr := &l.pairs[k]
		x, y := odds[pr.i], odds[pr.j]
		surplus := (pr.pi*y - pr.pj*x) / (x + y)
		g[pr.i] += surplus
		g[pr.j] -= surplus
	}
	return true
}
