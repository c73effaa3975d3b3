package export

import (
	"cmp"
	"math"
	"slices"
)

// contest is what the judges of one battle say together.
type contest struct {
	a, b    int     // places in Prompt.Answers, a before b
	level   float64 // +2 … −2, for a: the mean over the orders of each judge, then over the judges by their weights
	points  float64 // a's mean score minus b's
	scored  bool    // there are points
	counted bool    // it has an outcome, be it a tie
	derived bool    // the two never met: it rests on how each did against others

	judges, agree int  // that said anything, and of them those who prefer the winner
	flips         bool // a judge says something else when the answers change places, or was asked in one order only so far
	invalid       bool // a judgment could not be read
	flagged       bool // a judgment has a flag
	forfeit       bool // one of the answers is empty
}

// winner and loser are places in Prompt.Answers; of a tie they are a and b.
func (c *contest) winner() int {
	if c.level < 0 {
		return c.b
	}
	return c.a
}

func (c *contest) loser() int { return c.a + c.b - c.winner() }

func (c *contest) margin() float64 { return math.Abs(c.level) }

func (c *contest) tie() bool { return c.level == 0 }

// margin in points of the winner's scores; below 0 where they contradict the verdict.
func (c *contest) pointsAhead() float64 {
	if c.level < 0 {
		return -c.points
	}
	return c.points
}

// field is one prompt's answers and what came of their battles. It is used for prompt after prompt, in the same memory.
type field struct {
	prompt   *Prompt
	contests []contest
	standing []mean // of each answer: its level over all its contests
	scores   []mean // of each answer: as ranked has them, 1 … 10
	flagged  []bool // of each answer: a judgment about it has a flag
}

// read takes in a prompt. Its judgments must stand battle by battle, and in a battle judge by judge.
func (f *field) read(p *Prompt) {
	n := len(p.Answers)
	f.prompt, f.contests = p, f.contests[:0]
	f.standing, f.scores = cleared(f.standing, n), cleared(f.scores, n)
	f.flagged = cleared(f.flagged, n)
	addScores(f.scores, p)
	for all := p.Judgments; len(all) > 0; {
		of := 1
		for of < len(all) && samePair(&all[of], &all[0]) {
			of++
		}
		f.add(newContest(all[:of]))
		all = all[of:]
	}
}

func (f *field) add(c contest) {
	f.contests = append(f.contests, c)
	f.flagged[c.a], f.flagged[c.b] = f.flagged[c.a] || c.flagged, f.flagged[c.b] || c.flagged
	if c.counted {
		f.standing[c.a].add(c.level, 1)
		f.standing[c.b].add(-c.level, 1)
	}
}

func cleared[T any](list []T, n int) []T {
	list = slices.Grow(list[:0], n)[:n]
	clear(list)
	return list
}

func samePair(j, k *Judgment) bool {
	return j.First == k.First && j.Second == k.Second || j.First == k.Second && j.Second == k.First
}

// newContest reads the judgments of one battle.
func newContest(all []Judgment) (c contest) {
	c.a, c.b = min(all[0].First, all[0].Second), max(all[0].First, all[0].Second)
	var level, scoreA, scoreB mean
	var divided, short bool
	forA, forB := 0, 0
	for rest := all; len(rest) > 0; {
		of := 1
		for of < len(rest) && rest[of].Judge == rest[0].Judge {
			of++
		}
		v := c.hear(rest[:of], &scoreA, &scoreB)
		divided, short = divided || rest[0].Divided, short || rest[0].Short
		level.add(v.level, v.weight)
		c.judges += btoi(v.valid)
		forA += btoi(v.valid && v.level > 0)
		forB += btoi(v.valid && v.level < 0)
		rest = rest[of:]
	}
	if level.weight > 0 && !short {
		c.counted, c.level = true, level.sum/level.weight
	}
	if divided || math.Abs(c.level) < 1e-9 { // which weights that cancel out leave
		c.level = 0
	}
	switch {
	case c.level > 0:
		c.agree = forA
	case c.level < 0:
		c.agree = forB
	default:
		c.agree = c.judges - forA - forB
	}
	if scoreA.weight > 0 {
		c.scored, c.points = true, scoreA.sum/scoreA.weight-scoreB.sum/scoreB.weight
	}
	return c
}

// voice is what one judge says of a battle.
type voice struct {
	level  float64 // for a: the mean over the orders
	weight float64 // 0: it is not heard
	valid  bool    // it said anything
}

// hear reads the judgments of one judge.
func (c *contest) hear(all []Judgment, scoreA, scoreB *mean) (v voice) {
	var level mean
	partial := false
	signs := [3]bool{} // of levels that were seen: for b, tie, for a
	for i := range all {
		j := &all[i]
		partial = partial || j.Partial
		if j.State == "invalid" {
			c.invalid = true
			continue
		}
		c.forfeit = c.forfeit || slices.Contains(j.Flags, "forfeit")
		c.flagged = c.flagged || suspect(j.Flags)
		l, said, first, second := j.level(), j.Level, j.ScoreFirst, j.ScoreSecond
		if j.First != c.a {
			l, said, first, second = -l, -said, second, first
		}
		level.add(l, 1)
		signs[1+cmp.Compare(said, 0)] = true
		if j.Weight <= 0 {
			continue
		}
		v.weight = j.Weight
		if first != nil && second != nil {
			scoreA.add(*first, j.Weight)
			scoreB.add(*second, j.Weight)
		}
	}
	v.level, v.valid = level.value(), level.weight > 0
	if v.weight > 0 { // a judge that was not sure may have been passed over for the next
		c.flips = c.flips || partial || btoi(signs[0])+btoi(signs[1])+btoi(signs[2]) > 1
	}
	return v
}

// suspect reports whether flags tell of more than that no judge had to be asked.
func suspect(flags []string) bool {
	return slices.ContainsFunc(flags, func(f string) bool { return f != "identical" && f != "forfeit" })
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
