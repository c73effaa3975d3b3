package pipeline

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"openarena/pipeline/columns"
	"openarena/pipeline/judge"
	"openarena/store"
)

// battles takes in the battles that are wanted.
func (c *clerk) battles() error {
	for _, b := range c.pairing.of(c.sheet.Prompt) {
		if c.Sides != nil && (!slices.Contains(c.Sides, b.A) || !slices.Contains(c.Sides, b.B)) {
			continue
		}
		m, err := c.meeting(b)
		if err != nil {
			return err
		}
		c.dossier.Battles = append(c.dossier.Battles, m)
	}
	return nil
}

func (c *clerk) meeting(b battle) (Meeting, error) {
	m := Meeting{A: c.place(b.A), B: c.place(b.B), Outcome: columns.Undecided, Open: true}
	x, y := c.sheet.both(b)
	if x != nil {
		c.decide(&m, b)
		m.Identical = x.Digest == y.Digest
		if err := errors.Join(c.rulings(&m, b, x, y), c.vote(&m, x, y)); err != nil {
			return m, err
		}
	}
	if m.A > m.B {
		m.Turn()
	}
	return m, nil
}

// Turn makes A of B.
func (m *Meeting) Turn() {
	m.A, m.B, m.Level, m.Outcome = m.B, m.A, 0-m.Level, m.Outcome.Turned()
	for i := range m.Votes {
		m.Votes[i].Says = m.Votes[i].Says.Turned()
	}
	for i := range m.Opinions {
		m.Opinions[i].Level = 0 - m.Opinions[i].Level
	}
}

// decide takes in the outcome and the opinions that it rests on, and then the others.
func (c *clerk) decide(m *Meeting, b battle) {
	voices, _, open := c.pairing.voices(c.sheet, b, nil)
	of := c.pairing.panel.decide(voices, open)
	m.Outcome, m.Level, m.Divided, m.Open = outcomeOf(of), of.level, of.even, open
	for _, o := range c.pairing.opinions(c.sheet, b) {
		in := slices.IndexFunc(voices, func(v opinion) bool { return v.judge == o.judge })
		if in >= 0 {
			o.weight, o.heard = voices[in].weight, voices[in].heard
		}
		m.Opinions = append(m.Opinions, Opinion{
			Judge: o.judge, Weight: o.weight, Heard: o.heard, StandsIn: !c.arena.sits(o.judge), Level: o.level, Valid: o.valid,
		})
	}
}

// rulings takes in what each judge was asked.
func (c *clerk) rulings(m *Meeting, b battle, x, y *given) error {
	for _, w := range c.pairing.judgments(c.sheet, b) {
		var r Ruling
		var err error
		if w.judge.alone {
			r, err = c.derived(w, x, y)
		} else {
			r, err = c.ruling(w, w.key(&c.sheet.wanted, b, texts(x.Digest, y.Digest)))
		}
		if err != nil {
			return err
		}
		for i := range m.Opinions {
			if o := &m.Opinions[i]; o.Judge == w.judge {
				o.Verdicts = append(o.Verdicts, r)
			}
		}
	}
	return nil
}

// ruling is one judgment as the database has it.
func (c *clerk) ruling(w asked, key VerdictKey) (Ruling, error) {
	r := Ruling{First: c.place(key.A), Second: c.place(key.B), Order: key.Order, Repeat: key.Repeat, key: key}
	if key.Order == 1 {
		r.First, r.Second = r.Second, r.First
	}
	v, there := c.sheet.verdict(key)
	if there {
		r.There, r.Verdict, r.Parser, r.Calls = true, v.Verdict, int(v.Parser), int(v.Attempts)
	} else {
		r.Loss = c.loss(key.bytes)
	}
	if !c.Texts {
		return r, nil
	}
	return r, c.hear(&r, w.judge)
}

// hear reads what the judge said, and what of its last words is the explanation.
func (c *clerk) hear(r *Ruling, j *Judge) error {
	var last reply
	for rec, err := range c.reader.Scan(c.ctx, store.Judgments, store.Prefix(r.key.bytes()), store.WithBody) {
		if err != nil {
			return err
		}
		if last, err = parseReply(rec.Meta, rec.Body); err != nil {
			return err
		}
		r.Attempts = append(r.Attempts, *newSaid(last, j.Model))
		if r.There && len(r.Attempts) == r.Calls {
			r.Explanation = j.explain(last, c.shown(r, j))
		}
	}
	return nil
}

// shown is what the judge was asked about.
func (c *clerk) shown(r *Ruling, j *Judge) judge.Case {
	all := c.dossier.Answers
	shown := judge.Case{Messages: c.dossier.Messages, First: all[r.First].Said.Text}
	if r.First != r.Second {
		shown.Second = all[r.Second].Said.Text
	}
	if j.refers {
		shown.Reference = c.dossier.Listed[0].Reference
	}
	return shown
}

// derived is what a judge of single answers says of two, and what that rests on. The answer of the model that comes first in
// the file is the first.
func (c *clerk) derived(w asked, x, y *given) (Ruling, error) {
	r := Ruling{First: c.place(x.side), Second: c.place(y.side)}
	if r.First > r.Second {
		r.First, r.Second, x, y = r.Second, r.First, y, x
	}
	v, of := w.derived(c.sheet, x, y)
	r.There = of[0].there && of[1].there
	if r.There {
		r.Verdict, r.Calls = v.Verdict, int(v.Attempts)
	}
	var said []string
	for i, g := range [...]*given{x, y} {
		for _, one := range c.pairing.twice(c.sheet, asked{judge: w.judge}, g.side) {
			half, err := c.ruling(one, one.single(&c.sheet.wanted, g))
			if err != nil {
				return r, err
			}
			r.Halves = append(r.Halves, half)
			if text := strings.TrimSpace(half.Explanation); text != "" && one.repeat == 0 {
				said = append(said, "Answer "+string(rune('A'+i))+": "+text)
			}
		}
	}
	r.Explanation = strings.Join(said, "\n\n")
	return r, nil
}

// vote takes in what people said of two texts.
func (c *clerk) vote(m *Meeting, x, y *given) error {
	if !c.Votes {
		return nil
	}
	about := voteSubject{Prompt: c.sheet.Prompt, First: x.Digest, Second: y.Digest}
	turned := bytes.Compare(x.Digest[:], y.Digest[:]) > 0
	if turned {
		about.First, about.Second = y.Digest, x.Digest
	}
	keys := about.bytes()
	var last Digest
	return each(store.Walk(c.ctx, c.reader, store.Votes, store.Prefix(keys[:len(keys)-len(last)]), store.WithBody), func(rec *store.Record) error {
		key, v, err := readVote(rec)
		if err != nil {
			return err
		}
		if n := len(m.Votes); n > 0 && last == key.Voter { // of one voter, the last one counts
			m.Votes = m.Votes[:n-1]
		}
		if last = key.Voter; v.Mark == withdrawn {
			last = Digest{}
			return nil
		}
		says := [...]columns.Outcome{tied: columns.Tied, firstWins: columns.WonByA, secondWins: columns.WonByB}[v.Choice]
		if turned {
			says = says.Turned()
		}
		m.Votes = append(m.Votes, Ballot{string(rec.Body), says, v.Mark == bothBad})
		return nil
	})
}
