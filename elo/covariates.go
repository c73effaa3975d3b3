package elo

import (
	"fmt"
	"math"
)

// Effect is what a covariate does to the outcome of battles.
type Effect struct {
	// Coefficient is what one unit of the covariate adds to the strength of A over B, in natural units; 400/ln10 times
	// that are points. SE is its standard error, by the same method as the intervals of the ratings.
	Coefficient, SE float64
	// Known is false where battles do not tell: the covariate is the same in all of them, or follows from others. It is false
	// for all of them where one decides battles for certain, such as where the longer answer won every time.
	Known bool
}

// Points are the coefficient and its standard error in points of rating.
func (e Effect) Points() (points, se float64) { return scale * e.Coefficient, scale * e.SE }

// checkCovariates says what is wrong with the covariates of so many battles.
func (o Options) checkCovariates(battles int) error {
	if len(o.Covariates) == 0 {
		return nil
	}
	for k, x := range o.Covariates {
		if len(x) != battles {
			return fmt.Errorf("covariate %d has %d numbers for %d battles", k, len(x), battles)
		}
		for i, v := range x {
			if !(math.Abs(v) <= MaxCovariate) {
				return fmt.Errorf("covariate %d of battle %d is %v: must be a number from %g to %g", k, i, v, -MaxCovariate, MaxCovariate)
			}
		}
	}
	return nil
}

// rateJointly rates with covariates. It reports false where battles give no finite effects, such as where the longer answer won
// every time: then nothing can be told apart, no effect is known, and the ratings are to be those without covariates.
func (f *Fit) rateJointly(battles []Battle, mean float64, o Options) bool {
	n := len(f.table.active)
	j := newJoint(f.table, battles, o.Covariates, len(f.graph.strong) > 1)
	m, ok := climb(j, make([]float64, n+len(o.Covariates)), standing)
	if !ok || j.ranAway(m.curve) {
		f.Effects = make([]Effect, len(o.Covariates))
		return false
	}
	if f.Prior = j.prior; f.Prior {
		f.Interval = ModelBased
	}
	o.Interval = f.Interval
	var rounds func() func(int) found
	if o.Interval.drawn() {
		rounds = j.rounds(m, o)
	}
	v := o.spread(m.curve.inverse(), n, rounds, func(clustered bool) ([]float64, int) { return j.scatter(m.x, clustered) })
	size := len(m.x)
	f.cov, f.alone = inPoints(v.v, n), inPoints(v.alone, n)
	for k, beta := range m.x[n:] {
		e := Effect{Known: m.curve.known[k]}
		if e.Known {
			at := n + k
			e.Coefficient, e.SE = beta, math.Sqrt(max(0, v.v[at*size+at]))
		}
		f.Effects = append(f.Effects, e)
	}
	j.prior = false
	f.Interval, f.Clusters, f.Lopsided, f.Steps, f.LogLikelihood = v.rests, v.clusters, v.lopsided, m.steps, j.value(m.x)
	if o.Compared && f.Interval == Clustered {
		f.moved = f.table.influences(battles, o.Covariates, m.x, m.curve.inverse())
	}
	f.place(m.x[:n], mean, v, o.Anchor)
	f.rank()
	return true
}
