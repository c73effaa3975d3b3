package elo

import (
	"math"
	"slices"
)

// Effect is what a covariate does to the outcome of battles.
type Effect struct {
	// Coefficient is what one unit of the covariate adds to the strength of A over B, in natural units; 400/ln10 times
	// that are points. SE is its standard error, by the same method as the intervals of the ratings.
	Coefficient, SE float64
	// Known is false where battles do not tell: the covariate is the same in all of them, or follows from others.
	Known bool
}

// joint is the log-likelihood of battles as a function of strengths and of what covariates do: A beats B with probability
// 1/(1+exp(-d)), d = t_a - t_b + Σ β_k x_k. It cannot be folded to pairs.
type joint struct {
	t          *table
	battles    []Battle
	covariates [][]float64 // by covariate, then by battle, from A's side
	prior      bool
}

// point is where a joint likelihood is looked at.
type point struct {
	t    []float64 // strengths
	beta []float64
}

func (p point) clone() point { return point{slices.Clone(p.t), slices.Clone(p.beta)} }

// add returns p with a step of such a part.
func (p point) add(step point, part float64) point {
	q := p.clone()
	for i, x := range step.t {
		q.t[i] += part * x
	}
	for k, x := range step.beta {
		q.beta[k] += part * x
	}
	return q
}

// at is d of the i-th battle, and the places of its contestants.
func (j *joint) at(p point, i int) (a, b int32, d float64) {
	a, b = j.t.place[j.battles[i].A], j.t.place[j.battles[i].B]
	d = p.t[a] - p.t[b]
	for k, x := range j.covariates {
		d += p.beta[k] * x[i]
	}
	return a, b, d
}

// surplus is how many points A has beyond what d expects, weighted.
func (b *Battle) surplus(won, lost float64) float64 {
	return b.Weight * (b.Score*lost - (1-b.Score)*won)
}

func (j *joint) value(p point) float64 {
	sum := 0.0
	for i := range j.battles {
		battle := &j.battles[i]
		_, _, d := j.at(p, i)
		win, lose := logChances(d)
		sum += battle.Weight * (battle.Score*win + (1-battle.Score)*lose)
	}
	if j.prior {
		for _, x := range p.t {
			win, lose := logChances(x)
			sum += (win + lose) / 2
		}
	}
	return sum
}

// curvature is the negated second derivative: the block of the strengths, factored, and what borders it.
type curvature struct {
	h     *laplacian
	cross [][]float64 // by covariate, then by contestant
	z     [][]float64 // h⁻¹ cross
	inner []float64   // inverse of the Schur complement of h, k×k; a row of 0 where a covariate tells nothing
	known []bool      // by covariate
}

// slopes is the gradient at p and the curvature there; false: a connection vanished in rounding.
func (j *joint) slopes(p point) (g point, c *curvature, ok bool) {
	n, k := len(p.t), len(p.beta)
	g = point{make([]float64, n), make([]float64, k)}
	c = &curvature{h: newLaplacian(n), cross: make([][]float64, k)}
	for m := range c.cross {
		c.cross[m] = make([]float64, n)
	}
	square := make([]float64, k*k)
	for i := range j.battles {
		battle := &j.battles[i]
		a, b, d := j.at(p, i)
		won, lost := chances(d)
		surplus, h := battle.surplus(won, lost), battle.Weight*won*lost
		g.t[a] += surplus
		g.t[b] -= surplus
		c.h.connect(min(a, b), max(a, b), h)
		for m, x := range j.covariates {
			g.beta[m] += surplus * x[i]
			c.cross[m][a] += h * x[i]
			c.cross[m][b] -= h * x[i]
			for l := range m + 1 {
				square[m*k+l] += h * x[i] * j.covariates[l][i]
			}
		}
	}
	if j.prior {
		for i, x := range p.t {
			won, lost := chances(x)
			g.t[i] += (lost - won) / 2
			c.h.excess[i] += won * lost
		}
	}
	if !c.h.factor() {
		return g, c, false
	}
	c.border(square)
	return g, c, true
}

// border finds what the covariates tell beside the strengths; square is the lower triangle of their own block.
func (c *curvature) border(square []float64) {
	k := len(c.cross)
	for _, cross := range c.cross {
		z := slices.Clone(cross)
		c.h.solve(z, 0)
		c.z = append(c.z, z)
	}
	schur := make([]float64, k*k)
	for m := range k {
		for l := range m + 1 {
			schur[m*k+l] = square[m*k+l] - dot(c.z[m], c.cross[l])
			schur[l*k+m] = schur[m*k+l]
		}
	}
	c.inner, c.known = invert(schur, square, k)
}

// invert is the inverse of a symmetric matrix by elimination. Rows of which nothing is left, beside what they were, are
// taken out: they are 0 in the inverse, and not known.
func invert(a, were []float64, k int) (inverse []float64, known []bool) {
	const nothing = 1e-9
	inverse, known = make([]float64, k*k), make([]bool, k)
	for i := range k {
		inverse[i*k+i] = 1
	}
	for i := range k {
		pivot := a[i*k+i]
		if !(pivot > nothing*were[i*k+i]) {
			continue
		}
		known[i] = true
		for l := range k {
			a[i*k+l] /= pivot
			inverse[i*k+l] /= pivot
		}
		for m := range k {
			f := a[m*k+i]
			if m == i || f == 0 {
				continue
			}
			for l := range k {
				a[m*k+l] -= f * a[i*k+l]
				inverse[m*k+l] -= f * inverse[i*k+l]
			}
		}
	}
	for i := range k {
		for l := range k {
			if !known[i] || !known[l] {
				inverse[i*k+l] = 0
			}
		}
	}
	return inverse, known
}

// step is Newton's: the gradient through the inverse of the curvature.
func (c *curvature) step(g point) point {
	k := len(g.beta)
	s := point{slices.Clone(g.t), make([]float64, k)}
	c.h.solve(s.t, 0)
	rest := make([]float64, k)
	for m := range k {
		rest[m] = g.beta[m] - dot(c.z[m], g.t)
	}
	for m := range k {
		s.beta[m] = dot(c.inner[m*k:(m+1)*k], rest)
	}
	for m, z := range c.z {
		for i := range s.t {
			s.t[i] -= s.beta[m] * z[i]
		}
	}
	return s
}

// maximise searches from 0 as likelihood.maximise does.
func (j *joint) maximise() (p point, c *curvature, steps int, ok bool) {
	p = point{make([]float64, len(j.t.active)), make([]float64, len(j.covariates))}
	here := j.value(p)
	for moving := true; steps < mostSteps; steps++ {
		var g point
		if g, c, ok = j.slopes(p); !ok {
			return p, c, steps, false
		}
		if !moving {
			return p, c, steps, true
		}
		step := c.step(g)
		if wide := max(j.widest(step), largest(step.beta)); wide > widest {
			step = point{make([]float64, len(step.t)), make([]float64, len(step.beta))}.add(step, widest/wide)
		}
		moving = max(largest(step.t), largest(step.beta)) >= standing
		if p, here, ok = j.advance(p, step, here, dot(g.t, step.t)+dot(g.beta, step.beta)); !ok {
			return p, c, steps, false
		}
	}
	return p, c, steps, false
}

func (j *joint) widest(step point) (wide float64) {
	for k := range j.t.pairs {
		wide = max(wide, math.Abs(step.t[j.t.pairs[k].i]-step.t[j.t.pairs[k].j]))
	}
	return wide
}

// advance moves p by step, or by the first half, quarter … of it that gains enough of what the whole step promises.
func (j *joint) advance(p, step point, here, promise float64) (point, float64, bool) {
	slack := 1e-13 * (1 + math.Abs(here))
	for part, n := 1.0, 0; n < halvings; part, n = part/2, n+1 {
		trial := p.add(step, part)
		if there := j.value(trial); there >= here+part*enough*promise-slack {
			return trial, there, true
		}
	}
	return p, here, false
}

// inverse is that of the whole curvature, (n+k)×(n+k), on strengths of mean 0.
func (c *curvature) inverse() []float64 {
	n, k := c.h.n, len(c.cross)
	size := n + k
	tt, all := c.h.inverse(), make([]float64, size*size)
	for _, z := range c.z {
		centred(z)
	}
	for i := range n {
		copy(all[i*size:], tt[i*n:(i+1)*n])
	}
	for m := range k {
		for l := range k {
			inner := c.inner[m*k+l]
			all[(n+m)*size+n+l] = inner
			for i := range n {
				all[i*size+n+l] -= c.z[m][i] * inner
				all[(n+l)*size+i] = all[i*size+n+l]
				for y := range n {
					all[i*size+y] += c.z[m][i] * inner * c.z[l][y]
				}
			}
		}
	}
	return all
}

// scatter is the sum over clusters, or over battles, of u·uᵀ, where u is what a cluster adds to the gradient; and the number
// of clusters.
func (j *joint) scatter(p point, clustered bool) (meat []float64, clusters int) {
	n := len(p.t)
	size := n + len(p.beta)
	meat = make([]float64, size*size)
	u, seen, here := make([]float64, size), make([]bool, size), []int{}
	add := func(i int, x float64) {
		if !seen[i] {
			seen[i] = true
			here = append(here, i)
		}
		u[i] += x
	}
	flush := func() {
		slices.Sort(here)
		for _, x := range here {
			for _, y := range here {
				meat[x*size+y] += u[x] * u[y]
			}
		}
		for _, x := range here {
			u[x], seen[x] = 0, false
		}
		here = here[:0]
	}
	var current int32
	for i, battle := range byCluster(j.battles) {
		if clusters == 0 || battle.Cluster != current || !clustered {
			flush()
			clusters++
			current = battle.Cluster
		}
		a, b, d := j.at(p, i)
		won, lost := chances(d)
		surplus := battle.surplus(won, lost)
		add(int(a), surplus)
		add(int(b), -surplus)
		for m, x := range j.covariates {
			if x[i] != 0 {
				add(n+m, surplus*x[i])
			}
		}
	}
	flush()
	return meat, clusters
}
