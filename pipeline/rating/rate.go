package rating

import (
	"context"
	"math"

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

	leaning bool // the ratings without control lean on virtual ties, those with it do not
}

// Rate makes the leaderboard. Without battles nobody is rated and there are no notes: why there are none is known to who
// filled the ballot. When ctx ends so does Rate, with its error, however much there still is to compute; the ballot is spent
// then, since what was begun goes on behind.
func (b *Ballot) Rate(ctx context.Context) (*Leaderboard, error) {
	return unlessDone(ctx, b.rate)
}

func (b *Ballot) rate() (*Leaderboard, error) {
	l, err := b.board()
	if err != nil {
		return nil, err
	}
	return l.Leaderboard, nil
}

// board makes a leaderboard that still has its fit.
func (b *Ballot) board() (*board, error) {
	if b.wrong != nil {
		return nil, b.wrong
	}
	fit, err := b.fit(b.options())
	if err != nil {
		return nil, err
	}
	prompts := b.clusters.count
	if b.single {
		prompts = 0
	}
	l := &board{Ballot: b, Leaderboard: &Leaderboard{
		Method: BradleyTerry, Interval: fit.Interval.String(), Components: fit.Components,
		Battles: b.added, Prompts: prompts, Notes: []string{},
	}, fit: fit, order: fit.Order()}
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
	return l, nil
}

// options are how the ratings are fitted.
func (b *Ballot) options() elo.Options {
	o := b.settings.Fit(b.names())
	o.Compared = b.settings.compared
	if b.settings.Method == Elo { // of a fit it takes only who met whom
		o.Interval = elo.ModelBased
	} else {
		o.Covariates = b.standardized()
	}
	return o
}

// fit fits ratings to the battles, or to their parts where there are covariates.
func (b *Ballot) fit(o elo.Options) (*elo.Fit, error) {
	switch {
	case b.counts != nil:
		return b.counts.Rate(o)
	case len(o.Covariates) > 0 && b.parts != nil:
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

// finite is a pointer to x, or nil where x is no number.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
