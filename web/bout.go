package web

import (
	"fmt"
	"strings"
	"unicode"

	"openarena/pipeline"
	"openarena/pipeline/columns"
)

// bout is a battle as a row of a list. Left is the model that the list is seen from, else the one that stands first in the file.
type bout struct {
	Page        *place
	Excerpt     string // of the prompt
	Dataset     string // "" where there is one only
	Category    string
	Left, Right string // names
	Sign        string // of who wins
	Words       string // the same in words
	Winner      int    // 1: left, 2: right, 0: nobody
	Judges      []judgeChip
	Marks       []mark
}

// judgeChip is what one judge says of a battle.
type judgeChip struct {
	Judge    string
	Verdicts []verdictChip
}

// verdictChip is a verdict as a sign between left and right.
type verdictChip struct {
	Sign, Words string
	Kind        string // left, right, tie or invalid
}

// mark is something to know about a battle.
type mark struct{ Label, Title string }

// bouts are rows of a list, with what their prompts begin with.
func bouts(v *visit, t *columns.Table, q columns.Query, rows []uint32) (all []bout, err error) {
	excerpts := map[columns.Hash]string{}
	for _, row := range rows {
		b := t.Battle(int(row))
		text, ok := excerpts[b.Prompt.Hash]
		if !ok {
			if text, err = pipeline.LastWords(v, v.look, b.Prompt.Hash); err != nil {
				return nil, err
			}
			text = excerpt(text, 180)
			excerpts[b.Prompt.Hash] = text
		}
		one := newBout(t, q, &b)
		one.Excerpt = text
		all = append(all, one)
	}
	return all, nil
}

func newBout(t *columns.Table, q columns.Query, b *columns.Battle) bout {
	left, right, turned := b.A, b.B, seenFromB(t, q, b)
	level, outcome := b.Level, b.Outcome
	if turned {
		left, right, level, outcome = right, left, -level, outcome.Turned()
	}
	one := bout{Page: battlePlace(t, q, b), Category: b.Prompt.Category, Left: label(t, left), Right: label(t, right)}
	if len(t.Datasets) > 1 {
		one.Dataset = t.Datasets[b.Prompt.Dataset]
	}
	switch outcome {
	case columns.WonByA:
		one.Winner, one.Sign, one.Words = 1, ">", fmt.Sprintf("wins, by %.1f of 2, against", level)
	case columns.WonByB:
		one.Winner, one.Sign, one.Words = 2, "<", fmt.Sprintf("loses, by %.1f of 2, to", -level)
	case columns.Tied:
		one.Sign, one.Words = "=", "ties with"
	default:
		one.Sign, one.Words = "·", "not decided against"
	}
	one.Judges = judgeChips(t, b, turned)
	one.mark(b)
	return one
}

// seenFromB reports whether a list shows a battle from the side of B.
func seenFromB(t *columns.Table, q columns.Query, b *columns.Battle) bool {
	model := q.Model
	if model == "" {
		model = q.Versus
	}
	x, y := t.Models[b.A.Model].Name, t.Models[b.B.Model].Name
	return model == y || model != x && b.B.Model < b.A.Model
}

// label is the name of a model, with the number of the sample where it is not the first.
func label(t *columns.Table, s columns.Side) string {
	if s.Sample == 0 {
		return t.Models[s.Model].Name
	}
	return fmt.Sprintf("%s #%d", t.Models[s.Model].Name, s.Sample+1)
}

func judgeChips(t *columns.Table, b *columns.Battle, turned bool) (all []judgeChip) {
	for _, v := range b.Verdicts {
		if v.Again {
			continue // which never counts
		}
		if n := len(all); n == 0 || all[n-1].Judge != t.Judges[v.Judge] {
			all = append(all, judgeChip{Judge: t.Judges[v.Judge]})
		}
		of := &all[len(all)-1]
		of.Verdicts = append(of.Verdicts, newVerdictChip(v, turned))
	}
	return all
}

func newVerdictChip(v columns.Verdict, turned bool) verdictChip {
	if turned {
		v.Level = -v.Level
	}
	c := verdictChip{Sign: verdictSigns[v.Level+2], Words: verdictWords[columns.Verdicts[v.Level+2]], Kind: "tie"}
	switch {
	case v.State == columns.Invalid:
		c = verdictChip{"?", verdictWords["invalid"], "invalid"}
	case v.Level > 0:
		c.Kind = "left"
	case v.Level < 0:
		c.Kind = "right"
	}
	switch {
	case v.Derived:
		c.Words += ", from scores of each answer"
	case v.Trivial:
		c.Words += ", without asking"
	case (v.Order == 0) != turned:
		c.Words += ", shown first"
	default:
		c.Words += ", shown second"
	}
	return c
}

// mark notes what is worth a look.
func (o *bout) mark(b *columns.Battle) {
	add := func(on bool, label, title string) {
		if on {
			o.Marks = append(o.Marks, mark{label, title})
		}
	}
	add(b.Disagree, "disagree", "Judges do not all say the same of who wins.")
	add(b.Flipped, "flip", "A judge says otherwise when the other answer is shown first.")
	add(b.Divided, "divided", "A tie because the panel is divided, half and half.")
	add(b.Outcome == columns.Waiting, "waits", "The panel waits for further judges.")
	add(b.Outcome == columns.TooFew, "too few", "Fewer judges were understood than must be.")
	add(b.People != columns.Undecided && b.People == b.Outcome, "people agree", "Most who voted say the same.")
	add(b.People != columns.Undecided && b.People != b.Outcome, "people differ", "Most who voted say otherwise.")
}

// excerpt is the beginning of a text on one line.
func excerpt(text string, most int) string {
	var b strings.Builder
	n, gap := 0, false
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			gap = n > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			n, gap = n+1, false
		}
		if n >= most {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
