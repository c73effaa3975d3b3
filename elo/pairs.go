package elo

import (
	"cmp"
	"slices"
)

// pair is all battles between two contestants, folded. It holds points rather than outcomes: sums of halves are exact
// in any order, and a sum times a probability never cancels where one side took everything.
type pair struct {
	i, j    int32 // i < j, places in table.active
	battles int
	sums
}

// table is a set of battles folded to unordered pairs. What it holds does not depend on the order of the battles where
// scores and weights are multiples of a power of two, such as win, tie, loss with weight 1.
type table struct {
	n       int
	active  []int32 // contestants with battles, ascending
	place   []int32 // by contestant: its place in active, or -1
	battles []int   // by contestant
	pairs   []pair  // ascending by (i, j)
	index   []int32 // by slot of contestants: 1 + place in pairs, 0 for a pair without battles
}

// upward returns the contestants of b, lower number first, and the score of the lower one.
func (b Battle) upward() (lower, upper int32, score float64) {
	if b.A < b.B {
		return b.A, b.B, b.Score
	}
	return b.B, b.A, 1 - b.Score
}

// pair is the place in pairs of two contestants that met, the lower number first.
func (t *table) pair(lower, upper int32) int32 { return t.index[slot(lower, upper)] - 1 }

// arrange sorts the pairs and renumbers them among the contestants that have battles.
func (t *table) arrange() {
	for i, battles := range t.battles {
		t.place[i] = -1
		if battles > 0 {
			t.place[i] = int32(len(t.active))
			t.active = append(t.active, int32(i))
		}
	}
	slices.SortFunc(t.pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.i, b.i), cmp.Compare(a.j, b.j))
	})
	for k := range t.pairs {
		p := &t.pairs[k]
		t.index[slot(p.i, p.j)] = int32(k + 1)
		p.i, p.j = t.place[p.i], t.place[p.j]
	}
}

// Pair is all battles between two contestants of a [Fit].
type Pair struct {
	A, B    int // A < B
	Battles int
	Points  float64 // of A: scores times weights
	Weight  float64 // points of both
}

// Pairs lists who met whom, ascending.
func (f *Fit) Pairs() []Pair {
	all := make([]Pair, len(f.table.pairs))
	for k, p := range f.table.pairs {
		all[k] = Pair{
			A: int(f.table.active[p.i]), B: int(f.table.active[p.j]),
			Battles: p.battles, Points: p.pi, Weight: p.pi + p.pj,
		}
	}
	return all
}
