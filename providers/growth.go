package providers

import "time"

// growth is how many calls may be under way, and how that number changes: up by one a round, down by half at each burst
// of calls sent away. A stated limit starts at its top, an adaptive one has to find how far it gets, and looks out for the
// knee beyond which more calls at once bring nothing.
type growth struct {
	now   int
	top   int
	auto  bool
	slow  bool          // a limit has been met: from then on it grows by rounds
	done  int           // successes in this round
	used  int           // most calls under way in this round
	wall  int           // the limit that was met last
	peak  int           // the limit at the last burst
	again time.Time     // until then another burst tells that the server takes far less
	hold  time.Time     // until then the wall is not reached again
	rest  time.Duration // how long the last hold was
	step  int           // by which the next round beyond the wall grows
	look  int           // successes until the knee is looked for
	knee  knee
}

const (
	// reprobe is how long after a burst's pause its limit may be tried again. Each try that fails costs a pause of about half
	// a second; a server that has few slots and is quick would be probed, and pause, most of the time.
	reprobe = 5 * time.Second
	// longestRest is how long an adaptive limit stays at most below one that was met again and again.
	longestRest = 20 * time.Second
)

func fixed(limit int) growth { return growth{now: limit, top: limit, step: 1} }

// adaptive starts low enough for a server on a laptop and doubles each round: a limit found too low costs far more time
// than a few calls sent away.
func adaptive(top int) growth { return growth{now: min(16, top), top: top, step: 1, auto: true} }

// lower makes top the highest limit.
func (g *growth) lower(top int) {
	g.top = top
	g.now = min(g.now, top)
}

// started notes a call that starts as one of busy.
func (g *growth) started(busy int) {
	if g.auto {
		g.knee.started(busy)
	}
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
	next := min(g.now+g.stride(round), g.top)
	if next >= g.wall && now.Before(g.hold) {
		return
	}
	if tried && (round || !g.slow) {
		if g.now = next; g.auto && g.slow && next > g.wall {
			g.step *= 2
		}
	}
}

// stride is by how much the limit may grow. Back to a wall it goes fast at first. Beyond one each round dares twice as much as
// the last: either the wall stands, and is met at once, or it is far away by now.
func (g *growth) stride(round bool) int {
	switch {
	case !g.slow || !g.auto:
		return 1
	case g.now < g.wall:
		return max(1, (g.wall-g.now)/16)
	}
	return g.step
}

// answered notes how long an answer took and looks now and then whether the calls under way are too many.
func (g *growth) answered(o *Outcome, busy int, now time.Time) {
	if !g.auto {
		return
	}
	g.knee.answered(o.Model, (o.Ticket.busy+busy)/2, o.Took.Seconds(), float64(o.Output))
	if g.look--; g.look > 0 {
		return
	}
	g.look = max(4, g.now/4)
	if g.knee.slows(busy) {
		g.ease(max(1, busy*9/10), now)
	}
}

// refused notes a call that was sent away with busy under way, itself included.
func (g *growth) refused(busy int, now time.Time) {
	if !g.auto {
		return
	}
	g.knee.refused(busy)
	if g.knee.refuses(busy) {
		g.ease(max(1, (busy-1)*49/50), now)
	}
}

// ease follows the knee: the limit goes below it and stays there for a while, longer each time.
func (g *growth) ease(to int, now time.Time) {
	g.knee.forget(to)
	g.now = min(g.now, to)
	g.wall = g.now + 1
	g.rest = min(max(reprobe, 2*g.rest), longestRest)
	g.hold = now.Add(g.rest)
	g.slow, g.step, g.done, g.used = true, g.stepFrom(to), 0, 0
}

// halve follows a burst whose pause ends at until, with open calls under way still. An adaptive limit falls no lower than these, as
// long as they are not sent away themselves: a server that was asked for a few calls too many keeps the others. Soon after another burst
// it falls all the way.
func (g *growth) halve(open int, now, until time.Time) {
	if now.Before(g.again) { // the last cut was not enough
		open = 0
	}
	g.peak, g.hold, g.again = g.now, until.Add(reprobe), until.Add(4*reprobe)
	g.slow, g.done, g.used = true, 0, 0
	g.drop(open)
}

// fall follows a call that was under way at the burst and was sent away later.
func (g *growth) fall(open int) {
	if g.auto {
		g.drop(open)
	}
}

func (g *growth) drop(open int) {
	half := max(1, g.peak/2)
	if !g.auto || open <= half {
		g.now, g.wall, g.step = min(g.now, half), g.peak, 1
		return
	}
	g.now = min(g.now, open)
	g.wall, g.step = g.now+1, g.stepFrom(g.now)
}

// stepFrom is by how much a limit grows in the first round beyond a wall.
func (g *growth) stepFrom(limit int) int { return max(1, limit/32) }

// slowed reports whether a stated limit is not kept up, because the server refused more.
func (g *growth) slowed() bool { return !g.auto && g.now < g.top }
