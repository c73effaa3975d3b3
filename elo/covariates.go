package elo

import (
	"errors"
	"fmt"
	"math"
)

// checkCovariates says what is wrong with the covariates of so many battles.
func (o Options) checkCovariates(battles int) error {
	if len(o.Covariates) == 0 {
		return nil
	}
	if o.Interval == Bootstrap || o.Interval == BootstrapBattles {
		return errors.New("covariates do not go with a bootstrap: ask for another interval")
	}
	const most = 1e6 // beyond it sums lose the small ones to rounding
	for k, x := range o.Covariates {
		if len(x) != battles {
			return fmt.Errorf("covariate %d has %d numbers for %d battles", k, len(x), battles)
		}
		for i, v := range x {
			if !(math.Abs(v) <= most) {
				return fmt.Errorf("covariate %d of battle %d is %v: must be a number from %g to %g", k, i, v, -most, most)
			}
		}
	}
	return nil
}

// rateJointly rates with covariates. It reports false where battles give no finite effects, such as where the longer answer won
// every time: then nothing can be told apart, no effect is known, and the ratings are to be those without covariates.
func (f *Fit) rateJointly(battles []Battle, mean float64, o Options) bool {
	j := joint{t: f.table, battles: battles, covariates: o.Covariates, prior: len(f.graph.strong) > 1}
	p, c, steps, ok := j.maximise()
	if !ok {
		f.Effects = make([]Effect, len(o.Covariates))
		return false
	}
	if f.Prior = j.prior; f.Prior {
		f.Interval = ModelBased
	}
	v := j.spread(p, c, f.Interval)
	n, size := len(p.t), len(p.t)+len(p.beta)
	f.cov = make([]float64, n*n)
	for i := range n {
		for k := range n {
			f.cov[i*n+k] = scale * scale * v.v[i*size+k]
		}
	}
	for k, beta := range p.beta {
		e := Effect{Known: c.known[k]}
		if e.Known {
			at := n + k
			e.Coefficient, e.SE = beta, math.Sqrt(max(0, v.v[at*size+at]))
		}
		f.Effects = append(f.Effects, e)
	}
	j.prior = false
	f.Interval, f.Clusters, f.Steps, f.LogLikelihood = v.rests, v.clusters, steps, j.value(p)
	f.place(p.t, mean, v, o.Anchor)
	f.rank()
	return true
}

// spread is the covariance of strengths and coefficients at the maximum, by the first of the ways from the one that is asked
// for that does not claim certainty.
func (j *joint) spread(p point, c *curvature, want Interval) (out variance) {
	bread := c.inverse()
	size := len(p.t) + len(p.beta)
	for out.rests = want; out.rests < ModelBased; out.rests++ {
		meat, clusters := j.scatter(p, out.rests == Clustered)
		if out.rests == Clustered {
			out.clusters = clusters
		}
		if out.v = sandwich(bread, meat, size); credibleFor(out.v, bread, size, len(p.t)) {
			return out
		}
	}
	out.rests, out.v = ModelBased, bread
	return out
}
