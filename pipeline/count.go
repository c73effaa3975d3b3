package pipeline

import (
	"fmt"

	"openarena/pipeline/judge"
)

// Count is how far a stage is. Failed is work that failed and was not done since; Pending is what is left beside it.
type Count struct {
	Wanted  int64 `json:"wanted"`
	Done    int64 `json:"done"`
	Failed  int64 `json:"failed"`
	Pending int64 `json:"pending"`

	again   int64 // of Failed, what the next run tries again
	unready int64 // of Pending, what waits for an answer
	blocked int64 // of unready, what no run can do: the answer failed for good
}

// Due is what the next run does.
func (c Count) Due() int64 { return c.Pending - c.blocked + c.again }

func (c *Count) add(d Count) {
	c.Wanted += d.Wanted
	c.Done += d.Done
	c.Failed += d.Failed
	c.Pending += d.Pending
	c.again += d.again
	c.unready += d.unready
	c.blocked += d.blocked
}

// open counts what is not done, and has failed or not.
func (c *Count) open(f failure, failed bool) {
	switch {
	case !failed:
		c.Pending++
	case f.Permanent:
		c.Failed++
	default:
		c.Failed++
		c.again++
	}
}

// JudgeCount is a Count whose Done holds verdicts that could not be read, too.
type JudgeCount struct {
	Count
	Invalid int64 `json:"invalid"`
}

// census counts the work of an arena, sheet by sheet.
type census struct {
	arena   *Arena
	pairing *pairing
	refers  bool

	prompts  int64
	bare     int64        // prompts without a reference, where a judge is shown them
	answers  []Count      // by place of the contestant
	verdicts []JudgeCount // by place of the judge
	singles  singles      // that the prompt at hand wants
	further  further      // where the panel grows
	shared   []int        // by dataset: prompts that an earlier one has, too
}

func newCensus(p *pairing) *census {
	a := p.arena
	return &census{
		arena: a, pairing: p, refers: a.refers(), answers: make([]Count, len(a.Contestants)), verdicts: make([]JudgeCount, len(a.Judges)),
		shared:  make([]int, len(a.Config.Datasets)),
		further: further{calls: make([]int64, len(a.Judges)), singles: map[single]bool{}},
	}
}

func (c *census) see(s *sheet) {
	c.prompts++
	for _, d := range s.also {
		c.shared[d]++
	}
	if s.digest == (Digest{}) && c.refers {
		c.bare++
	}
	for i := range c.arena.Contestants {
		c.seeAnswers(s, &c.arena.Contestants[i])
	}
	c.seeJudging(s)
}

// seeJudging counts what the judges are wanted for.
func (c *census) seeJudging(s *sheet) {
	clear(c.singles)
	for _, b := range c.pairing.of(s.Prompt) {
		c.seeBattle(s, b)
	}
	for one := range c.singles {
		c.seeSingle(s, one)
	}
	c.further.seeSingles(c.pairing, s, c.singles)
}

// notes are what a reader of the counts should know, in sentences.
func (c *census) notes() []string {
	if c.bare == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d prompts have no reference: judges that are shown one judge them without.", c.bare, c.prompts)}
}

func (c *census) seeAnswers(s *sheet, m *Contestant) {
	if !c.arena.chosen(m) {
		return
	}
	n := &c.answers[m.Place]
	for k := range m.Samples {
		side := Side{m.ID, uint16(k)}
		_, done := s.answer(side)
		if m.Answers != nil && !done {
			continue // absent, not missing
		}
		n.Wanted++
		if done {
			n.Done++
		} else {
			n.open(s.failure(AnswerKey{s.Prompt, m.ID, uint16(k)}.bytes))
		}
	}
}

func (c *census) seeBattle(s *sheet, b battle) {
	x, okX := s.answer(b.A)
	y, okY := s.answer(b.B)
	if c.arena.absent(b.A, okX) || c.arena.absent(b.B, okY) {
		return
	}
	blocked := s.gaveUp(b.A) || s.gaveUp(b.B)
	if c.pairing.panel.grows {
		c.further.see(c.pairing, s, b, !blocked && c.pairing.hear(s, b).open)
	}
	if !okX || !okY {
		c.seeUnready(s, b, blocked)
		return
	}
	both := texts(x.Digest, y.Digest)
	for _, w := range c.pairing.judgments(s, b) {
		if w.judge.alone {
			c.singles.again(w, b.A)
			c.singles.again(w, b.B)
			continue
		}
		c.seeJudgment(s, w, w.key(&s.wanted, b, both))
	}
}

// seeJudgment counts a judgment whose answers are there.
func (c *census) seeJudgment(s *sheet, w asked, key VerdictKey) {
	n := &c.verdicts[w.judge.Place]
	n.Wanted++
	v, done := s.verdict(key)
	if !done {
		n.open(s.failure(key.bytes))
		return
	}
	n.Done++
	if v.State == judge.Invalid {
		n.Invalid++
	}
}

// seeUnready counts the judgments of a battle that lacks an answer. blocked: it always will.
func (c *census) seeUnready(s *sheet, b battle, blocked bool) {
	for _, w := range c.pairing.judgments(s, b) {
		if w.judge.alone {
			c.singles.again(w, b.A)
			c.singles.again(w, b.B)
			continue
		}
		c.countUnready(w, blocked)
	}
}

func (c *census) countUnready(w asked, blocked bool) {
	n := &c.verdicts[w.judge.Place]
	n.Wanted++
	n.Pending++
	n.unready++
	if blocked {
		n.blocked++
	}
}

// absent reports whether an answer is missing that no run will ask for, as that of a file contestant or of a model outside
// the trial: then there is no battle to want.
func (a *Arena) absent(s Side, there bool) bool {
	m := a.byID[s.Contestant]
	return !there && (m.Answers != nil || !a.chosen(m))
}

// totals adds up all models and all judges.
func (c *census) totals() (generate Count, judge JudgeCount) {
	for _, n := range c.answers {
		generate.add(n)
	}
	for _, n := range c.verdicts {
		judge.add(n.Count)
		judge.Invalid += n.Invalid
	}
	return generate, judge
}
