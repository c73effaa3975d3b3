package pipeline

import (
	"openarena/pipeline/judge"
)

// margins sums up what the verdicts of one battle say, from A's side: the mean over both orders of each judge, then the
// weighted mean over the judges. Invalid verdicts say nothing; a failure is never a tie.
type margins struct {
	level  float64 // -2 … +2
	share  float64 // A's part of both scores, 0 … 1
	weight float64 // of the judges that said something; 0: none did
	shown  int     // valid verdicts
	ties   int
	bad    int // invalid verdicts
}

// fromA turns a verdict so that level and share are those of A.
func fromA(v verdict, order uint8) (level, share float64) {
	level = float64(v.Level)
	if v.Preference != nil {
		level, share = 4**v.Preference-2, *v.Preference
	} else if v.ScoreA != nil && v.ScoreB != nil {
		share = *v.ScoreA / (*v.ScoreA + *v.ScoreB)
	} else {
		// A level as the scores of a judge: +2 is 10 against 1.
		a, b := levelScore(level), levelScore(-level)
		share = a / (a + b)
	}
	if order == 1 {
		level, share = -level, 1-share
	}
	return level, share
}

// levelScore maps a level of -2 … +2 to a score of 1 … 10.
func levelScore(level float64) float64 { return 5.5 + 2.25*level }

// battleMargins reads the verdicts that count for one battle.
func (p *pairing) battleMargins(s *sheet, b battle) (m margins) {
	x, okX := s.answer(b.A)
	y, okY := s.answer(b.B)
	if !okX || !okY {
		return m
	}
	type sums struct{ level, share, n float64 }
	var few [4]sums // a panel is small: no memory is asked for
	perJudge := few[:min(len(few), len(p.arena.Judges))]
	if n := len(p.arena.Judges); n > len(few) {
		perJudge = make([]sums, n)
	}
	texts := texts(x.Digest, y.Digest)
	for _, w := range p.judgments(s, b) {
		v, ok := s.verdict(w.key(&s.wanted, b, texts))
		if !ok {
			continue
		}
		if v.State == judge.Invalid {
			m.bad++
			continue
		}
		if v.State == judge.Tie {
			m.ties++
		}
		m.shown++
		level, share := fromA(*v, w.order)
		j := &perJudge[w.judge.Place]
		j.level, j.share, j.n = j.level+level, j.share+share, j.n+1
	}
	for i, j := range perJudge {
		if j.n == 0 {
			continue
		}
		weight := p.arena.Judges[i].Weight
		m.level += weight * j.level / j.n
		m.share += weight * j.share / j.n
		m.weight += weight
	}
	if m.weight > 0 {
		m.level /= m.weight
		m.share /= m.weight
	}
	return m
}

// points are A's points of a battle, 0 … 1, by the rule of the configuration.
func (m margins) points(outcome string) float64 {
	switch outcome {
	case "levels":
		return (m.level + 2) / 4
	case "share":
		return m.share
	}
	switch {
	case m.level > 0:
		return 1
	case m.level < 0:
		return 0
	}
	return 0.5
}
