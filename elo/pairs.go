package elo

// pair is all battles between two contestants, folded. It holds points rather than outcomes: sums of halves are exact
// in any order, and a sum times a probability never cancels where one side took everything.
type pair struct {
	i, j int32 // i < j, places in table.active
	tally
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

// table is what was counted, arranged.
func (c *Counts) table() *table {
	t := &table{n: c.n, place: make([]int32, c.n), battles: make([]int, c.n), index: make([]int32, pairsOf(c.n))}
	for i := range int32(c.n) {
		for j := i + 1; j < int32(c.n); j++ {
			of := c.of(i, j)
			if of.battles == 0 {
				continue
			}
			t.pairs = append(t.pairs, pair{i, j, of})
			t.index[slot(i, j)] = int32(len(t.pairs))
			t.battles[i] += of.battles
			t.battles[j] += of.battles
		}
	}
	for i, battles := range t.battles {
		t.place[i] = -1
		if battles > 0 {
			t.place[i] = int32(len(t.active))
			t.active = append(t.active, int32(i))
		}
	}
	for k := range t.pairs {
		p := &t.pairs[k]
		p.i, p.j = t.place[p.i], t.place[p.j]
	}
	return t
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
