package web

import (
	"openarena/pipeline"
)

var promptPage = page{
	name: "prompt", path: "/prompt/{prompt}", make: makePrompt,
	heads: func(v *visit) string { return "Prompt " + shortHash(v.path("prompt")) },
}

func shortHash(hash string) string { return hash[:min(8, len(hash))] }

// promptShown is one prompt with all its answers, and each battle as a cell.
type promptShown struct {
	question
	Answers []sideShown
	Rows    [][]crossing // from the side of the answer that stands at its left
}

// crossing is what came of a battle.
type crossing struct {
	Met   bool
	Words string // won, lost, tie, open
	Level float64
	Of    string // what a screen reader says of it
	To    *place
}

func makePrompt(v *visit) (any, error) {
	prompt, err := pipeline.ParsePrompt(v.path("prompt"))
	if err != nil {
		return nil, notFound(err.Error())
	}
	view, err := v.arena.View(v, v.look)
	if err != nil {
		return nil, err
	}
	d, err := view.Dossier(v, prompt, pipeline.Reading{Texts: true})
	if err != nil {
		return nil, missing(err)
	}
	page := promptShown{question: newQuestion(d)}
	for i := range d.Answers {
		page.Answers = append(page.Answers, newSide(d.Prompt, &d.Answers[i]))
		page.Rows = append(page.Rows, make([]crossing, len(d.Answers)))
	}
	for _, m := range d.Battles {
		page.Rows[m.A][m.B] = newCrossing(d, &m)
		m.Turn()
		page.Rows[m.A][m.B] = newCrossing(d, &m)
	}
	return page, nil
}

func newCrossing(d *pipeline.Dossier, m *pipeline.Meeting) crossing {
	a, b := &d.Answers[m.A], &d.Answers[m.B]
	return crossing{
		Met: true, Words: crossingWords(m.Outcome), Level: m.Level, Of: a.Label() + " against " + b.Label(),
		To: &place{path: "/battle/" + d.Prompt.String() + "/" + a.Side.String() + "/" + b.Side.String()},
	}
}
