package web

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"openarena/internal/plot"
	"openarena/internal/standings"
	"openarena/pipeline"
	"openarena/pipeline/rating"
)

var whatIfPage = page{name: "whatif", path: "/whatif", still: true, make: makeWhatIf, heads: func(*visit) string { return "What if" }}

// weightOf stands before the name of a judge in the fields of the form.
const weightOf = "weight."

// whatIfView is a form of weights, and what they come to.
type whatIfView struct {
	Judges  []weighed
	Problem string // why that cannot be rated
	Result  *pipeline.WhatIf
	Scale   string
	Rows    []movedRow
	Words   []string
}

// weighed is a judge in the form.
type weighed struct {
	Name, Field string
	Value       string  // as it was asked
	File        float64 // as the file has it
	Spare       bool    // a replacement
}

// movedRow is a model in both leaderboards.
type movedRow struct {
	rating.Moved
	Strip string
}

// Meet says whether the intervals of both leaderboards do.
func (r movedRow) Meet() string { return standings.Overlap(r.Overlap) }

func makeWhatIf(v *visit) (any, error) {
	w := &whatIfView{}
	var asked []pipeline.Reweighted
	var wrong error
	for _, j := range v.arena.Config.Judges {
		field := weightOf + j.Name
		text := strings.TrimSpace(v.query.Get(field))
		w.Judges = append(w.Judges, weighed{
			Name: j.Name, Field: field, Value: cmp.Or(text, fmt.Sprint(j.Weight)), File: j.Weight,
			Spare: slices.Contains(v.arena.Config.Judging.Panel.Replacements, j.Name),
		})
		if text == "" {
			continue
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			wrong = errors.Join(wrong, fmt.Errorf("the weight of %s is %q: give a number, 0 to leave the judge out", j.Name, text))
		}
		if x != j.Weight {
			asked = append(asked, pipeline.Reweighted{Judge: j.Name, Weight: x})
		}
	}
	if err := w.rate(v, asked, wrong); err != nil {
		return nil, err
	}
	return w, nil
}

// rate fills in what the weights come to.
func (w *whatIfView) rate(v *visit, asked []pipeline.Reweighted, wrong error) error {
	if wrong != nil {
		w.Problem = wrong.Error()
		return nil
	}
	if len(asked) == 0 {
		return nil
	}
	all, err := kept(v, "leaderboard", func() (*whole, error) { return makeWhole(v) })
	if err != nil {
		return err
	}
	w.Result, err = kept(v, fmt.Sprintf("what if %#v", asked), func() (*pipeline.WhatIf, error) { return v.arena.RateWhatIf(v, v.look, asked, all.Board) })
	if wrong := new(pipeline.WhatIfError); errors.As(err, &wrong) {
		w.Result, w.Problem = nil, wrong.Error()
		return nil
	}
	if err != nil {
		return err
	}
	w.Words = append([]string{w.Result.Question(), standings.What(w.Result.Board)}, append(w.Result.Notes, w.Result.Swaps())...)
	p := plot.Panel{}
	for _, m := range w.Result.Moved {
		p.Rows = append(p.Rows, plot.Row{Name: m.Model, Rating: m.After.Rating, Lower: m.After.Lower, Upper: m.After.Upper})
	}
	head, strips, err := plot.Strips(p)
	if err != nil {
		return err
	}
	w.Scale = head
	for i, m := range w.Result.Moved {
		w.Rows = append(w.Rows, movedRow{m, strips[i]})
	}
	return nil
}
