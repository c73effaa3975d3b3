package web

import (
	"errors"
	"slices"

	"openarena/internal/plot"
	"openarena/internal/standings"
	"openarena/pipeline"
	"openarena/pipeline/rating"
)

var comparePage = page{name: "compare", path: "/compare", make: makeCompare, heads: func(*visit) string { return "Compare" }}

// Other is an arena, or another database of the site's, that the site's may be compared with. Which there are is said where the
// site is started: no path ever comes from a browser.
type Other struct {
	Name string // for people
	Source
}

// compareView is what moved.
type compareView struct {
	Others  []otherChoice
	With    string
	Problem string // why there is nothing to show
	Result  *rating.Comparison
	Matched bool // by another name, or by name alone
	Scale   string
	Rows    []comparedRow
	Words   []string
}

type otherChoice struct {
	Name string
	Here bool
}

type comparedRow struct {
	rating.Compared
	Strip string
}

// Span is the interval of the change.
func (r comparedRow) Span() string { return standings.Span(r.Lower, r.Upper) }

// Chance and Sure are p, alone and by Holm.
func (r comparedRow) Chance() string { return standings.Chance(r.P) }
func (r comparedRow) Sure() string   { return standings.Chance(r.Holm) }

func makeCompare(v *visit) (any, error) {
	c := &compareView{With: v.query.Get("with")}
	if c.With == "" && len(v.others) > 0 {
		c.With = v.others[0].Name
	}
	for _, o := range v.others {
		c.Others = append(c.Others, otherChoice{o.Name, o.Name == c.With})
	}
	at := slices.IndexFunc(v.others, func(o Other) bool { return o.Name == c.With })
	switch {
	case len(v.others) == 0:
		return c, nil
	case at < 0:
		return nil, notFound("There is nothing of that name to compare with; `openarena serve --compare` says what there is.")
	}
	return c, c.compare(v, v.others[at])
}

// compare fills in what moved. What is wrong with the other side is told in the page.
func (c *compareView) compare(v *visit, o Other) error {
	if v.arena.Rating.Method == rating.Elo {
		c.Problem = "The file rates by Elo, which has no intervals, so that nothing can be said about chance. openarena rate --compare OTHER --method bradley-terry does."
		return nil
	}
	other, err := o.Arena()
	if err != nil {
		c.Problem = err.Error()
		return nil
	}
	look, err := o.Look(v, other)
	if err != nil {
		if v.Err() != nil {
			return err
		}
		c.Problem = err.Error()
		return nil
	}
	defer look.Close()
	c.Result, err = kept(v, "compare "+o.Name+" "+look.Mark(), func() (*rating.Comparison, error) { return v.arena.Compare(v, v.look, other, look) })
	if failed := new(pipeline.OtherError); errors.As(err, &failed) {
		c.Problem = failed.Error()
		return nil
	}
	if err != nil {
		return err
	}
	return c.show()
}

func (c *compareView) show() error {
	c.Words, c.Matched = standings.Compared(c.Result), standings.Matched(c.Result)
	p := plot.Panel{}
	for _, m := range c.Result.Models {
		p.Rows = append(p.Rows, plot.Row{Name: m.Model, Rating: m.Change, Lower: m.Lower, Upper: m.Upper})
	}
	head, strips, err := plot.Strips(p)
	if err != nil {
		return err
	}
	c.Scale = head
	for i, m := range c.Result.Models {
		c.Rows = append(c.Rows, comparedRow{m, strips[i]})
	}
	return nil
}
