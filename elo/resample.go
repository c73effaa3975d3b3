package elo

import "math/rand/v2"

// resampler draws battles with replacement and adds up the points of the lower and the upper contestant, by pair.
type resampler interface {
	// worker has memory of its own, and is for one goroutine.
	worker() (draw func(rng *rand.Rand, points [][2]float64))
}

// usualRounds are enough for the bounds to err by 10 % of the interval's width.
const usualRounds = 1000

// resampler is what a bootstrap of that kind draws from; nil for other intervals.
func (t *table) resampler(c *Counts, battles []Battle, kind Interval) resampler {
	switch kind {
	case Bootstrap:
		return newClusters(t, battles)
	case BootstrapBattles:
		return &cells{c.cells(t), c.battles}
	}
	return nil
}

// cell is all battles of a pair that ended alike.
type cell struct {
	pair         int32
	count        int
	lower, upper float64 // points of one battle
}

// cells resamples battles by how often each kind of them comes, which is the same as drawing them one by one.
type cells struct {
	all   []cell
	total int
}

func (c *cells) worker() func(*rand.Rand, [][2]float64) { return c.draw }

// draw is multinomial: one binomial after the other, each of what is left.
func (c *cells) draw(rng *rand.Rand, points [][2]float64) {
	left, among := c.total, c.total
	for i := range c.all {
		of := &c.all[i]
		n := binomial(rng, left, float64(of.count)/float64(among))
		points[of.pair][0] += float64(n) * of.lower
		points[of.pair][1] += float64(n) * of.upper
		left, among = left-n, among-of.count
	}
}

// share is what one cluster adds to a pair.
type share struct {
	pair         int32
	lower, upper float64
}

// clusters resamples clusters with all of their battles.
type clusters struct {
	shares []share
	ends   []int // of each cluster in shares
}

func newClusters(t *table, battles []Battle) *clusters {
	c := &clusters{}
	start := 0
	var current int32
	at := make([]int32, len(t.pairs)) // 1 + place in shares, of the pairs of this cluster
	next := func() {
		for _, s := range c.shares[start:] {
			at[s.pair] = 0
		}
		start = len(c.shares)
		c.ends = append(c.ends, start)
	}
	first := true
	for _, b := range byCluster(battles) {
		if !first && b.Cluster != current {
			next()
		}
		first, current = false, b.Cluster
		i, j, score := b.upward()
		pair := t.pair(i, j)
		if at[pair] == 0 {
			c.shares = append(c.shares, share{pair: pair})
			at[pair] = int32(len(c.shares))
		}
		s := &c.shares[at[pair]-1]
		s.lower += b.Weight * score
		s.upper += b.Weight * (1 - score)
	}
	next()
	return c
}

func (c *clusters) worker() func(*rand.Rand, [][2]float64) {
	times := make([]float64, len(c.ends)) // that each was drawn
	return func(rng *rand.Rand, points [][2]float64) {
		clear(times)
		for range times {
			times[rng.IntN(len(times))]++
		}
		start := 0
		for k, n := range times {
			if n > 0 {
				for _, s := range c.shares[start:c.ends[k]] {
					points[s.pair][0] += n * s.lower
					points[s.pair][1] += n * s.upper
				}
			}
			start = c.ends[k]
		}
	}
}
