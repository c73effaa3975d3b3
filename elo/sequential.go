package elo

import (
	"fmt"
	"iter"
	"math"
)

// Elo holds the settings of the sequential rating.
type Elo struct {
	K       float64 // points at stake in a battle of weight 1; 0 means 32
	Initial float64 // rating before the first battle; 0 means 1000
}

// Progress is the state of a sequential rating after all battles of one cluster.
type Progress struct {
	Cluster int32
	Battles int       // counted so far
	Ratings []float64 // by contestant, in points; valid until the next step
}

// Sequential rates n contestants in one pass over the battles, each counted once in the order given: hand them over in
// key order, or the result depends on who answered first. The expected score of A is 1/(1+10^((R_B-R_A)/400)); A gains
// K · weight · (score - expected) and B loses the same, so that the sum of all ratings never changes. A contestant
// without battles keeps the initial rating. A battle that cannot be counted is a *BattleError, and nothing is returned.
func Sequential(n int, battles iter.Seq[Battle], e Elo) ([]float64, error) {
	ratings, e, err := e.start(n)
	if err != nil {
		return nil, err
	}
	i := 0
	for b := range battles {
		if err := check(n, i, b); err != nil {
			return nil, err
		}
		e.play(ratings, b)
		i++
	}
	return ratings, nil
}

// Progression is [Sequential] with a look at the ratings after every run of battles of the same cluster; the last look
// is the final rating. Without battles nothing is yielded. After an error nothing more is.
func Progression(n int, battles iter.Seq[Battle], e Elo) iter.Seq2[Progress, error] {
	return func(yield func(Progress, error) bool) {
		ratings, e, err := e.start(n)
		if err != nil {
			yield(Progress{}, err)
			return
		}
		p := Progress{Ratings: ratings}
		for b := range battles {
			if err := check(n, p.Battles, b); err != nil {
				yield(Progress{}, err)
				return
			}
			if p.Battles > 0 && b.Cluster != p.Cluster && !yield(p, nil) {
				return
			}
			e.play(ratings, b)
			p.Cluster = b.Cluster
			p.Battles++
		}
		if p.Battles > 0 {
			yield(p, nil)
		}
	}
}

// start returns the ratings before the first battle, and the settings with their defaults in place.
func (e Elo) start(n int) ([]float64, Elo, error) {
	const most = 1e6 // with the greatest weight and 2³¹ battles ratings stay finite
	if n < 0 {
		return nil, e, fmt.Errorf("%d contestants: cannot be fewer than 0", n)
	}
	if math.IsNaN(e.K) || e.K < 0 || e.K > most {
		return nil, e, fmt.Errorf("k factor %v: must be a number from 0 to %g; 0 means 32", e.K, most)
	}
	if e.K == 0 {
		e.K = 32
	}
	var err error
	if e.Initial, err = startOr1000(e.Initial); err != nil {
		return nil, e, err
	}
	ratings := make([]float64, n)
	for i := range ratings {
		ratings[i] = e.Initial
	}
	return ratings, e, nil
}

// play moves the two ratings of one battle.
func (e Elo) play(ratings []float64, b Battle) {
	expected := 1 / (1 + math.Pow(10, (ratings[b.B]-ratings[b.A])/400))
	gain := e.K * b.Weight * (b.Score - expected)
	ratings[b.A] += gain
	ratings[b.B] -= gain
}
