package main

import (
	"openarena/pipeline"
	"openarena/pipeline/columns"
	"openarena/providers"
)

// shown is what `show --json` prints of one prompt.
type shown struct {
	Prompt    string              `json:"prompt"` // its hash
	Messages  []providers.Message `json:"messages"`
	Category  string              `json:"category,omitempty"`
	Answers   []shownAnswer       `json:"answers"`
	Missing   []shownLoss         `json:"missing,omitempty"`
	Judgments []shownJudgment     `json:"judgments"`
	Battles   []shownBattle       `json:"battles"`
}

// contender is an answer's place: who gave it, and which of several it is, from 0.
type contender struct {
	Model  string `json:"model"`
	Sample int    `json:"sample"`
}

type shownAnswer struct {
	contender
	Text   string   `json:"text"`
	Finish string   `json:"finish"`
	Input  int64    `json:"input_tokens"`
	Output int64    `json:"output_tokens"`
	Cost   *float64 `json:"cost_usd"` // null: unknown, or it came from a file
}

// shownLoss is an answer that is not there.
type shownLoss struct {
	contender
	Permanent bool   `json:"permanent"` // false: the next run tries again
	Reason    string `json:"reason"`    // "": it was not asked for yet
	Message   string `json:"message"`
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

// shownBattle is what the panel makes of a battle.
type shownBattle struct {
	A       contender `json:"a"`
	B       contender `json:"b"`
	Winner  *string   `json:"winner"` // a, b or tie; null: it does not count, or not yet
	Level   *float64  `json:"level"`  // +2 … -2, for a
	Outcome string    `json:"outcome"`
	Grounds []string  `json:"grounds"`
}

func shownOf(v *pipeline.View, d *pipeline.Dossier) shown {
	s := shown{
		Prompt: d.Prompt.String(), Messages: d.Messages, Category: d.Listed[0].Category,
		Answers: []shownAnswer{}, Judgments: []shownJudgment{}, Battles: []shownBattle{},
	}
	for i := range d.Answers {
		a := &d.Answers[i]
		if a.Said == nil {
			s.Missing = append(s.Missing, lossOf(a))
			continue
		}
		s.Answers = append(s.Answers, shownAnswer{
			contenderOf(a), a.Said.Text, a.Said.Finish, a.Said.Usage.Input, a.Said.Usage.Output, a.Said.Cost,
		})
	}
	for o, r := range d.Rulings() {
		s.Judgments = append(s.Judgments, judgmentOf(d, o, r))
	}
	for i := range d.Battles {
		s.Battles = append(s.Battles, battleOf(v, d, &d.Battles[i]))
	}
	return s
}

func contenderOf(a *pipeline.Answer) contender { return contender{a.Name, int(a.Sample)} }

func lossOf(a *pipeline.Answer) shownLoss {
	l := shownLoss{contender: contenderOf(a)}
	if a.Loss != nil {
		l.Permanent, l.Reason, l.Message = a.Loss.Permanent, a.Loss.Reason, a.Loss.Message
	}
	return l
}

func judgmentOf(d *pipeline.Dossier, o *pipeline.Opinion, r *pipeline.Ruling) shownJudgment {
	v := shownJudgment{
		First: contenderOf(&d.Answers[r.First]), Second: contenderOf(&d.Answers[r.Second]), Judge: o.Name,
		State: r.State.String(), Reason: r.Reason, ScoreA: r.ScoreA, ScoreB: r.ScoreB,
		Flags: append([]string{}, r.Flags...), Explanation: r.Explanation, Attempts: r.Calls,
	}
	if label := r.Label(); label != "" {
		v.Verdict = &label
	}
	return v
}

func battleOf(v *pipeline.View, d *pipeline.Dossier, m *pipeline.Meeting) shownBattle {
	b := shownBattle{
		A: contenderOf(&d.Answers[m.A]), B: contenderOf(&d.Answers[m.B]), Outcome: d.Result(m), Grounds: append([]string{}, v.Grounds(m)...),
	}
	if m.Outcome.Decided() {
		winner := map[columns.Outcome]string{columns.WonByA: "a", columns.WonByB: "b", columns.Tied: "tie"}[m.Outcome]
		b.Winner, b.Level = &winner, &m.Level
	}
	return b
}
