package providers

import "time"

// growth is how many calls may be under way, and how that number changes: up by one a round, down by half at each burst
// of calls sent away. A stated limit starts at its top, an adaptive one has to find how far it gets.
type growth struct {
	now  int
	top  int
	auto bool
	slow bool      // a burst has been seen: from then on one more a round
	done int       // successes in this round
	used int       // most calls under way in this round
	wall int       // the limit at the last burst
	hold time.Time // until then the wall is not reached again
}

// reprobe is how long after a burst's pause its limit may be tried again. Each try that fails costs a pause of about half a
// second; a server that has few slots and is quick would be probed, and pause, most of the time.
const reprobe = 5 * time.Second

func fixed(limit int) growth { return growth{now: limit, top: limit} }

// adaptive starts low enough for a server on a laptop and doubles each round: a limit found too low costs far more time
// than a few calls sent away.
func adaptive(top int) growth { return growth{now: min(16, top), top: top, auto: true} }

// lower makes top the highest limit.
func (g *growth) lower(top int) {
	g.top = top
	g.now = min(g.now, top)
}

// succeeded counts a success that came while busy calls were under way. A limit of which not even half is used has not
// been tried, and does not grow.
func (g *growth) succeeded(busy int, now time.Time) {
	g.used = max(g.used, busy)
	g.done++
	tried, round := 2*g.used >= g.now, g.done >= g.now
	if round {
		g.done, g.used = 0, busy
	}
	next := min(g.now+1, g.top)
	if next >= g.wall && now.Before(g.hold) {
		return
	}
	if tried && (round || !g.slow) {
		g.now = next
	}
}

// halve follows a burst whose pause ends at until.
func (g *growth) halve(until time.Time) {
	g.wall, g.hold = g.now, until.Add(reprobe)
	g.now, g.slow, g.done, g.used = max(1, g.now/2), true, 0, 0
}

// slowed reports whether a stated limit is not kept up, because the server refused more.
func (g *growth) slowed() bool { return !g.auto && g.now < g.top }
