package elo

import (
	"fmt"
	"iter"
	"math"
	"slices"
)

// Elo holds the settings of the sequential rating.
type Elo struct {
	K       float64 // points at stake in a battle of weight 1; 0 means 32
	Initial float64 // rating before the first battle; 0 means 1000
}

// Sequence is a sequential rating, one battle at a time. The expected score of A is 1/(1+10^((R_B-R_A)/400)); A gains
// K · weight · (score - expected) and B loses the same, so that the sum of all ratings never changes.
type Sequence struct {
	elo     Elo // defaults in place
	ratings []float64
	battles int
}

// NewSequence is a sequential rating without contestants.
func NewSequence(e Elo) (*Sequence, error) {
	const most = 1e6 // with the greatest weight and 2³¹ battles ratings stay finite
	if math.IsNaN(e.K) || e.K < 0 || e.K > most {
		return nil, fmt.Errorf("k factor %v: must be a number from 0 to %g; 0 means 32", e.K, most)
	}
	if e.K == 0 {
		e.K = 32
	}
	var err error
	if e.Initial, err = startOr1000(e.Initial); err != nil {
		return nil, err
	}
	return &Sequence{elo: e}, nil
}

// Grow makes it n contestants, numbered from 0; it never makes it fewer. They may be added between battles.
func (s *Sequence) Grow(n int) {
	for len(s.ratings) < n {
		s.ratings = append(s.ratings, s.elo.Initial)
	}
}

// Add counts a battle. One that cannot be counted is a *BattleError, and changes nothing.
func (s *Sequence) Add(b Battle) error {
	if err := check(len(s.ratings), s.battles, b); err != nil {
		return err
	}
	s.play(b)
	s.battles++
	return nil
}

// play moves the two ratings of a battle.
func (s *Sequence) play(b Battle) {
	expected := 1 / (1 + math.Pow(10, (s.ratings[b.B]-s.ratings[b.A])/400))
	gain := s.elo.K * b.Weight * (b.Score - expected)
	s.ratings[b.A] += gain
	s.ratings[b.B] -= gain
}

// Ratings are those after the battles so far, by contestant, in points; the initial one for who had none.
func (s *Sequence) Ratings() []float64 { return slices.Clone(s.ratings) }

// Progress is the state of a sequential rating after all battles of one cluster.
type Progress struct {
	Cluster int32
	Battles int       // counted so far
	Ratings []float64 // by contestant, in points; valid until the next step
}

// Sequential rates n contestants by a [Sequence] of battles, each counted once in the order given: hand them over in
// key order, or the result depends on who answered first. A contestant without battles keeps the initial rating. A
// battle that cannot be counted is a *BattleError, and nothing is returned.
func Sequential(n int, battles iter.Seq[Battle], e Elo) ([]float64, error) {
	s, err := e.start(n)
	if err != nil {
		return nil, err
	}
	for b := range battles {
		if err := s.Add(b); err != nil {
			return nil, err
		}
	}
	return s.ratings, nil
}

// Progression is [Sequential] with a look at the ratings after every run of battles of the same cluster; the last look
// is the final rating. Without battles nothing is yielded. After an error nothing more is.
func Progression(n int, battles iter.Seq[Battle], e Elo) iter.Seq2[Progress, error] {
	return func(yield func(Progress, error) bool) {
		s, err := e.start(n)
		if err != nil {
			yield(Progress{}, err)
			return
		}
		p := Progress{Ratings: s.ratings}
		for b := range battles {
			// Before it is counted: a bad battle ends everything, whatever came before it in its cluster.
			if err := check(n, s.battles, b); err != nil {
				yield(Progress{}, err)
				return
			}
			if p.Battles = s.battles; p.Battles > 0 && b.Cluster != p.Cluster && !yield(p, nil) {
				return
			}
			s.play(b)
			s.battles++
			p.Cluster = b.Cluster
		}
		if p.Battles = s.battles; p.Battles > 0 {
			yield(p, nil)
		}
	}
}

// start is a sequence of n contestants before the first battle.
func (e Elo) start(n int) (*Sequence, error) {
	if n < 0 {
		return nil, fmt.Errorf("%d contestants: cannot be fewer than 0", n)
	}
	s, err := NewSequence(e)
	if err != nil {
		return nil, err
	}
	s.ratings = make([]float64, 0, n)
	s.Grow(n)
	return s, nil
}
