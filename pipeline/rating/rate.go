package rating

import (
	"math"
	"slices"

	"openarena/elo"
)

// seed is that of everything drawn by lot: the same battles make the same leaderboard.
const seed = 1

// board is a leaderboard in the making.
type board struct {
	*Ballot
	*Leaderboard
	fit   *elo.Fit
	order []int // models by number, as they are listed
}

// Rate makes the leaderboard. Without battles nobody is rated and there are no notes: why there are none is known to who
// filled the ballot.
func (b *Ballot) Rate() (*Leaderboard, error) {
	if b.wrong != nil {
		return nil, b.wrong
	}
	fit, err := b.fit(b.standardized())
	if err != nil {
		return nil, err
	}
	prompts := b.clusters.count
	if b.single {
		prompts = 0
	}
	l := &board{b, &Leaderboard{
		Method: BradleyTerry, Interval: fit.Interval.String(), Components: fit.Components,
		Battles: b.added, Prompts: prompts, Notes: []string{},
	}, fit, fit.Order()}
	online := b.sequence.Ratings()
	if b.settings.Method == Elo {
		l.Method, l.Interval = Elo, "none"
		l.orderByElo(online)
	}
	l.list(online)
	if err := l.control(); err != nil {
		return nil, err
	}
	if err := l.permute(); err != nil {
		return nil, err
	}
	l.findTies()
	l.listPairs()
	l.findCycle()
	l.note()
	return l.Leaderboard, nil
}

// fit fits ratings to the battles, and covariates if there are any.
func (b *Ballot) fit(covariates [][]float64) (*elo.Fit, error) {
	o := b.settings.Fit(b.names())
	if b.settings.Method == Elo { // of a fit it takes only who met whom
		o.Interval, covariates = elo.ModelBased, nil
	}
	switch o.Covariates = covariates; {
	case b.counts != nil:
		return b.counts.Rate(o)
	case len(covariates) > 0 && b.parts != nil:
		return elo.BradleyTerry(len(b.models), b.parts, o)
	}
	return elo.BradleyTerry(len(b.models), b.battles, o)
}

// list puts down the models in their order.
func (l *board) list(online []float64) {
	l.Ratings = make([]Rating, 0, len(l.order))
	for _, i := range l.order {
		c, m := l.fit.Contestants[i], &l.models[i]
		line := Rating{Model: m.name, Battles: m.battles, Ties: m.ties, Invalid: m.invalid, Component: c.Component}
		if c.Rated {
			rate := m.won / float64(m.battles)
			line.Elo, line.WinRate = &online[i], &rate
			line.Rating, line.Lower, line.Upper, line.Rank, line.Provisional = &c.Rating, &c.Lower, &c.Upper, &c.Rank, c.Provisional()
		}
		l.Ratings = append(l.Ratings, line)
	}
	if l.Method == Elo {
		byElo(l.Ratings)
	}
}

// places are where models stand in the list, by number.
func (l *board) places() []int {
	places := make([]int, len(l.order))
	for place, i := range l.order {
		places[i] = place
	}
	return places
}

// finite is a pointer to x, or nil where x is no number.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// findCycle looks for a circle of models each of whom took more points from the next than it gave.
func (l *board) findCycle() {
	const most = 300 // contestants: among more there always is one, and a look takes long
	if len(l.order) > most || l.added == 0 {
		return
	}
	for _, i := range l.fit.Cycle() {
		l.Cycle = append(l.Cycle, l.models[i].name)
	}
	// It begins with the one that stands highest.
	if n := len(l.Cycle); n > 0 {
		places := l.places()
		top := slices.MinFunc(l.Cycle, func(x, y string) int { return places[l.numbers[x]] - places[l.numbers[y]] })
		at := slices.Index(l.Cycle, top)
		l.Cycle = append(slices.Clone(l.Cycle[at:]), l.Cycle[:at]...)
	}
}
