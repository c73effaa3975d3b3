package elo

import (
	"math/rand/v2"
	"slices"
)

// nearEnough is the last step of a round with covariates: the next one, being Newton's, would be its square.
const nearEnough = 1e-3

// rounds are those of a bootstrap with covariates: clusters, or battles, are drawn with replacement, and strengths and
// effects are fitted to them together. A round takes as long as a few looks at every battle.
func (j *joint) rounds(m maximum[*bordered], o Options) func() func(int) found {
	around, ends := newReach(j.t), j.ends(o.Interval == Bootstrap)
	return func() func(int) found {
		r, l := around.clone(), &likelihood{pairs: slices.Clone(j.t.pairs)}
		again := j.clone()
		return func(round int) found {
			again.redraw(rand.New(rand.NewPCG(o.Seed, uint64(round))), ends)
			again.count(l.pairs)
			again.prior = !r.strong(l.pairs)
			top, ok := climb(again, m.x, nearEnough)
			return found{top.x, again.prior, ok && !again.ranAway(top.curve)}
		}
	}
}

// ends are the steps of the way where clusters end, or battles.
func (j *joint) ends(clustered bool) (ends []int) {
	for k := 1; k < len(j.way.places); k++ {
		if !clustered || j.way.starts(k) {
			ends = append(ends, k)
		}
	}
	return append(ends, len(j.way.places))
}

// clone has sums of its own.
func (j *joint) clone() *joint {
	c := *j
	c.times, c.parts = make([]int32, len(j.way.places)), slices.Clone(j.parts)
	for k, p := range c.parts {
		c.parts[k].g, c.parts[k].c = make([]float64, len(p.g)), newBordered(p.c.h.n, p.c.k)
	}
	return &c
}

// redraw draws as many stretches of the way, by their ends, as there are.
func (j *joint) redraw(rng *rand.Rand, ends []int) {
	clear(j.times)
	for range ends { // at the last step of each, for now
		j.times[ends[rng.IntN(len(ends))]-1]++
	}
	start := 0
	for _, end := range ends {
		n := j.times[end-1]
		for k := start; k < end; k++ {
			j.times[k] = n
		}
		start = end
	}
}

// count replaces the points of all pairs by those that were drawn.
func (j *joint) count(pairs []pair) {
	for k := range pairs {
		pairs[k].pi, pairs[k].pj = 0, 0
	}
	for step, i := range j.way.places {
		low, high, score := j.way.battles[i].upward()
		p, w := &pairs[j.t.pair(low, high)], j.weight(step)
		p.pi += w * score
		p.pj += w * (1 - score)
	}
}
