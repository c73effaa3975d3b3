package elo

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// usualRounds leave a bound uncertain by about a fiftieth of the interval's width.
const usualRounds = 1000

// cell is a way to add to the points of a pair: all battles that ended alike, or all clusters in which the pair did.
type cell struct {
	pair         int32
	lower, upper float64 // points of the two
}

func (c cell) compare(d cell) int {
	return cmp.Or(cmp.Compare(c.pair, d.pair), cmp.Compare(c.lower, d.lower), cmp.Compare(c.upper, d.upper))
}

// resampler draws battles, or clusters of them, with replacement.
type resampler struct {
	cells []cell // ascending, whatever the order of the battles
	// worker has memory of its own, and is for one goroutine. It draws how often each cell came.
	worker func() (draw func(rng *rand.PCG, times []int))
}

// resampler is what a bootstrap of that kind draws from.
func (t *table) resampler(c *Counts, battles []Battle, kind Interval) resampler {
	if kind == Bootstrap {
		return t.clusters(battles)
	}
	cells, counts := c.cells(t)
	m := newMultinomial(counts)
	return resampler{cells, func() func(*rand.PCG, []int) { return m.draw }}
}

// clusters resamples clusters with all of their battles.
func (t *table) clusters(battles []Battle) resampler {
	g := newGrouping(t)
	g.members = make([]member, 0, len(battles)) // the most there may be
	for k, starts := range byCluster(battles).all() {
		if starts {
			g.next()
		}
		g.add(&battles[k])
	}
	g.next()
	cells, members := g.arrange()
	if len(g.members) == g.clusters { // each adds to one pair only, as a battle alone does: which cluster it was does not matter
		sizes := make([]int, len(cells))
		for k, of := range members {
			sizes[k] = len(of)
		}
		m := newMultinomial(sizes)
		return resampler{cells, func() func(*rand.PCG, []int) { return m.draw }}
	}
	return resampler{cells, func() func(*rand.PCG, []int) {
		drawn := make([]int32, g.clusters) // how often
		return func(rng *rand.PCG, times []int) {
			clear(drawn)
			dice := rand.New(rng)
			for range drawn {
				drawn[dice.IntN(len(drawn))]++
			}
			for k, of := range members {
				sum := 0
				for _, c := range of {
					sum += int(drawn[c])
				}
				times[k] = sum
			}
		}
	}}
}

// grouping finds the cells of clusters.
type grouping struct {
	table    *table
	points   []cell // by pair: of this cluster
	met      marks
	list     []int32
	numbers  map[cell]int32
	cells    []cell
	members  []member
	clusters int
	open     bool // a cluster is begun
}

type member struct{ cell, cluster int32 }

func newGrouping(t *table) *grouping {
	return &grouping{table: t, points: make([]cell, len(t.pairs)), met: newMarks(len(t.pairs)), numbers: map[cell]int32{}}
}

func (g *grouping) add(b *Battle) {
	i, j, score := b.upward()
	k := g.table.pair(i, j)
	g.met.add(k)
	g.points[k].lower += b.Weight * score
	g.points[k].upper += b.Weight * (1 - score)
	g.open = true
}

// next ends a cluster, if one is begun.
func (g *grouping) next() {
	if !g.open {
		return
	}
	g.list = g.met.take(g.list[:0])
	for _, k := range g.list {
		of := cell{k, g.points[k].lower, g.points[k].upper}
		g.points[k] = cell{}
		number, known := g.numbers[of]
		if !known {
			number = int32(len(g.cells))
			g.numbers[of] = number
			g.cells = append(g.cells, of)
		}
		g.members = append(g.members, member{number, int32(g.clusters)})
	}
	g.clusters++
	g.open = false
}

// arrange returns the cells in ascending order, and the clusters of each.
func (g *grouping) arrange() (cells []cell, clusters [][]int32) {
	sorted := make([]int32, len(g.cells))
	for k := range sorted {
		sorted[k] = int32(k)
	}
	slices.SortFunc(sorted, func(a, b int32) int { return g.cells[a].compare(g.cells[b]) })
	sizes := make([]int, len(g.cells))
	for _, m := range g.members {
		sizes[m.cell]++
	}
	all, byNumber := make([]int32, 0, len(g.members)), make([][]int32, len(g.cells))
	for _, k := range sorted {
		cells = append(cells, g.cells[k])
		end := len(all) + sizes[k]
		byNumber[k] = all[len(all):len(all):end]
		all = all[:end]
	}
	for _, m := range g.members {
		byNumber[m.cell] = append(byNumber[m.cell], m.cluster)
	}
	for _, k := range sorted {
		clusters = append(clusters, byNumber[k])
	}
	return cells, clusters
}
