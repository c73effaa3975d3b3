// Package elo turns battles into ratings: sequential Elo, and Bradley-Terry by maximum likelihood with intervals.
// It is pure mathematics and knows nothing of models, judges or stores: contestants are numbers from 0.
//
// Elo ([Sequential], [Sequence], [Progression]) moves two ratings after each battle and depends on the order of the battles.
// Bradley-Terry ([BradleyTerry]) says that a beats b with probability 1/(1+exp(t_b-t_a)) and finds the strengths t that
// make all battles together most likely: a rating is initial + 400/ln10 · (t - mean of t). A tie is half a win and half
// a loss; a soft score is any number between. Where battles need not be kept, [Counts] has the same ratings from pair counts.
//
// Who chooses battles while they are fought asks a [Fit] what is not settled ([Fit.Open]) and which pairs tell most about
// it ([Fit.Next]).
//
// What will hurt: where points never flow back from one group of contestants to another no finite strength is most
// likely. Such ratings lean on virtual ties and are marked, see [Cause]; and ratings compare only inside one component.
package elo

import (
	"fmt"
	"math"
)

// Battle is one comparison.
type Battle struct {
	A, B    int32
	Cluster int32   // battles of one prompt share it; they are not independent
	Score   float64 // points of A, from 0 (lost) over 0.5 (tie) to 1 (won)
	Weight  float64 // how much it counts, from MinWeight to MaxWeight; usually 1
}

// Beyond these bounds sums lose the small ones to rounding.
const (
	MinWeight    = 1e-6
	MaxWeight    = 1e6
	MaxCovariate = 1e6 // on either side of 0
)

// BattleError is a battle that cannot be counted.
type BattleError struct {
	Index  int // place in the input, from 0
	Battle Battle
	What   string // the rule that is broken and what to do
}

func (e *BattleError) Error() string {
	return fmt.Sprintf("battle %d (contestant %d against %d): %s", e.Index, e.Battle.A, e.Battle.B, e.What)
}

// check returns a *BattleError unless b, the i-th battle, can be counted among n contestants.
func check(n, i int, b Battle) error {
	var what string
	switch {
	case b.A < 0 || int(b.A) >= n || b.B < 0 || int(b.B) >= n:
		what = fmt.Sprintf("contestants are numbered from 0 to %d; count them all before rating", n-1)
	case b.A == b.B:
		what = "a contestant cannot battle itself; leave such battles out"
	case !(b.Score >= 0 && b.Score <= 1): // NaN fails too
		what = fmt.Sprintf("score %v is not between 0 and 1; divide the points of the first by the points of both", b.Score)
	case !(b.Weight >= MinWeight && b.Weight <= MaxWeight):
		what = fmt.Sprintf("weight %v is not between %g and %g; use 1 for a battle that counts once", b.Weight, MinWeight, MaxWeight)
	default:
		return nil
	}
	return &BattleError{Index: i, Battle: b, What: what}
}

// startOr1000 is the rating that stands for average: x, or 1000 if x is 0.
func startOr1000(x float64) (float64, error) {
	const limit = 1e9 // beyond it differences of ratings lose their decimals
	if math.IsNaN(x) || math.Abs(x) > limit {
		return 0, fmt.Errorf("initial rating %v: must be a number from %g to %g", x, -limit, limit)
	}
	if x == 0 {
		return 1000, nil
	}
	return x, nil
}
