package elo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Counts are battles folded to pairs of contestants as they come. They need memory for pairs, not for battles, and have
// forgotten clusters and covariates. The zero value is ready for use and has no contestants.
type Counts struct {
	// Outcomes keeps how often each score and weight came, which is what a bootstrap of battles draws from. Set it before
	// the first battle. It takes memory only for scores and weights other than win, tie or loss of weight 1.
	Outcomes bool

	n       int     // contestants
	battles int     // counted
	slots   []int32 // by pair of contestants, see slot: 1 + place in tallies; 0: they never met
	tallies []tally
	odd     map[ending]int // how often it came; nil without Outcomes
}

// tally is what is counted of the battles of a pair.
type tally struct {
	i, j  int32
	whole [3]int // battles of weight 1: lost by i, tied, won by i
	odd   int    // all others; their sums are in part
	part  sums
}

// sums of battles, each with its score times its weight: the points of both, and what the residuals' variance at any
// strength is made of.
type sums struct {
	pi, pj          float64 // points of i and of j, weighted
	sqI, mixed, sqJ float64 // of weight² times score_i², score_i·score_j, score_j²
}

// ending is a way in which a battle of a pair ends.
type ending struct {
	tally         int32
	score, weight float64 // score of the lower contestant
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
		c.slots = append(c.slots, make([]int32, n*(n-1)/2-len(c.slots))...)
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

// slot is the place of a pair, i < j, in a table that grows at its end when contestants are added.
func slot(i, j int32) int { return int(j)*int(j-1)/2 + int(i) }

// Add counts a battle; its cluster is forgotten. A battle that cannot be counted is a *BattleError, and changes nothing.
func (c *Counts) Add(b Battle) error {
	halves := int(2 * b.Score)
	plain := b.Weight == 1 && float64(halves) == 2*b.Score && uint(halves) <= 2
	i, j := min(b.A, b.B), max(b.A, b.B)
	if !plain || i < 0 || int(j) >= c.n || i == j {
		if err := check(c.n, c.battles, b); err != nil {
			return err
		}
	}
	at := c.slots[slot(i, j)] - 1
	if at < 0 {
		at = int32(len(c.tallies))
		c.tallies = append(c.tallies, tally{i: i, j: j})
		c.slots[slot(i, j)] = at + 1
	}
	c.battles++
	if !plain {
		c.addOdd(at, b)
		return nil
	}
	if i != b.A {
		halves = 2 - halves
	}
	c.tallies[at].whole[halves]++
	return nil
}

// addOdd counts a battle that is no plain win, tie or loss.
func (c *Counts) addOdd(at int32, b Battle) {
	_, _, score := b.upward()
	t := &c.tallies[at]
	t.part.add(score, b.Weight, 1)
	t.odd++
	if !c.Outcomes {
		return
	}
	if c.odd == nil {
		c.odd = map[ending]int{}
	}
	c.odd[ending{at, score, b.Weight}]++
}

// add counts n battles that ended alike.
func (s *sums) add(score, weight float64, n int) {
	won, lost, times := weight*score, weight*(1-score), float64(n)
	s.pi += times * won
	s.pj += times * lost
	s.sqI += times * won * won
	s.mixed += times * won * lost
	s.sqJ += times * lost * lost
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
	}
	forgotten := func(t tally) bool { return t.odd > 0 && !c.Outcomes }
	if o.Interval == BootstrapBattles && slices.ContainsFunc(c.tallies, forgotten) {
		return nil, fmt.Errorf("interval %v: %w, or set Outcomes before the first battle", o.Interval, ErrNeedsBattles)
	}
	return c.rate(nil, o)
}

// table is what was counted, arranged.
func (c *Counts) table() *table {
	t := &table{
		n: c.n, place: make([]int32, c.n), battles: make([]int, c.n),
		pairs: make([]pair, 0, len(c.tallies)), index: make([]int32, len(c.slots)),
	}
	for k := range c.tallies {
		if p := c.tallies[k].pair(); p.battles > 0 {
			t.pairs = append(t.pairs, p)
			t.battles[p.i] += p.battles
			t.battles[p.j] += p.battles
		}
	}
	t.arrange()
	return t
}

// pair is all that was counted in one; sums of halves are exact.
func (t *tally) pair() pair {
	p := pair{i: t.i, j: t.j, battles: t.odd, sums: t.part}
	for halves, n := range t.whole {
		p.add(float64(halves)/2, 1, n)
		p.battles += n
	}
	return p
}

// cells are what was counted by pair and outcome, in an order that has nothing to do with that of the battles.
func (c *Counts) cells(t *table) []cell {
	var all []cell
	for k := range c.tallies {
		of := &c.tallies[k]
		for halves, n := range of.whole {
			if n > 0 {
				score := float64(halves) / 2
				all = append(all, cell{t.pair(of.i, of.j), n, score, 1 - score})
			}
		}
	}
	for o, n := range c.odd {
		of := &c.tallies[o.tally]
		all = append(all, cell{t.pair(of.i, of.j), n, o.weight * o.score, o.weight * (1 - o.score)})
	}
	slices.SortFunc(all, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.pair, b.pair), cmp.Compare(a.lower, b.lower), cmp.Compare(a.upper, b.upper))
	})
	return all
}
