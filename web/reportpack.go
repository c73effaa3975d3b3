package web

import (
	"html/template"
	"unicode/utf8"

	"openarena/pipeline"
	"openarena/pipeline/columns"
	"openarena/pipeline/judge"
	"openarena/web/markdown"
)

// longestText is how many bytes of one text a report holds.
const longestText = 100_000

// pack is what a report holds of one prompt. Each text is in it once as it is, and those of models once more as their Markdown
// says.
type pack struct {
	*pipeline.Dossier
	Said    []packedText // what the prompt says
	Places  []packedPlace
	Held    []packedAnswer
	Met     []packedBattle
	Bouts   []packedBout
	Replies bool
}

// packedPlace is where a dataset has the prompt.
type packedPlace struct {
	pipeline.Listed
	Ideal packedText
}

// packedBout is a row of the list, with the address of its sides.
type packedBout struct {
	Sides string
	bout
}

// Row is the row alone.
func (b packedBout) Row() bout { return b.bout }

type packedAnswer struct {
	*pipeline.Answer
	Words, Thoughts packedText
}

type packedBattle struct {
	*pipeline.Meeting
	X, Y    *pipeline.Answer
	Says    string
	Rulings []packedRuling
	People  []packedVote
}

type packedVote struct{ Voter, Says string }

type packedRuling struct {
	*pipeline.Ruling
	Judge  string
	Weight float64
	First  string // the label of the answer that was shown first; "" of answers that were judged alone
	Says   string
	Why    packedText
}

// packedText is a text, or the beginning of one.
type packedText struct {
	Role string
	Text string
	Cut  int64 // bytes that are left out
}

func newText(text string) packedText {
	if len(text) <= longestText {
		return packedText{Text: text}
	}
	end := longestText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return packedText{Text: text[:end], Cut: int64(len(text) - end)}
}

// Markdown is what it says.
func (t packedText) Markdown() template.HTML { return markdown.HTML(t.Text, 4) }

// Plain is how it was written.
func (t packedText) Plain() string { return markdown.Plain(t.Text) }

// take takes of a prompt the battles of a chapter, and the answers that met in them.
func (p *pack) take(d *pipeline.Dossier, t *columns.Table, c chapter) {
	p.Dossier = d
	for _, m := range d.Messages {
		said := newText(m.Content)
		said.Role = m.Role
		p.Said = append(p.Said, said)
	}
	for _, l := range d.Listed {
		p.Places = append(p.Places, packedPlace{l, newText(l.Reference)})
	}
	wanted := map[string]bool{}
	held := map[string]bool{}
	for _, row := range c.rows {
		b := inFileOrder(t.Battle(row))
		x, y := sideName(t, b.A), sideName(t, b.B)
		wanted[x+"/"+y], held[x], held[y] = true, true, true
	}
	for i := range d.Answers {
		if a := &d.Answers[i]; held[a.Side.String()] && a.Said != nil {
			p.Held = append(p.Held, packedAnswer{a, newText(a.Said.Text), newText(a.Said.Reasoning)})
		}
	}
	for i := range d.Battles {
		m := &d.Battles[i]
		if x, y := &d.Answers[m.A], &d.Answers[m.B]; wanted[x.Side.String()+"/"+y.Side.String()] {
			p.Met = append(p.Met, newPackedBattle(d, m, x, y))
		}
	}
}

func newPackedBattle(d *pipeline.Dossier, m *pipeline.Meeting, x, y *pipeline.Answer) packedBattle {
	b := packedBattle{Meeting: m, X: x, Y: y, Says: wonWords(m.Outcome, x.Label(), y.Label())}
	for i := range m.Opinions {
		o := &m.Opinions[i]
		for n := range o.Verdicts {
			r := &o.Verdicts[n]
			one := packedRuling{Ruling: r, Judge: o.Name, Weight: o.Weight, Why: newText(r.Explanation)}
			first, second := &d.Answers[r.First], &d.Answers[r.Second]
			if r.First != r.Second {
				one.First = first.Label()
			}
			one.Says = rulingWords(r, first.Label(), second.Label())
			b.Rulings = append(b.Rulings, one)
		}
	}
	for _, v := range m.Votes {
		says := map[columns.Outcome]string{columns.WonByA: x.Label(), columns.WonByB: y.Label(), columns.Tied: "a tie"}[v.Says]
		if v.BothBad {
			says = "neither is any good"
		}
		b.People = append(b.People, packedVote{v.Voter, says})
	}
	return b
}

// wonWords say how a battle counts.
func wonWords(o columns.Outcome, x, y string) string {
	switch o {
	case columns.WonByA:
		return x + " wins"
	case columns.WonByB:
		return y + " wins"
	case columns.Tied:
		return "A tie"
	case columns.Waiting:
		return "Not decided yet"
	case columns.TooFew:
		return "Does not count: too few judges gave a valid verdict"
	}
	return "Does not count: no valid verdict"
}

// rulingWords say what one verdict says.
func rulingWords(r *pipeline.Ruling, first, second string) string {
	switch {
	case r.Loss != nil:
		return "failed: " + r.Loss.Reason
	case !r.There:
		return "still to come"
	case r.State == judge.Invalid:
		return "cannot be read: " + r.Reason
	case r.First == r.Second:
		return "judged alone"
	case r.Level == 0:
		return "a tie"
	}
	better, level := first, r.Level
	if level < 0 {
		better, level = second, -level
	}
	return better + []string{" is better", " is much better"}[level-1]
}
