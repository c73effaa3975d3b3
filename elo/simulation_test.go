package elo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
)

// simulation is an arena of known strengths. Each pair may battle once over each prompt, and a battle is judged in both
// orders: what the judge sees of it, the strengths' difference and a logistic error as Bradley-Terry has it, is the same
// in both, but each order has an error of its own, and the answer that is shown first is favoured. A verdict within a hair
// is a tie; the battle goes to whoever is ahead in both verdicts together. With these numbers the two orders agree in 70 %
// of all battles, as with weaker judges, and 15 % are ties.
type simulation struct {
	seed    uint64
	t       []float64   // true strengths, natural units
	prompts [][]int     // by pair: the order in which they are used
	quality [][]float64 // by contestant and prompt, where an answer is as good in all its battles; nil: each battle is its own
}

const (
	favour   = 0.2 // for the answer shown first, natural units
	wavering = 0.7 // standard deviation of an order's own error
	hair     = 0.7 // below it a verdict is a tie
	prompts  = 300
)

func newSimulation(seed uint64, t []float64) *simulation {
	s := &simulation{seed: seed, t: t}
	dice := rand.New(rand.NewPCG(seed, 1))
	for range len(t) * len(t) {
		s.prompts = append(s.prompts, dice.Perm(prompts))
	}
	return s
}

// spreadOut are n strengths of a standard deviation of so many points.
func spreadOut(seed uint64, n int, points float64) []float64 {
	dice := rand.New(rand.NewPCG(seed, 2))
	t := make([]float64, n)
	for i := range t {
		t[i] = dice.NormFloat64() * points / scale
	}
	return t
}

// ladder are n strengths so many points apart, in an order of their own.
func ladder(seed uint64, n int, points float64) []float64 {
	t := make([]float64, n)
	for i, x := range rand.New(rand.NewPCG(seed, 3)).Perm(n) {
		t[i] = float64(x) * points / scale
	}
	return t
}

// answers makes answers as good in one battle as in another, so that battles over a prompt hang together.
func (s *simulation) answers() *simulation {
	dice := rand.New(rand.NewPCG(s.seed, 4))
	s.quality = make([][]float64, len(s.t))
	for i := range s.quality {
		for range prompts {
			s.quality[i] = append(s.quality[i], -math.Log(-math.Log(dice.Float64()))) // the difference of two is logistic
		}
	}
	return s
}

// battle is the k-th of a and b.
func (s *simulation) battle(a, b, k int) Battle {
	prompt := s.prompts[a*len(s.t)+b][k]
	dice := rand.New(rand.NewPCG(s.seed, uint64(5+(a*len(s.t)+b)*prompts+prompt)))
	u := dice.Float64()
	seen := s.t[a] - s.t[b] + math.Log(u/(1-u))
	if s.quality != nil {
		seen = s.t[a] - s.t[b] + s.quality[a][prompt] - s.quality[b][prompt]
	}
	sum := 0
	for _, first := range [...]float64{favour, -favour} {
		switch x := seen + first + wavering*dice.NormFloat64(); {
		case x > hair:
			sum++
		case x < -hair:
			sum--
		}
	}
	score := 0.5
	if sum != 0 {
		score = (1 + float64(sum)/math.Abs(float64(sum))) / 2
	}
	return Battle{A: int32(a), B: int32(b), Cluster: int32(prompt), Score: score, Weight: 1}
}

// story is how a simulated arena went.
type story struct {
	battles int
	settled bool
	right   bool // nothing that matters stands in the wrong order
}

// play holds battles, two of each pair first and then in batches that grow with what is there, until nothing is open any more, or
// no battle is left. With greedy the pairs are those of Next, otherwise they are drawn evenly.
func (s *simulation) play(t testing.TB, g Goal, batch int, greedy bool, open func(*Fit) []Comparison) story {
	n := len(s.t)
	var battles []Battle
	used := make([]int, n*n)
	hold := func(a, b int) {
		battles = append(battles, s.battle(a, b, used[a*n+b]))
		used[a*n+b]++
	}
	for a := range n {
		for b := a + 1; b < n; b++ {
			hold(a, b)
			hold(a, b)
		}
	}
	room := func(a, b int) int { return prompts - used[a*n+b] }
	for {
		f := mustFit(t, n, battles, Options{})
		left := open(f)
		aim := left
		if !greedy {
			aim = nil
		}
		next := f.Next(aim, max(batch, len(battles)/40), room, s.seed)
		if len(left) == 0 || len(next) == 0 {
			return story{len(battles), len(left) == 0, s.right(f, g)}
		}
		for _, p := range next {
			hold(p[0], p[1])
		}
	}
}

// right reports whether a goal was reached in truth.
func (s *simulation) right(f *Fit, g Goal) bool {
	order := f.Order()
	for x, i := range order {
		if g.Top > 0 && x >= g.Top {
			break
		}
		for _, j := range order[max(x+1, g.Top):] {
			if scale*(s.t[j]-s.t[i]) > g.Indifference {
				return false
			}
		}
	}
	return true
}

// toGoal is the stop rule.
func toGoal(t testing.TB, g Goal) func(*Fit) []Comparison {
	return func(f *Fit) []Comparison {
		open, err := f.Open(g)
		if err != nil {
			t.Fatal(err)
		}
		return open
	}
}

// stories are those of many seeds.
type stories []story

func (all stories) mean() float64 {
	sum := 0
	for _, s := range all {
		sum += s.battles
	}
	return float64(sum) / float64(len(all))
}

func (all stories) median() int {
	var n []int
	for _, s := range all {
		n = append(n, s.battles)
	}
	slices.Sort(n)
	return n[len(n)/2]
}

// part is the share of those of whom something is true.
func (all stories) part(is func(story) bool) float64 {
	n := 0
	for _, s := range all {
		if is(s) {
			n++
		}
	}
	return float64(n) / float64(len(all))
}

func isRight(s story) bool   { return s.right }
func isSettled(s story) bool { return s.settled }

// isHonest: it claims nothing wrong; whoever ran out of prompts claims nothing.
func isHonest(s story) bool { return s.right || !s.settled }

func (all stories) String() string {
	return fmt.Sprintf("battles: mean %.0f, median %d; settled %.3f, right %.3f", all.mean(), all.median(), all.part(isSettled), all.part(isRight))
}

// seeds are as many as `make adaptive` says, or few.
func seeds(t testing.TB, few int) int {
	text := os.Getenv("OPENARENA_ADAPTIVE")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("OPENARENA_ADAPTIVE=%q: give a number of seeds", text)
	}
	return n
}

// TestAdaptiveRanking: 12 contestants, whose strengths scatter by 139 points, are ranked but for 60 points.
func TestAdaptiveRanking(t *testing.T) {
	g := Goal{Confidence: 0.95, Indifference: 60}
	var greedy, even, hanging stories
	for seed := range seeds(t, 2) {
		strengths := spreadOut(uint64(seed), 12, 139)
		s := newSimulation(uint64(seed), strengths)
		greedy = append(greedy, s.play(t, g, 50, true, toGoal(t, g)))
		even = append(even, s.play(t, g, 50, false, toGoal(t, g)))
		if os.Getenv("OPENARENA_ADAPTIVE") != "" {
			hanging = append(hanging, newSimulation(uint64(seed), strengths).answers().play(t, g, 50, true, toGoal(t, g)))
		}
	}
	all := float64(12 * 11 / 2 * prompts)
	t.Logf("chosen: %v: %.3f of all pairs", greedy, greedy.mean()/all)
	t.Logf("evenly: %v; chosen / evenly %.3f", even, greedy.mean()/even.mean())
	if len(hanging) > 0 {
		t.Logf("chosen, where an answer is as good in all its battles: %v: %.3f of all pairs", hanging, hanging.mean()/all)
	}
	if part := greedy.mean() / all; part > 0.2 || greedy.part(isSettled) < 1 {
		t.Errorf("the ranking took %.3f of all battles, settled in %.2f of the arenas; want at most 0.2, settled in all", part, greedy.part(isSettled))
	}
	if ratio := greedy.mean() / even.mean(); ratio > 0.8 {
		t.Errorf("it took %.2f times the battles of an even choice; want at most 0.8", ratio)
	}
	for name, of := range map[string]stories{"chosen": greedy, "evenly": even, "hanging together": hanging} {
		if right := of.part(isHonest); len(of) > 0 && right < 0.95 {
			t.Errorf("%s: %.3f of the rankings are right beyond 60 points; want at least 0.95", name, right)
		}
	}
}

// TestAdaptiveWorstCase: neighbours just beyond the indifference, and many looks.
func TestAdaptiveWorstCase(t *testing.T) {
	if seeds(t, 0) == 0 {
		t.Skip("it takes a minute: make adaptive")
	}
	for _, c := range []struct {
		n, batch, top int
		indifference  float64
	}{{2, 10, 0, 30}, {3, 10, 0, 60}, {3, 10, 1, 60}, {4, 10, 0, 30}, {6, 10, 0, 60}, {6, 50, 3, 60}, {12, 50, 0, 60}} {
		g := Goal{Top: c.top, Confidence: 0.95, Indifference: c.indifference}
		var all stories
		for seed := range 10 * seeds(t, 0) {
			s := newSimulation(uint64(seed), ladder(uint64(seed), c.n, c.indifference+1))
			all = append(all, s.play(t, g, c.batch, true, toGoal(t, g)))
		}
		t.Logf("%d contestants %g points apart, top %d, batches of %d: %v, nothing wrong claimed %.3f", c.n, c.indifference+1, c.top, c.batch, all, all.part(isHonest))
		// 0.95 is claimed; less three standard errors of so many arenas.
		if honest, least := all.part(isHonest), 0.95-3*math.Sqrt(0.05*0.95/float64(len(all))); honest < least {
			t.Errorf("%d contestants: %.3f end without a wrong claim; want at least %.3f", c.n, honest, least)
		}
	}
}

// TestAdaptiveLeader: 8 contestants; the leader is settled when it is three standard errors ahead of all others.
func TestAdaptiveLeader(t *testing.T) {
	if seeds(t, 0) == 0 {
		t.Skip("a median takes many seeds: make adaptive")
	}
	ahead := func(f *Fit) (open []Comparison) {
		order := f.Order()
		for _, j := range order[1:] {
			points, se, ok := f.Difference(order[0], j)
			if !ok {
				t.Fatalf("nothing joins %d and %d", order[0], j)
			}
			if points <= 3*se {
				open = append(open, Comparison{Better: order[0], Worse: j, Points: points, SE: se})
			}
		}
		return open
	}
	var greedy, even stories
	for seed := range 5 * seeds(t, 0) {
		s := newSimulation(uint64(seed), spreadOut(uint64(seed), 8, 139))
		greedy = append(greedy, s.play(t, Goal{Top: 1}, 50, true, ahead))
		even = append(even, s.play(t, Goal{Top: 1}, 50, false, ahead))
	}
	t.Logf("chosen: %v", greedy)
	t.Logf("evenly: %v; chosen / evenly %.3f by the medians", even, float64(greedy.median())/float64(even.median()))
	if ratio := float64(greedy.median()) / float64(even.median()); ratio > 0.4 {
		t.Errorf("the leader took %.2f times the battles of an even choice; want at most 0.4", ratio)
	}
	if right := greedy.part(isRight); right < 0.92 {
		t.Errorf("%.2f of the leaders are the right ones; want at least 0.92", right)
	}
}
