package elo

import (
	"cmp"
	"slices"
)

// joint is the log-likelihood of battles as a function of strengths and, behind them, of what covariates do: A beats B with
// probability 1/(1+exp(-d)), d = t_a - t_b + Σ β_k x_k. It cannot be folded to pairs.
type joint struct {
	t          *table
	way        order       // the same through the same battles, in whatever order they were given
	covariates [][]float64 // by covariate, then by battle, from A's side
	prior      bool
	times      []int32     // how often each battle counts, by step of the way; nil: once
	parts      []jointPart // what is summed up apart, and then in this order
	tells      []bool      // by covariate: it told something where the search began
}

type jointPart struct {
	from, to int       // on the way
	g        []float64 // gradient
	c        *bordered
}

// newJoint needs 4 bytes a battle for its order, 8 while it sorts.
func newJoint(t *table, battles []Battle, covariates [][]float64, prior bool) *joint {
	j := &joint{t: t, way: byCluster(battles), covariates: covariates, prior: prior}
	if j.way.places == nil {
		j.way.places = make([]int32, len(battles))
		for k := range battles {
			j.way.places[k] = int32(k)
		}
	}
	n, k := len(t.active), len(covariates)
	size := n + k
	cuts := j.way.cut(parts(len(battles), size*size))
	count := len(cuts) - 1
	for p := range count {
		j.parts = append(j.parts, jointPart{len(battles) * p / count, len(battles) * (p + 1) / count, make([]float64, size), newBordered(n, k)})
	}
	j.inParts(func(p int) { j.sort(cuts[p], cuts[p+1]) })
	return j
}

// inParts does something with each part, on all cores.
func (j *joint) inParts(do func(part int)) { inRounds(len(j.parts), func() func(int) { return do }) }

// sort puts each cluster of a stretch of the way into an order of its own.
func (j *joint) sort(from, to int) {
	for k := from + 1; k <= to; k++ {
		if k == to || j.way.starts(k) {
			slices.SortFunc(j.way.places[from:k], j.compare)
			from = k
		}
	}
}

// compare is 0 for two battles of a cluster that say the same only.
func (j *joint) compare(x, y int32) int {
	a, b := &j.way.battles[x], &j.way.battles[y]
	lowA, highA, scoreA := a.upward()
	lowB, highB, scoreB := b.upward()
	c := cmp.Or(cmp.Compare(lowA, lowB), cmp.Compare(highA, highB), cmp.Compare(scoreA, scoreB), cmp.Compare(a.Weight, b.Weight))
	for k := 0; c == 0 && k < len(j.covariates); k++ {
		upA, upB := j.covariates[k][x], j.covariates[k][y]
		if a.A != lowA {
			upA = -upA
		}
		if b.A != lowB {
			upB = -upB
		}
		c = cmp.Compare(upA, upB)
	}
	return c
}

func (j *joint) contestants() int { return len(j.t.active) }

// at is d of the i-th battle, and the places of its contestants.
func (j *joint) at(x []float64, i int) (a, b int32, d float64) {
	a, b = j.t.place[j.way.battles[i].A], j.t.place[j.way.battles[i].B]
	d = x[a] - x[b]
	for k, beta := range x[j.contestants():] {
		d += beta * j.covariates[k][i]
	}
	return a, b, d
}

// weight is that of the battle at a step of the way.
func (j *joint) weight(step int) float64 {
	w := j.way.battles[j.way.places[step]].Weight
	if j.times != nil {
		w *= float64(j.times[step])
	}
	return w
}

// surplus is how many points A has beyond what is expected. Products are rounded by themselves, here and in valueOf, so that
// it is the same to the last bit, but for its sign, where the sides change places.
func (b *Battle) surplus(won, lost float64) float64 {
	return float64(b.Score*lost) - float64((1-b.Score)*won)
}

func (j *joint) value(x []float64) float64 {
	sums := make([]float64, len(j.parts))
	j.inParts(func(p int) { sums[p] = j.valueOf(&j.parts[p], x) })
	sum := 0.0
	for _, s := range sums {
		sum += s
	}
	if j.prior {
		sum += virtualTies(x[:j.contestants()])
	}
	return sum
}

func (j *joint) valueOf(p *jointPart, x []float64) (sum float64) {
	for step, i := range j.way.places[p.from:p.to] {
		battle := &j.way.battles[i]
		_, _, d := j.at(x, int(i))
		win, lose := logChances(d)
		sum += j.weight(p.from+step) * (float64(battle.Score*win) + float64((1-battle.Score)*lose))
	}
	return sum
}

func (j *joint) width(step []float64) float64 {
	n := j.contestants()
	return max(width(j.t.pairs, step[:n]), largest(step[n:]))
}

func (j *joint) slopes(x, g []float64) (*bordered, bool) {
	j.inParts(func(p int) { j.bend(&j.parts[p], x) })
	n, c := j.contestants(), j.parts[0].c
	copy(g, j.parts[0].g)
	for _, p := range j.parts[1:] {
		plus(g, p.g)
		c.plus(p.c)
	}
	if j.prior {
		lean(x[:n], g[:n], c.h)
	}
	ok := c.factor()
	if j.tells == nil {
		j.tells = slices.Clone(c.known)
	}
	return c, ok
}

// ranAway reports whether a covariate that told something where the search began tells nothing at its end: battles that it
// decides are certain by then, and its effect would grow without bound.
func (j *joint) ranAway(end *bordered) bool { return !slices.Equal(j.tells, end.known) }

// bend is the gradient and the curvature of a part.
func (j *joint) bend(p *jointPart, x []float64) {
	n, c, g := j.contestants(), p.c, p.g
	c.reset()
	clear(g)
	for step, i := range j.way.places[p.from:p.to] {
		battle, w := &j.way.battles[i], j.weight(p.from+step)
		a, b, d := j.at(x, int(i))
		won, lost := chances(d)
		surplus, h := w*battle.surplus(won, lost), w*(won*lost)
		g[a] += surplus
		g[b] -= surplus
		c.h.connect(min(a, b), max(a, b), h)
		for m, of := range j.covariates {
			x := of[i]
			g[n+m] += surplus * x
			c.cross[m][a] += h * x
			c.cross[m][b] -= h * x
			for l := range m + 1 {
				c.square[m*c.k+l] += h * x * j.covariates[l][i]
			}
		}
	}
}

// scatter is the sum over clusters, or over battles, of u·uᵀ, where u is what a cluster adds to the gradient; and the number
// of clusters.
func (j *joint) scatter(x []float64, clustered bool) (meat []float64, clusters int) {
	cuts := j.way.cut(len(j.parts))
	all, counts := make([]*scatter, len(j.parts)), make([]int, len(j.parts))
	j.inParts(func(p int) {
		all[p] = newScatter(len(x))
		counts[p] = j.scatterOf(all[p], x, cuts[p], cuts[p+1], clustered)
	})
	for _, n := range counts {
		clusters += n
	}
	return whole(all), clusters
}

// scatterOf walks a stretch of the way.
func (j *joint) scatterOf(s *scatter, x []float64, from, to int, clustered bool) (clusters int) {
	n := j.contestants()
	for i, starts := range j.way.part(from, to) {
		if starts || !clustered {
			s.next()
			clusters++
		}
		battle := &j.way.battles[i]
		a, b, d := j.at(x, i)
		surplus := battle.Weight * battle.surplus(chances(d))
		s.add(a, surplus)
		s.add(b, -surplus)
		for m, of := range j.covariates {
			if of[i] != 0 {
				s.add(int32(n+m), surplus*of[i])
			}
		}
	}
	s.next()
	return clusters
}
