package pipeline

import (
	"slices"

	"openarena/pipeline/judge"
)

// margins sums up what the verdicts of one battle say, from A's side: the mean over both orders of each judge, then what
// the panel's rule makes of the judges. Invalid verdicts say nothing; a failure is never a tie.
type margins struct {
	level  float64 // -2 … +2
	share  float64 // A's part of both scores, 0 … 1
	weight float64 // of the judges that are heard; 0: the battle is not decided
	owed   bool    // there are verdicts to come
	waits  bool    // somebody was asked already, which does not count before others have said all
	even   bool    // the judges are divided, half and half: a tie
	few    bool    // fewer judges said something than must, and no more will
	shown  int     // valid verdicts
	ties   int
	bad    int // invalid verdicts
}

// count adds what a judge said, whether it will be heard or not.
func (m *margins) count(o *opinion) {
	m.shown += o.valid
	m.ties += o.ties
	if !o.judge.alone { // else what cannot be read is counted by its answer, not by its battles
		m.bad += o.invalid
	}
}

// fromA turns a verdict so that level and share are those of A.
func fromA(v verdict, order uint8) (level, share float64) {
	level = float64(v.Level)
	if v.Preference != nil {
		level, share = 4**v.Preference-2, *v.Preference
	} else if v.ScoreA != nil && v.ScoreB != nil && !slices.Contains(v.Flags, judge.FlagIdentical) { // which tie, whatever their scores
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
func (p *pairing) battleMargins(s *sheet, b battle) margins {
	var few [4]opinion // a panel is small: no memory is asked for
	voices, said, open := p.voices(s, b, few[:0])
	m := p.panel.decide(voices, open)
	m.owed, m.shown, m.ties, m.bad = open, said.shown, said.ties, said.bad
	return m
}

// voices appends the opinions that decide a battle, and says what was said in all, and whether there is more to come.
func (p *pairing) voices(s *sheet, b battle, all []opinion) (voices []opinion, said margins, open bool) {
	x, okX := s.answer(b.A)
	y, okY := s.answer(b.B)
	if !okX || !okY {
		return nil, said, true
	}
	if p.panel.grows {
		h := p.hear(s, b)
		return h.voices, h.tally, h.open
	}
	both := texts(x.Digest, y.Digest)
	for rest := p.drawn(s, b, b.judges[s.Dataset]); len(rest) > 0; {
		var of []asked
		of, rest = nextJudge(rest)
		o := p.opinion(s, b, both, of)
		said.count(&o)
		all, open = append(all, o), open || o.owed > 0
	}
	return all, said, open
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
