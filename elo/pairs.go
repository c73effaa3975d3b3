package elo

import (
	"cmp"
	"slices"
)

// pair is all battles between two contestants, folded. It holds points rather than outcomes: sums of halves are exact
// in any order, and a sum times a probability never cancels where one side took everything.
type pair struct {
	i, j            int32   // i < j, places in table.active
	pi, pj          float64 // points of i and of j, weighted; together the weight of the pair
	sqI, mixed, sqJ float64 // sums of weight² times score_i², score_i·score_j, score_j²: the residuals' variance at any strength
}

// table is a set of battles folded to unordered pairs. What it holds does not depend on the order of the battles where
// scores and weights are multiples of a power of two, such as win, tie, loss with weight 1.
type table struct {
	n       int
	active  []int32 // contestants with battles, ascending
	place   []int32 // by contestant: its place in active, or -1
	battles []int   // by contestant
	pairs   []pair  // ascending by (i, j)
	index   []int32 // n×n: 1 + place in pairs for a contestant and a greater one, 0 for a pair without battles
}

// fold counts the battles of n contestants. It needs memory for pairs, not for battles. A battle that cannot be counted
// is a *BattleError.
func fold(n int, battles []Battle) (*table, error) {
	t := &table{n: n, place: make([]int32, n), battles: make([]int, n), index: make([]int32, n*n)}
	for k, b := range battles {
		if err := check(n, k, b); err != nil {
			return nil, err
		}
		t.battles[b.A]++
		t.battles[b.B]++
		i, j, score := b.upward()
		at := &t.index[int(i)*n+int(j)]
		if *at == 0 {
			t.pairs = append(t.pairs, pair{i: i, j: j})
			*at = int32(len(t.pairs))
		}
		p, w, lost := &t.pairs[*at-1], b.Weight, 1-score
		p.pi += w * score
		p.pj += w * lost
		p.sqI += w * w * score * score
		p.mixed += w * w * score * lost
		p.sqJ += w * w * lost * lost
	}
	t.arrange()
	return t, nil
}

// upward returns the contestants of b, lower number first, and the score of the lower one.
func (b Battle) upward() (lower, upper int32, score float64) {
	if b.A < b.B {
		return b.A, b.B, b.Score
	}
	return b.B, b.A, 1 - b.Score
}

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
		t.index[int(p.i)*t.n+int(p.j)] = int32(k + 1)
		p.i, p.j = t.place[p.i], t.place[p.j]
	}
}
