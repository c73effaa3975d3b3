package web

import (
	"fmt"
	"strconv"

	"openarena/pipeline"
	"openarena/web/worddiff"
)

// question is a prompt as pages show it.
type question struct {
	Prompt   string // its hash
	Messages []messageShown
	Listed   []pipeline.Listed
	Refers   *passage // the reference; nil: none
	All      *place   // the page of the prompt
}

type messageShown struct {
	Role string
	Text *passage
}

func newQuestion(d *pipeline.Dossier) question {
	q := question{Prompt: d.Prompt.String(), Listed: d.Listed, All: &place{path: "/prompt/" + d.Prompt.String()}}
	for i, m := range d.Messages {
		q.Messages = append(q.Messages, messageShown{m.Role, newPassage(m.Content, &place{path: fmt.Sprintf("/raw/prompt/%s/%d", d.Prompt, i)})})
	}
	if reference := d.Listed[0].Reference; reference != "" {
		q.Refers = newPassage(reference, &place{path: fmt.Sprintf("/raw/reference/%s", d.Prompt)})
	}
	return q
}

// sideShown is one answer.
type sideShown struct {
	*pipeline.Answer
	Text, Reasoning *passage         // nil: there is none
	Words           []worddiff.Piece // of the text, beside another
}

func newSide(prompt pipeline.Hash, a *pipeline.Answer) sideShown {
	s := sideShown{Answer: a}
	if a.Said == nil {
		return s
	}
	raw := fmt.Sprintf("/raw/answer/%s/%s", prompt, a.Side)
	s.Text = newPassage(a.Said.Text, &place{path: raw})
	if a.Said.Reasoning != "" {
		s.Reasoning = newPassage(a.Said.Reasoning, &place{path: raw, query: []string{"part", "reasoning"}})
	}
	return s
}

// SampleNumber counts samples from 1; 0 where there is one only.
func (s sideShown) SampleNumber() int {
	if s.Samples < 2 {
		return 0
	}
	return int(s.Sample) + 1
}

// meetingShown is a battle.
type meetingShown struct {
	*pipeline.Meeting
	Result  string
	Grounds []string
	Judges  []judgeShown
}

// judgeShown is what one judge said.
type judgeShown struct {
	*pipeline.Opinion
	Says     string // over all it was asked
	Rulings  []rulingShown
	Tokens   int64 // of all its replies
	Cost     *float64
	Unpriced bool // it was asked, and nobody knows what that costs
}

// rulingShown is one verdict.
type rulingShown struct {
	*pipeline.Ruling
	FirstName, SecondName string
	Says                  string
	Flags                 []string
	Why                   string // it is invalid
	Text                  *passage
	Replies               []replyShown
	Halves                []rulingShown
	Alone                 bool // it is about one answer
}

// Scores are those of both answers in the order shown; "" where there are none.
func (r rulingShown) Scores() string {
	if r.ScoreA == nil || r.ScoreB == nil || r.Alone {
		return ""
	}
	return fmt.Sprintf("%g : %g", *r.ScoreA, *r.ScoreB)
}

// replyShown is one attempt.
type replyShown struct {
	pipeline.Said
	Number int
	Raw    *place
	Think  *place // its reasoning
}

func newMeeting(view *pipeline.View, d *pipeline.Dossier, m *pipeline.Meeting, here *place) *meetingShown {
	s := &meetingShown{Meeting: m, Result: d.Result(m), Grounds: view.Grounds(m)}
	for i := range m.Opinions {
		s.Judges = append(s.Judges, newJudge(d, m, &m.Opinions[i], here))
	}
	return s
}

func newJudge(d *pipeline.Dossier, m *pipeline.Meeting, o *pipeline.Opinion, here *place) judgeShown {
	j := judgeShown{Opinion: o, Says: "nothing that can be read"}
	if o.Valid > 0 {
		j.Says = levelSays(o.Level, d.Answers[m.A].Label(), d.Answers[m.B].Label())
	}
	raw := &place{path: "/raw/reply" + here.path[len("/battle"):] + "/" + o.ID.String()}
	for i := range o.Verdicts {
		r := &o.Verdicts[i]
		shown := newRuling(d, r, raw.with("verdict", strconv.Itoa(i)))
		for k := range r.Halves {
			shown.Halves = append(shown.Halves, newRuling(d, &r.Halves[k], raw.with("verdict", strconv.Itoa(i)).with("half", strconv.Itoa(k))))
		}
		j.Rulings = append(j.Rulings, shown)
	}
	j.add()
	return j
}

// add counts what the judge took.
func (j *judgeShown) add() {
	usd := 0.0
	count := func(r rulingShown) {
		for _, a := range r.Replies {
			j.Tokens += a.Usage.Input + a.Usage.Output
			if a.Cost == nil {
				j.Unpriced = true
			} else {
				usd += *a.Cost
			}
		}
	}
	for _, r := range j.Rulings {
		count(r)
		for _, h := range r.Halves {
			count(h)
		}
	}
	if !j.Unpriced {
		j.Cost = &usd
	}
}

func newRuling(d *pipeline.Dossier, r *pipeline.Ruling, raw *place) rulingShown {
	s := rulingShown{
		Ruling: r, FirstName: d.Answers[r.First].Label(), SecondName: d.Answers[r.Second].Label(), Why: reasonWords(r.Reason),
		Alone: r.First == r.Second, Flags: wordsOfFlags(r.Flags),
	}
	s.Says = wordsOfRuling(r, s.FirstName, s.SecondName)
	if r.Explanation != "" && len(r.Halves) == 0 {
		s.Text = newPassage(r.Explanation, raw.with("attempt", strconv.Itoa(r.Calls)))
	}
	for i := range r.Attempts {
		a := replyShown{Said: r.Attempts[i], Number: i + 1, Raw: raw.with("attempt", strconv.Itoa(i+1))}
		if a.Reasoning != "" {
			a.Think = a.Raw.with("part", "reasoning")
		}
		s.Replies = append(s.Replies, a)
	}
	return s
}
