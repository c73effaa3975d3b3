package elo

import (
	"errors"
	"fmt"
	"math"
)

// MaxContestants is the most that [BradleyTerry] takes: it keeps a few tables of contestants times contestants.
const MaxContestants = 2048

// Points of rating per unit of strength: 400 points are odds of 10 to 1.
const scale = 400 / math.Ln10

// z95 is the half width of a 95 % interval in standard errors.
const z95 = 1.959963984540054

// Options are the settings of a fit. The zero value is usual.
type Options struct {
	Initial  float64 // mean rating of all contestants with battles, in points; 0 means 1000
	Interval Interval
	Anchor   *Anchor
	Rounds   int    // of a bootstrap; 0 means 1000
	Seed     uint64 // of a bootstrap: the same seed, the same bounds, on any number of cores
	// Covariates are what else may decide battles, such as how much longer one answer is: for each a number by battle, from
	// A's side, so that it changes its sign where the two change places. They are fitted together with the ratings, without
	// a penalty, and the ratings are those of battles in which all are 0. A bootstrap fits every battle in every round then.
	Covariates [][]float64
	Compared   bool // the fit is to be handed to [Compare]; its interval should be Clustered then
}

// Anchor moves all ratings and bounds alike, so that one contestant has a given rating, where it has battles. No difference
// changes.
type Anchor struct {
	Contestant int
	Rating     float64 // in points
}

// check says what is wrong with an anchor among n contestants.
func (a *Anchor) check(n int) error {
	if a == nil {
		return nil
	}
	if a.Contestant < 0 || a.Contestant >= n {
		return fmt.Errorf("anchor: contestants are numbered from 0 to %d, and %d is none of them", n-1, a.Contestant)
	}
	if _, err := startOr1000(a.Rating); err != nil {
		return fmt.Errorf("anchor: %w", err)
	}
	return nil
}

// Contestant is the line of one contestant. Numbers are finite always.
type Contestant struct {
	Battles   int
	Rated     bool    // false without battles; then what follows means nothing but Component, which is -1
	Rating    float64 // in points, as are the bounds of its 95 % interval
	Lower     float64
	Upper     float64
	Rank      int   // 1 + number of contestants of the same component whose lower bound is above this upper bound
	Component int   // contestants joined by battles share it: 0 is the largest. Ratings compare only inside one
	Cause     Cause // why the rating is provisional; Sound if it is not
}

// Provisional reports whether the rating leans on virtual ties. [Fit.Why] says why.
func (c Contestant) Provisional() bool { return c.Cause != Sound }

// Fit is a Bradley-Terry leaderboard.
type Fit struct {
	Contestants []Contestant // by number
	Components  int          // more than 1: there is no common ranking
	// Interval is what the bounds rest on. It is not what was asked for where that would have claimed certainty (nothing
	// but ties, a single cluster), and ModelBased where Prior is set.
	Interval Interval
	Clusters int // counted for Clustered only; below about 30 its bounds are uncertain themselves
	// Lopsided is how many rounds of a bootstrap drew battles that fit no finite ratings. In these all contestants got a
	// virtual tie, as where Prior is set.
	Lopsided int
	// Prior says that no finite ratings fit, and that all contestants got one virtual tie against an average phantom.
	Prior         bool
	LogLikelihood float64  // of the battles, without virtual ties
	Effects       []Effect // by covariate
	Steps         int      // of Newton's method

	table *table
	graph *graph
	cov   []float64  // of ratings, in squared points, by place in table.active
	alone []float64  // the same were all battles independent; nil where cov does not rest on clusters
	moved *influence // where it was asked for, and cov rests on clusters
}

// ErrNoMaximum is returned where even virtual ties give no maximum in float64. Known data never does this.
var ErrNoMaximum = errors.New("no most likely ratings found: the weights lie too far apart, bring them closer together")

// BradleyTerry rates n contestants by maximum likelihood. The order of the battles does not matter, to the last bit,
// where scores and weights are multiples of a power of two; others are summed in the order given, so hand them over in
// key order. Clustered intervals are quickest with battles in ascending order of clusters.
//
// A battle that cannot be counted is a *BattleError. No battles are no error: then nobody is rated. battles is not
// changed or kept.
func BradleyTerry(n int, battles []Battle, o Options) (*Fit, error) {
	if n < 0 {
		return nil, tooMany(n)
	}
	c := Counts{Outcomes: o.Interval == BootstrapBattles}
	if err := c.Grow(n); err != nil {
		return nil, err
	}
	if err := c.addAll(battles); err != nil {
		return nil, err
	}
	return c.rate(battles, o)
}

// check says what is wrong with options for n contestants and so many battles.
func (o Options) check(n, battles int) error {
	if o.Interval > BootstrapBattles {
		return fmt.Errorf("interval %v: must be %v, %v, %v, %v or %v", o.Interval, Clustered, Sandwich, ModelBased, Bootstrap, BootstrapBattles)
	}
	if o.Rounds < 0 || o.Rounds == 1 {
		return fmt.Errorf("%d rounds of a bootstrap: must be 2 at least; 1000 are usual", o.Rounds)
	}
	return errors.Join(o.Anchor.check(n), o.checkCovariates(battles))
}

// rate fits what was counted; battles are those, or nil where nothing asks for them.
func (c *Counts) rate(battles []Battle, o Options) (*Fit, error) {
	mean, err := startOr1000(o.Initial)
	if err = errors.Join(err, o.check(c.n, len(battles))); err != nil {
		return nil, err
	}
	t := c.table()
	f := &Fit{Contestants: make([]Contestant, c.n), Interval: o.Interval, table: t, graph: newGraph(t)}
	f.Components = len(f.graph.weak)
	for i := range f.Contestants {
		f.Contestants[i] = Contestant{Battles: t.battles[i], Component: -1}
	}
	if len(t.active) == 0 {
		return f, nil
	}
	if len(o.Covariates) > 0 && f.rateJointly(battles, mean, o) {
		return f, nil
	}
	if err := f.rateAlone(c, battles, mean, o); err != nil {
		return nil, err
	}
	return f, nil
}

// rateAlone rates by strengths alone, without covariates.
func (f *Fit) rateAlone(c *Counts, battles []Battle, mean float64, o Options) error {
	l := &likelihood{n: len(f.table.active), pairs: f.table.pairs}
	var (
		m  maximum[*laplacian]
		ok bool
	)
	finite := len(f.graph.strong) == 1
	if finite {
		m, ok = l.maximise()
	}
	if !ok {
		f.Prior, f.Interval = true, ModelBased
		l.prior = true
		if m, ok = l.maximise(); !ok {
			return ErrNoMaximum
		}
	}
	o.Interval = f.Interval
	v := f.table.spread(m, c, battles, o)
	f.Interval, f.Clusters, f.Lopsided, f.Steps = v.rests, v.clusters, v.lopsided, m.steps
	f.cov, f.alone = inPoints(v.v, len(m.x)), inPoints(v.alone, len(m.x))
	if o.Compared && f.Interval == Clustered {
		f.moved = f.table.influences(battles, nil, m.x, m.curve.inverse())
	}
	l.prior = false
	f.LogLikelihood = l.value(m.x)
	f.place(m.x, mean, v, o.Anchor)
	f.rank()
	return nil
}

// place turns strengths into ratings about a mean, or an anchor.
func (f *Fit) place(strengths []float64, mean float64, v variance, anchor *Anchor) {
	if anchor != nil && f.table.place[anchor.Contestant] >= 0 {
		centred(strengths)
		mean = anchor.Rating - scale*strengths[f.table.place[anchor.Contestant]]
	}
	n, centre := len(strengths), 0.0
	for _, x := range strengths {
		centre += x / float64(n)
	}
	for k, i := range f.table.active {
		c := &f.Contestants[i]
		half := z95 * math.Sqrt(max(0, f.cov[k*n+k])) // never NaN, whatever rounding did
		c.Rated = true
		c.Rating = mean + scale*(strengths[k]-centre)
		c.Lower, c.Upper = c.Rating-half, c.Rating+half
		if v.lower != nil {
			// Few rounds, or many that lean on virtual ties, may all lie to one side of the rating itself.
			c.Lower, c.Upper = min(c.Rating, mean+scale*v.lower[k]), max(c.Rating, mean+scale*v.upper[k])
		}
		c.Component = f.graph.weakOf[k]
		if f.Prior {
			c.Cause = f.cause(k)
		}
	}
}

// inPoints is the covariance of the first n ratings, in squared points, from one in natural units; nil of nil.
func inPoints(v []float64, n int) []float64 {
	if v == nil {
		return nil
	}
	size, out := side(v), make([]float64, n*n)
	for i := range n {
		for k, x := range v[i*size : i*size+n] {
			out[i*n+k] = scale * scale * x
		}
	}
	return out
}

// Difference is how many points a is rated above b, and the standard error of that. It reports false where one of them
// is not rated or no chain of battles connects them.
//
// The standard error is that of the fit's interval, or of an unclustered sandwich where that is greater: a few clusters
// alone make some differences look certain, even of two who hardly met.
func (f *Fit) Difference(a, b int) (points, se float64, ok bool) {
	x, y := f.Contestants[a], f.Contestants[b]
	if !x.Rated || !y.Rated || x.Component != y.Component {
		return 0, 0, false
	}
	n, i, j := len(f.table.active), int(f.table.place[a]), int(f.table.place[b])
	v := max(0, between(f.cov, n, i, j)) // rounding can make it negative where a is b
	if f.alone != nil {
		v = max(v, between(f.alone, n, i, j))
	}
	return x.Rating - y.Rating, math.Sqrt(v), true
}

// Tied reports whether the 95 % interval of the [Fit.Difference] of two contestants holds 0. ok is false where that is.
func (f *Fit) Tied(a, b int) (tied, ok bool) {
	points, se, ok := f.Difference(a, b)
	return ok && math.Abs(points) <= z95*se, ok
}

// Chance is the probability that a beats b, a tie being half a win, and its 95 % interval, from that of their [Fit.Difference]:
// both ends of it are taken through 1/(1+10^(-points/400)). It reports false where that does.
func (f *Fit) Chance(a, b int) (p, lower, upper float64, ok bool) {
	points, se, ok := f.Difference(a, b)
	if !ok {
		return 0, 0, 0, false
	}
	p, _ = chances(points / scale)
	lower, _ = chances((points - z95*se) / scale)
	upper, _ = chances((points + z95*se) / scale)
	return p, lower, upper, true
}
