package providers

// growth is how many calls may be under way, and how that number changes. A fixed one does not.
type growth struct {
	now  int
	top  int
	auto bool
	slow bool // a burst has been seen: from then on one more a round
	done int  // successes in this round
	used int  // most calls under way in this round
}

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
func (g *growth) succeeded(busy int) {
	g.used = max(g.used, busy)
	g.done++
	tried, round := 2*g.used >= g.now, g.done >= g.now
	if round {
		g.done, g.used = 0, busy
	}
	if g.auto && tried && (round || !g.slow) {
		g.now = min(g.now+1, g.top)
	}
}

func (g *growth) halve() {
	if g.auto {
		g.now, g.slow, g.done, g.used = max(1, g.now/2), true, 0, 0
	}
}
