package export

import (
	"slices"
	"unicode/utf8"
)

// selection turns prompt after prompt into rows, and counts what it leaves out. It uses the same memory for each.
type selection struct {
	*training
	mode    mode
	options Options
	sieve   sieve
	put     func([]value) error

	field   field
	example example
	found   []contest // of a prompt, those that no filter took
	scratch scratch
	row     []value
	single  func(place int)
	pair    func(contest)
	err     error // of put

	seen               *similarity // prompts that gave rows; nil: nobody asks
	asked, repeated    bool        // of the prompt at hand: whether it is close to one before
	candidates, longer int
	written            [2]int64 // characters of better and of worse answers
	removed            [reasons]int
}

// newSelection makes one that hands rows to put. seen may be nil.
func newSelection(t *training, o Options, m mode, seen *similarity, put func([]value) error) *selection {
	s := &selection{training: t, mode: m, options: o, sieve: newSieve(o.Filters, t.fits), put: put, seen: seen}
	s.pair, s.single = s.seePair, s.seeAnswer // once for all prompts
	return s
}

// see makes the rows of one prompt.
func (s *selection) see(p *Prompt) error {
	s.field.read(p)
	s.found, s.asked = s.found[:0], false
	s.example = example{prompt: p, scores: s.field.scores}
	switch s.takes {
	case takesPairs:
		s.mode.pairs(&s.field, s.options.Model, s.pair)
		s.putPairs()
	case takesBest:
		s.mode.best(&s.field, s.options.Model, s.single)
	default:
		s.mode.every(&s.field, s.options.Model, s.single)
	}
	return s.err
}

// seePair looks at a pair that the mode chose.
func (s *selection) seePair(c contest) {
	s.load(c)
	if why := s.sieve.pair(&c, &s.example); why != kept {
		s.count(why)
		return
	}
	s.found = append(s.found, c)
}

// putPairs writes those that no filter took, as many as there may be.
func (s *selection) putPairs() {
	if s.sieve.MaxPairs > 0 && len(s.found) > s.sieve.MaxPairs {
		slices.SortStableFunc(s.found, func(x, y contest) int { return compareDown(x.margin(), y.margin()) })
		for range s.found[s.sieve.MaxPairs:] {
			s.count(maxPairs)
		}
		s.found = s.found[:s.sieve.MaxPairs]
	}
	if len(s.found) == 0 || s.err != nil {
		return
	}
	repeated := s.repeats()
	for i := range s.found {
		if repeated {
			s.count(nearDuplicate)
			continue
		}
		s.load(s.found[i])
		s.count(kept)
		s.measure(s.example.better, s.example.worse)
		s.write()
	}
}

// load makes a pair the example.
func (s *selection) load(c contest) {
	x := &s.example
	x.contest = c
	x.chosen, x.rejected = &x.prompt.Answers[c.winner()], &x.prompt.Answers[c.loser()]
	x.better, x.worse = s.text(x.chosen), s.text(x.rejected)
}

// seeAnswer looks at an answer that the mode chose.
func (s *selection) seeAnswer(place int) {
	if s.err != nil {
		return
	}
	x := &s.example
	score := s.field.scores[place]
	x.place, x.score, x.chosen = place, score.value(), &x.prompt.Answers[place]
	x.better = s.text(x.chosen)
	x.label = s.takes == takesBest || x.score >= s.sieve.TrueFrom
	why := kept
	switch {
	case score.weight <= 0:
		why = undecided
	case s.takes == takesEvery && !x.label && x.score > s.sieve.FalseTo:
		why = middle
	case s.takes == takesBest && x.score < s.sieve.MinScore:
		why = minScore
	default:
		why = s.sieve.answer(x, s.field.flagged[place], x.label)
	}
	if why == kept && s.repeats() {
		why = nearDuplicate
	}
	s.count(why)
	if why == kept {
		s.measure(x.better, "")
		s.write()
	}
}

// measure adds up how long the texts of a row are.
func (s *selection) measure(better, worse string) {
	b, w := utf8.RuneCountInString(better), utf8.RuneCountInString(worse)
	s.written[0] += int64(b)
	s.written[1] += int64(w)
	if s.takes == takesPairs && b > w {
		s.longer++
	}
}

// text is what a row holds of an answer.
func (s *selection) text(a *Answer) string {
	if s.options.Thinking == ThinkingKeep {
		return a.thought()
	}
	return a.spoken()
}

// count notes what became of a candidate.
func (s *selection) count(why reason) {
	s.candidates++
	s.removed[why]++
}

// write hands on the row of the example.
func (s *selection) write() {
	if s.err != nil {
		return
	}
	s.scratch.reset()
	s.row = s.training.row(&s.scratch, s.row[:0], &s.example)
	if s.options.WithMeta {
		s.row = s.appendMeta(s.row)
	}
	s.err = s.put(s.row)
}

// repeats reports whether the prompt, which is about to give a row, is close to one that gave some before.
func (s *selection) repeats() bool {
	if s.seen == nil || s.err != nil {
		return false
	}
	if !s.asked {
		s.asked = true
		s.repeated, s.err = s.seen.repeats(s.example.prompt)
	}
	return s.repeated
}

// tell adds to a summary.
func (s *selection) tell(sum *Summary) {
	sum.Candidates, sum.Pairs = s.candidates, s.takes == takesPairs
	for r := kept + 1; r < reasons; r++ {
		if s.removed[r] > 0 {
			sum.Removed = append(sum.Removed, Removal{filterNames[r], s.removed[r]})
		}
	}
	sum.LongerChosen = s.longer
	if rows := float64(s.removed[kept]); rows > 0 {
		sum.MeanLength, sum.MeanLengthRejected = float64(s.written[0])/rows, float64(s.written[1])/rows
	}
}

func compareDown(x, y float64) int {
	switch {
	case x > y:
		return -1
	case x < y:
		return 1
	}
	return 0
}

// inEval reports whether a prompt belongs to the share that is for evaluation.
func inEval(hash string, share float64) bool {
	return float64(draw(hash, 0)>>11)/(1<<53) < share
}

// draw is a number drawn by lot for a prompt: the same whenever and wherever, another for each purpose.
func draw(hash string, purpose uint64) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for i := range len(hash) {
		h = (h ^ uint64(hash[i])) * prime
	}
	h += (purpose + 1) * 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
