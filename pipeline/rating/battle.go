package rating

import (
	"fmt"
	"math"

	"openarena/elo"
)

// Battle is one comparison of two models, by their numbers.
type Battle struct {
	A, B    int32
	Cluster int32     // battles of one prompt share it, as they are not independent: a number from 0, best without gaps
	Score   float64   // points of A, from 0 to 1, as Bradley-Terry counts them
	Share   float64   // the same as Elo counts them
	Won     float64   // the same as win rates and ties count them: 1, 0.5 or 0
	Weight  float64   // how much it counts, usually 1
	X       []float64 // covariates, in the order of Settings.Control, from A's side; not kept
	Parts   []Part    // in place of Score, X and Weight where covariates are fitted: a battle whose parts are swayed in different ways; not kept
}

// Part is a part of a battle, such as what was said of it in one order.
type Part struct {
	Score  float64 // points of A, from 0 to 1, as Bradley-Terry counts them
	Weight float64 // the battle's, divided among its parts
	X      []float64
}

// check says why a battle cannot be counted: what elo would refuse, in words that name the models.
func (b *Ballot) check(battle *Battle) error {
	switch points := [...]float64{battle.Score, battle.Share, battle.Won}; {
	case b.wrong != nil:
		return b.wrong
	case battle.Cluster < 0:
		return fmt.Errorf("prompt %d: they are numbered from 0", battle.Cluster)
	case battle.A == battle.B:
		return fmt.Errorf("%q meets itself: leave such battles out", b.models[battle.A].name)
	case !part(points[0]) || !part(points[1]) || !part(points[2]):
		return fmt.Errorf("points of %q are %v, %v and %v: each must be between 0 and 1", b.models[battle.A].name, points[0], points[1], points[2])
	case !weighs(battle.Weight):
		return fmt.Errorf("the weight is %v: must be from %g to %g, and is 1 for a battle that counts once", battle.Weight, MinWeight, MaxWeight)
	}
	for _, p := range battle.Parts {
		switch {
		case !part(p.Score):
			return fmt.Errorf("points of %q are %v in one part: must be between 0 and 1", b.models[battle.A].name, p.Score)
		case !weighs(p.Weight):
			return fmt.Errorf("the weight of one part is %v: must be from %g to %g", p.Weight, MinWeight, MaxWeight)
		}
		if err := b.checkCovariates(p.X); err != nil {
			return err
		}
	}
	if len(battle.Parts) > 0 {
		return nil
	}
	return b.checkCovariates(battle.X)
}

func (b *Ballot) checkCovariates(all []float64) error {
	if len(all) != len(b.covariates) {
		return fmt.Errorf("there are %d covariates for %d names", len(all), len(b.covariates))
	}
	for k, x := range all {
		if !(math.Abs(x) <= elo.MaxCovariate) {
			return fmt.Errorf("%s is %v: must be a number from %g to %g", b.settings.Control[k], x, -elo.MaxCovariate, elo.MaxCovariate)
		}
	}
	return nil
}

// part reports whether x is a part of 1; NaN is none.
func part(x float64) bool { return x >= 0 && x <= 1 }

// weighs reports whether w is a weight; NaN is none.
func weighs(w float64) bool { return w >= MinWeight && w <= MaxWeight }
