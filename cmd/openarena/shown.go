package main

import (
	"openarena/pipeline/export"
	"openarena/providers"
)

// shown is what `show --json` prints of one prompt.
type shown struct {
	Prompt    string              `json:"prompt"` // its hash
	Messages  []providers.Message `json:"messages"`
	Category  string              `json:"category,omitempty"`
	Answers   []shownAnswer       `json:"answers"`
	Judgments []shownJudgment     `json:"judgments"`
}

// contender is an answer's place: who gave it, and which of several it is, from 0.
type contender struct {
	Model  string `json:"model"`
	Sample int    `json:"sample"`
}

type shownAnswer struct {
	contender
	Text string `json:"text"`
}

type shownJudgment struct {
	First       contender `json:"first"` // the answer shown as A
	Second      contender `json:"second"`
	Judge       string    `json:"judge"`
	State       string    `json:"state"`
	Reason      string    `json:"reason,omitempty"` // of an invalid one
	Verdict     *string   `json:"verdict"`          // A>>B … B>>A; null if invalid
	ScoreA      *float64  `json:"score_a"`
	ScoreB      *float64  `json:"score_b"`
	Flags       []string  `json:"flags"`
	Explanation string    `json:"explanation"`
	Attempts    int       `json:"attempts"`
}

func shownOf(p *export.Prompt) shown {
	s := shown{Prompt: p.Hash, Messages: p.Messages, Category: p.Category, Answers: []shownAnswer{}, Judgments: []shownJudgment{}}
	for _, a := range p.Answers {
		s.Answers = append(s.Answers, shownAnswer{contender{a.Model, a.Sample}, a.Text})
	}
	for _, j := range p.Judgments {
		v := shownJudgment{
			First: s.Answers[j.First].contender, Second: s.Answers[j.Second].contender, Judge: j.Judge,
			State: j.State, Reason: j.Reason, ScoreA: j.ScoreFirst, ScoreB: j.ScoreSecond,
			Flags: append([]string{}, j.Flags...), Explanation: j.Explanation, Attempts: j.Attempts,
		}
		if j.Verdict != "" {
			v.Verdict = &j.Verdict
		}
		s.Judgments = append(s.Judgments, v)
	}
	return s
}
