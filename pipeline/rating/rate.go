package rating

import (
	"openarena/elo"
)

// Rate makes the leaderboard. Without battles nobody is rated and there are no notes: why there are none is known to who
// filled the ballot.
func (b *Ballot) Rate() (*Leaderboard, error) {
	n := len(b.models)
	o := b.settings.Fit(b.names())
	if len(b.covariates) > 0 {
		o.Covariates = b.covariates
	}
	fit, err := elo.BradleyTerry(n, b.fitted(), o)
	if err != nil {
		return nil, err
	}
	online, err := elo.Sequential(n, b.shared(), b.settings.elo())
	if err != nil {
		return nil, err
	}
	l := &Leaderboard{
		Method: BradleyTerry, Interval: fit.Interval.String(), Components: fit.Components,
		Battles: len(b.battles), Prompts: b.clusters.count, Notes: []string{},
	}
	l.Ratings = b.lines(fit, online)
	if b.settings.Method == Elo {
		l.Method, l.Interval = Elo, "none"
		byElo(l.Ratings)
	}
	b.note(l, fit)
	return l, nil
}

// lines are the models as a leaderboard lists them.
func (b *Ballot) lines(fit *elo.Fit, online []float64) []Rating {
	lines := make([]Rating, 0, len(online))
	for _, i := range fit.Order() {
		c, m := fit.Contestants[i], &b.models[i]
		line := Rating{
			Model: m.name, Battles: m.battles, Ties: m.ties, Invalid: m.invalid, Component: c.Component, Provisional: c.Provisional(),
		}
		if c.Rated {
			rate := m.won / float64(m.battles)
			line.Rating, line.Lower, line.Upper = &c.Rating, &c.Lower, &c.Upper
			line.Rank, line.Elo, line.WinRate = &c.Rank, &online[i], &rate
		}
		lines = append(lines, line)
	}
	return lines
}
