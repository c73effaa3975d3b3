package elo

import (
	"math"
	"math/rand/v2"
	"slices"
)

// found is what a round of a bootstrap found: strengths, and effects behind them.
type found struct {
	x    []float64
	poor bool // virtual ties stood in
	ok   bool
}

// bootstrap rates so many resamples of the battles of n contestants. The bounds are the 2.5 and the 97.5 percentiles,
// interpolated. False: in some round not even virtual ties gave strengths.
func bootstrap(n, rounds int, worker func() func(round int) found) (variance, bool) {
	all, each := make([][]float64, rounds), make([]found, rounds)
	inRounds(rounds, func() func(int) {
		do := worker()
		return func(round int) { each[round] = do(round) }
	})
	out := variance{}
	for k, f := range each {
		if !f.ok {
			return variance{}, false
		}
		if f.poor {
			out.lopsided++
		}
		centred(f.x[:n])
		all[k] = f.x
	}
	out.v = covariance(all)
	out.lower, out.upper = percentiles(all)
	return out, true
}

// rounds are those that draw from cells. Each starts from the strengths of all battles, and draws from the seed and its own
// number alone.
func (t *table) rounds(m maximum[*laplacian], from resampler, seed uint64) func() func(int) found {
	around := newReach(t)
	return func() func(int) found {
		l := &likelihood{n: len(t.active), pairs: slices.Clone(t.pairs)}
		times, r, draw, trace := make([]int, len(from.cells)), around.clone(), from.worker(), newRetrace(l, m)
		return func(round int) found {
			draw(rand.NewPCG(seed, uint64(round)), times)
			l.count(from.cells, times)
			l.prior = !r.strong(l.pairs)
			strengths, ok := trace.again()
			if !ok && !l.prior {
				l.prior = true
				strengths, ok = trace.again()
			}
			return found{strengths, l.prior, ok}
		}
	}
}

// count replaces the points of all pairs by those of cells that came so often.
func (l *likelihood) count(cells []cell, times []int) {
	for k := range l.pairs {
		l.pairs[k].pi, l.pairs[k].pj = 0, 0
	}
	for k, c := range cells {
		p := &l.pairs[c.pair]
		p.pi += float64(times[k]) * c.lower
		p.pj += float64(times[k]) * c.upper
	}
}

// percentiles are the 2.5 and the 97.5 ones of each column.
func percentiles(rows [][]float64) (lower, upper []float64) {
	column := make([]float64, len(rows))
	for i := range rows[0] {
		for k, row := range rows {
			column[k] = row[i]
		}
		slices.Sort(column)
		lower, upper = append(lower, quantile(column, 0.025)), append(upper, quantile(column, 0.975))
	}
	return lower, upper
}

// nearly is the last step of a round, in units of strength: resampling moves ratings a million times as far.
const nearly = 1e-6

// retrace finds the strengths of resamples, beginning at the maximum of all battles. The second derivative there is nearly
// that of the resample, and is factored already: steps with it are many times cheaper than Newton's, and few where battles
// are many. Where they do not shrink fast, Newton's method does it.
type retrace struct {
	l          *likelihood
	from       maximum[*laplacian]
	step, odds []float64
}

func newRetrace(l *likelihood, from maximum[*laplacian]) *retrace {
	return &retrace{l: l, from: from, step: make([]float64, l.n), odds: make([]float64, l.n)}
}

func (r *retrace) again() ([]float64, bool) {
	t := slices.Clone(r.from.x)
	for before := math.Inf(1); !r.l.prior && r.l.gradient(t, r.step, r.odds); {
		r.from.curve.solve(r.step)
		size := largest(r.step)
		if size > before/2 {
			break
		}
		for i := range t {
			t[i] += r.step[i]
		}
		if size < nearly {
			return t, true
		}
		before = size
	}
	found, ok := climb(r.l, r.from.x, nearly)
	return found.x, ok
}

// centred takes the mean off.
func centred(v []float64) {
	mean := 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for i := range v {
		v[i] -= mean
	}
}

// quantile of ascending numbers, linear between them: the default of numpy, type 7 of Hyndman and Fan.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(math.Floor(at))
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// covariance of the columns of rows.
func covariance(rows [][]float64) []float64 {
	n := len(rows[0])
	means, v := make([]float64, n), make([]float64, n*n)
	for _, row := range rows {
		for i, x := range row {
			means[i] += x / float64(len(rows))
		}
	}
	apart := make([]float64, n)
	for _, row := range rows {
		for i, x := range row {
			apart[i] = x - means[i]
		}
		for i, x := range apart {
			line := v[i*n : i*n+i+1]
			for j := range line {
				line[j] += x * apart[j]
			}
		}
	}
	for i := range n {
		for j := range i + 1 {
			v[i*n+j] /= float64(max(1, len(rows)-1))
			v[j*n+i] = v[i*n+j]
		}
	}
	return v
}

// reach tells whether points flow from everybody to everybody, without asking for memory.
type reach struct {
	near  [][]int32 // by place: its pairs
	seen  []bool
	stack []int32
}

func newReach(t *table) *reach {
	r := &reach{near: make([][]int32, len(t.active)), seen: make([]bool, len(t.active))}
	for k, p := range t.pairs {
		r.near[p.i], r.near[p.j] = append(r.near[p.i], int32(k)), append(r.near[p.j], int32(k))
	}
	return r
}

// clone shares what is never changed.
func (r *reach) clone() *reach { return &reach{near: r.near, seen: make([]bool, len(r.seen))} }

// strong reports whether there is one strong component: all are reached from the first, along points taken and along
// points given.
func (r *reach) strong(pairs []pair) bool { return r.all(pairs, true) && r.all(pairs, false) }

func (r *reach) all(pairs []pair, taken bool) bool {
	clear(r.seen)
	r.seen[0] = true
	r.stack = append(r.stack[:0], 0)
	reached := 1
	for len(r.stack) > 0 && reached < len(r.seen) {
		i := r.stack[len(r.stack)-1]
		r.stack = r.stack[:len(r.stack)-1]
		for _, k := range r.near[i] {
			p := &pairs[k]
			other, mine, theirs := p.j, p.pi, p.pj
			if i == p.j {
				other, mine, theirs = p.i, p.pj, p.pi
			}
			flows := mine > 0
			if !taken {
				flows = theirs > 0
			}
			if flows && !r.seen[other] {
				r.seen[other] = true
				reached++
				r.stack = append(r.stack, other)
			}
		}
	}
	return reached == len(r.seen)
}
