package web

import (
	"errors"
	"slices"

	"openarena/pipeline"
	"openarena/web/worddiff"
)

var battlePage = page{
	name: "battle", path: "/battle/{prompt}/{a}/{b}", make: makeBattle, uses: []string{"battle.js"},
	heads: battleTitle,
}

// duel is one prompt with two of its answers and all that was said of them.
type duel struct {
	question
	Answers [2]sideShown
	Views   []lens
	View    string // one of views
	Diff    worddiff.Diff
	Met     *meetingShown // nil: the two do not meet
	Votes   *place        // shows what people said; nil: it is shown
	Path    neighbours
}

// views are the ways to read two answers.
var views = []lens{
	{Name: "markdown", Title: "Formatted", Key: "m"},
	{Name: "raw", Title: "As written", Key: "r"},
	{Name: "diff", Title: "Word by word", Key: "d"},
}

// lens is one of several ways to look at a page.
type lens struct {
	Name, Title, Key string
	To               *place
	Here             bool
}

func makeBattle(v *visit) (any, error) {
	prompt, sides, err := battleAddress(v)
	if err != nil {
		return nil, err
	}
	view, err := v.arena.View(v, v.look)
	if err != nil {
		return nil, err
	}
	votes := v.query.Get("people") == "1"
	d, err := view.Dossier(v, prompt, pipeline.Reading{Sides: sides[:], Texts: true, Votes: votes})
	if err != nil {
		return nil, missing(err)
	}
	page := &duel{question: newQuestion(d), View: views[0].Name}
	for i, side := range sides {
		a, err := d.Answer(side)
		if err != nil {
			return nil, missing(err)
		}
		page.Answers[i] = newSide(d.Prompt, a)
	}
	here := newPlace("/battle/"+d.Prompt.String()+"/"+sides[0].String()+"/"+sides[1].String(), v.query)
	page.choose(here, v.query.Get("view"))
	page.compare()
	if len(d.Battles) > 0 {
		m := d.Battles[0]
		if d.Answers[m.A].Side != sides[0] {
			m.Turn()
		}
		page.Met = newMeeting(view, d, &m, here)
	}
	if !votes {
		page.Votes = here.with("people", "1")
	}
	page.Path, err = neighboursOf(v, v.path("prompt"), v.path("a"), v.path("b"))
	page.Path.keep("view", v.query.Get("view"))
	return page, err
}

func battleTitle(v *visit) string {
	_, sides, err := battleAddress(v)
	if err != nil {
		return "Battle"
	}
	var names [2]string
	for i, side := range sides {
		names[i] = side.String()
		for _, c := range v.arena.Contestants {
			if c.ID == side.Contestant {
				names[i] = c.Name
			}
		}
	}
	return names[0] + " against " + names[1]
}

// battleAddress is what the address of a battle says.
func battleAddress(v *visit) (prompt pipeline.Hash, sides [2]pipeline.Side, err error) {
	prompt, err = pipeline.ParsePrompt(v.path("prompt"))
	if err != nil {
		return prompt, sides, notFound(err.Error())
	}
	for i, name := range [...]string{"a", "b"} {
		if sides[i], err = pipeline.ParseSide(v.path(name)); err != nil {
			return prompt, sides, notFound(err.Error())
		}
	}
	if sides[0] == sides[1] {
		err = notFound("An answer does not meet itself: the address names the same one twice.")
	}
	return prompt, sides, err
}

// keep has neighbours be seen in the same way.
func (n *neighbours) keep(key, value string) {
	for _, p := range []**place{&n.Previous, &n.Next} {
		if *p != nil && value != "" {
			*p = (*p).with(key, value)
		}
	}
}

// choose takes the view that the address names.
func (d *duel) choose(here *place, view string) {
	d.Views = slices.Clone(views)
	for i := range d.Views {
		c := &d.Views[i]
		if c.Name == view {
			d.View = view
		}
		c.To = here.with("view", c.Name)
	}
	for i := range d.Views {
		d.Views[i].Here = d.Views[i].Name == d.View
	}
}

// compare marks the words that one of the answers has alone.
func (d *duel) compare() {
	a, b := &d.Answers[0], &d.Answers[1]
	if d.View != "diff" || a.Text == nil || b.Text == nil {
		return
	}
	d.Diff = worddiff.Of(a.Text.Shown, b.Text.Shown)
	a.Words, b.Words = d.Diff.A, d.Diff.B
}

// Same reports whether both answers are the same text.
func (d *duel) Same() bool { return d.Met != nil && d.Met.Identical }

// missing is that a page has nothing to show of what the database or the file does not have.
func missing(err error) error {
	for _, of := range []error{pipeline.ErrNoPrompt, pipeline.ErrUnlisted, pipeline.ErrUnwanted} {
		if errors.Is(err, of) {
			return notFound(err.Error())
		}
	}
	return err
}
