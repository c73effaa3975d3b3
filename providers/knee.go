package providers

import "math"

// knee tells what more calls at once do to a server, from what it answers at each level of load: how many calls it refuses, and
// how long a token takes. A level is a range of calls in flight, two of which double it.
//
// Time per token, not per call: long answers are no overload. It grows with load on every server that computes several answers
// at once, and that is worth it as long as tokens per second, which are in flight / time per token, grow too. So what counts is
// by how much the time of a token grows where the calls in flight grow by a share: an elasticity. At one half the product of
// throughput and speed is greatest (Kleinrock's power); on a server that only queues it is one.
type knee struct {
	sheds  [levels]tally
	models map[string]*[levels]pace
}

const (
	levels     = 24
	elasticity = 0.5
	// What a level holds is soon forgotten, so that it follows the server.
	memoryAtLeast = 64
	// fewestPaced answers are compared at least.
	fewestPaced = 16
)

// tally counts calls that started at a level and those of them that were refused.
type tally struct{ started, refused float64 }

// pace sums over answers of one model at a level: time and tokens, and their squares, for how sure the ratio is.
type pace struct{ n, load, took, tokens, tt, tk, kk float64 }

// level is the one that so many calls in flight belong to.
func level(busy int) int {
	return min(levels-1, max(0, int(2*math.Log2(float64(max(1, busy))))))
}

// horizon is after how many calls at a level older ones fade.
func horizon(busy int) float64 { return float64(max(memoryAtLeast, 2*busy)) }

func (k *knee) started(busy int) {
	t := &k.sheds[level(busy)]
	fade := 1 - 1/horizon(busy)
	t.started = t.started*fade + 1
	t.refused *= fade
}

func (k *knee) refused(busy int) { k.sheds[level(busy)].refused++ }

// answered notes an answer of so many tokens that took so many seconds, with busy calls under way on average.
func (k *knee) answered(model string, busy int, took, tokens float64) {
	if took <= 0 || tokens <= 0 {
		return
	}
	if k.models == nil {
		k.models = map[string]*[levels]pace{}
	}
	all := k.models[model]
	if all == nil {
		all = new([levels]pace)
		k.models[model] = all
	}
	p, fade := &all[level(busy)], 1-1/horizon(busy)
	for _, s := range []struct {
		sum *float64
		add float64
	}{{&p.n, 1}, {&p.load, float64(busy)}, {&p.took, took}, {&p.tokens, tokens}, {&p.tt, took * took}, {&p.tk, took * tokens}, {&p.kk, tokens * tokens}} {
		*s.sum = *s.sum*fade + s.add
	}
}

// forget drops what was seen at the level of busy calls and above: it is to be found out anew.
func (k *knee) forget(busy int) {
	from := level(busy)
	clear(k.sheds[from:])
	for _, all := range k.models {
		clear(all[from:])
	}
}

// refuses reports whether a server refuses clearly more of the calls at this level than it does at lower ones. Refusals that
// come just as often there are not about load.
func (k *knee) refuses(busy int) bool {
	const fewest, margin, sure = 16, 0.04, 2.5
	at := level(busy)
	here, below := k.sheds[at], tally{}
	for _, t := range k.sheds[:at] {
		below.started += t.started
		below.refused += t.refused
	}
	if here.started < fewest || below.started < fewest/2 {
		return false
	}
	share, usual := here.refused/here.started, below.refused/below.started
	spread := math.Sqrt(share*(1-min(1, share))/here.started + usual*(1-min(1, usual))/below.started)
	return share-usual > margin+sure*spread
}

// slows reports whether more calls at once have mostly become slower calls.
func (k *knee) slows(busy int) bool {
	at := level(busy)
	for below := at - 1; below >= max(0, at-2); below-- {
		grown, by, spread := 0.0, 0.0, 0.0
		weight := 0.0
		for _, all := range k.models {
			a, b := &all[at], &all[below]
			w := min(a.n, b.n)
			if w < fewestPaced {
				continue
			}
			weight += w
			grown += w * math.Log(a.perToken()/b.perToken())
			by += w * math.Log(a.load/a.n/(b.load/b.n))
			spread += w * w * (a.variance() + b.variance())
		}
		const sure = 2
		if weight > 0 && by > 0 && grown > elasticity*by+sure*math.Sqrt(spread) {
			return true
		}
	}
	return false
}

func (p *pace) perToken() float64 { return p.took / p.tokens }

// variance is that of the logarithm of perToken, as that of a ratio of means.
func (p *pace) variance() float64 {
	r := p.perToken()
	return max(0, p.tt-2*r*p.tk+r*r*p.kk) / (p.took * p.took)
}
