package elo

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Counts are battles folded to pairs of contestants as they come. They need memory for pairs, not for battles, and have
// forgotten clusters and covariates. The zero value is ready for use and has no contestants.
type Counts struct {
	// Outcomes keeps how often each score and weight came, which is what a bootstrap of battles draws from. Set it before
	// the first battle. It takes memory only for scores and weights other than win, tie or loss of weight 1.
	Outcomes bool

	n       int // contestants
	battles int // counted
	// By pair of contestants, see slot: how many battles of weight 1 the lower one lost, tied and won.
	plain [][3]int
	other []int32        // by pair: 1 + place in odd, where there are battles of another kind
	odd   []tally        // these
	ways  map[ending]int // how often each of them came; nil without Outcomes
}

// tally is what is counted of the odd battles of a pair.
type tally struct {
	battles int
	sums
}

// sums of battles, each with its score times its weight: the points of both, and what the residuals' variance at any
// strength is made of.
type sums struct {
	pi, pj          float64 // points of i and of j, weighted
	sqI, mixed, sqJ float64 // of weight² times score_i², score_i·score_j, score_j²
}

// ending is a way in which a battle of a pair ends.
type ending struct {
	i, j          int32   // i < j
	score, weight float64 // the score of i
}

// ErrNeedsBattles is why counts alone cannot be rated in the way asked for.
var ErrNeedsBattles = errors.New("counts of pairs are not enough, the battles themselves are needed: use BradleyTerry")

// Grow makes it n contestants, numbered from 0; it never makes it fewer. They may be added between battles.
func (c *Counts) Grow(n int) error {
	if n > MaxContestants {
		return tooMany(n)
	}
	if n > c.n {
		c.n = n
		c.plain = append(c.plain, make([][3]int, pairsOf(n)-len(c.plain))...)
		c.other = append(c.other, make([]int32, pairsOf(n)-len(c.other))...)
	}
	return nil
}

func tooMany(n int) error {
	return fmt.Errorf("%d contestants: Bradley-Terry takes from 0 to %d; leave some out, or use sequential Elo", n, MaxContestants)
}

// Contestants is how many there are, with battles or without.
func (c *Counts) Contestants() int { return c.n }

// Battles is how many were counted.
func (c *Counts) Battles() int { return c.battles }

// slot is the place of a pair, i < j, in a table that grows at its end when contestants are added, to that of pairsOf(n).
func slot(i, j int32) int { return pairsOf(int(j)) + int(i) }

func pairsOf(n int) int { return n * (n - 1) / 2 }

// Add counts a battle; its cluster is forgotten. A battle that cannot be counted is a *BattleError, and changes nothing.
func (c *Counts) Add(b Battle) error {
	if c.addPlain(&b) {
		return nil
	}
	return c.addOdd(c.battles, b)
}

// addPlain counts a battle of weight 1 that is a win, a tie or a loss, and reports whether it is.
func (c *Counts) addPlain(b *Battle) bool {
	// No branch asks who comes first, or who won: half of such guesses are wrong, and cost more than all else here.
	swap := (b.B - b.A) >> 31 // -1 or 0
	i, j := b.A+(b.B-b.A)&swap, b.B-(b.B-b.A)&swap
	halves := int32(2 * b.Score)
	if b.Weight != 1 || float64(halves) != 2*b.Score || uint32(halves) > 2 || i < 0 || i >= j || int(j) >= c.n {
		return false
	}
	c.plain[slot(i, j)][halves^swap+3&swap]++ // 2 - halves where they are swapped
	c.battles++
	return true
}

// addAll counts battles as Add does one by one: plain ones on all cores, since whole numbers have the same sum in any order, and
// then the others.
func (c *Counts) addAll(battles []Battle) error {
	n := parts(len(battles), len(c.plain))
	counted, odd := make([]Counts, n), make([][]int, n)
	inRounds(n, func() func(int) {
		return func(p int) {
			part := Counts{n: c.n, plain: make([][3]int, len(c.plain))}
			for k := p * len(battles) / n; k < (p+1)*len(battles)/n; k++ {
				if !part.addPlain(&battles[k]) {
					odd[p] = append(odd[p], k)
				}
			}
			counted[p] = part
		}
	})
	for p := range counted {
		c.battles += counted[p].battles
		for at, ways := range counted[p].plain {
			for halves, times := range ways {
				c.plain[at][halves] += times
			}
		}
	}
	for _, k := range slices.Concat(odd...) {
		if err := c.addOdd(k, battles[k]); err != nil {
			return err
		}
	}
	return nil
}

// addOdd counts a battle that is no plain win, tie or loss, the k-th.
func (c *Counts) addOdd(k int, b Battle) error {
	if err := check(c.n, k, b); err != nil {
		return err
	}
	i, j, score := b.upward()
	at := &c.other[slot(i, j)]
	if *at == 0 {
		c.odd = append(c.odd, tally{})
		*at = int32(len(c.odd))
	}
	c.odd[*at-1].add(score, b.Weight, 1)
	c.battles++
	if c.Outcomes {
		if c.ways == nil {
			c.ways = map[ending]int{}
		}
		c.ways[ending{i, j, score, b.Weight}]++
	}
	return nil
}

// add counts n battles that ended alike.
func (t *tally) add(score, weight float64, n int) {
	won, lost, times := weight*score, weight*(1-score), float64(n)
	t.battles += n
	t.pi += times * won
	t.pj += times * lost
	t.sqI += times * won * won
	t.mixed += times * won * lost
	t.sqJ += times * lost * lost
}

// of is all that was counted of a pair, i < j; sums of halves are exact.
func (c *Counts) of(i, j int32) (t tally) {
	at := slot(i, j)
	if k := c.other[at]; k > 0 {
		t = c.odd[k-1]
	}
	for halves, n := range c.plain[at] {
		t.add(float64(halves)/2, 1, n)
	}
	return t
}

// Rate is [BradleyTerry] of what was counted so far; more may be counted afterwards. An interval that rests on clusters, and
// covariates, are refused with [ErrNeedsBattles], as is a bootstrap of battles without Outcomes where it needs them: no other
// interval is put in their place. So an interval has to be named, since the zero value of [Options] asks for clustered ones.
func (c *Counts) Rate(o Options) (*Fit, error) {
	switch {
	case o.Interval == Clustered || o.Interval == Bootstrap:
		return nil, fmt.Errorf("interval %v: %w, or ask for %v or %v", o.Interval, ErrNeedsBattles, Sandwich, BootstrapBattles)
	case len(o.Covariates) > 0:
		return nil, fmt.Errorf("covariates: %w", ErrNeedsBattles)
	case o.Interval == BootstrapBattles && len(c.odd) > 0 && !c.Outcomes:
		return nil, fmt.Errorf("interval %v: %w, or set Outcomes before the first battle", o.Interval, ErrNeedsBattles)
	}
	return c.rate(nil, o)
}

// cells are what was counted by pair and outcome, ascending, and how often each came.
func (c *Counts) cells(t *table) (cells []cell, counts []int) {
	times := map[cell]int{}
	for k, p := range t.pairs {
		for halves, n := range c.plain[slot(t.active[p.i], t.active[p.j])] {
			if n > 0 {
				score := float64(halves) / 2
				times[cell{int32(k), score, 1 - score}] += n
			}
		}
	}
	for e, n := range c.ways {
		times[cell{t.pair(e.i, e.j), e.weight * e.score, e.weight * (1 - e.score)}] += n
	}
	cells = slices.SortedFunc(maps.Keys(times), cell.compare)
	for _, of := range cells {
		counts = append(counts, times[of])
	}
	return cells, counts
}
