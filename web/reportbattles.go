package web

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/columns"
)

// What a report holds unless it is told otherwise.
const (
	mostTexts  = 14_000_000 // bytes of prompts with their battles
	mostListed = 20_000     // battles without texts
)

// anthology is the battles of a report: what its script knows of them, and for each prompt a pack of markup that holds its texts
// once.
type anthology struct {
	Form         filterForm
	Texts        bool
	Battles, All int // that it holds, that there are
	List         template.HTML
	Packs        []template.HTML

	addresses map[string]bool // of those with texts, in either order of the sides
}

// has reports whether a battle is among them, by its address: prompt/a/b.
func (a *anthology) has(battle string) bool { return a.addresses[battle] }

// Left says what was left out, and how to have it; "" where nothing was.
func (a *anthology) Left() string {
	switch {
	case a.Battles < a.All:
		return fmt.Sprintf("It holds %s of %s battles, those on which the judges disagree most; `openarena report --battles all` holds all of them.",
			terminal.Count(int64(a.Battles)), terminal.Count(int64(a.All)))
	case !a.Texts:
		return "It lists battles without their texts, as --no-texts asks."
	}
	return ""
}

// chapter is the battles of one prompt.
type chapter struct {
	prompt columns.Prompt
	rows   []int // of the table
}

// gather chooses battles, the telling ones first, as many as there is room for. Then they come in the order of datasets and
// their rows.
func (a *anthology) gather(v *visit, s skin, o ReportOptions) error {
	t, err := tableOf(v)
	if err != nil {
		return err
	}
	view, err := v.arena.View(v, v.look)
	if err != nil {
		return err
	}
	a.Texts, a.All, a.addresses = !o.NoTexts, t.Len(), map[string]bool{}
	all := chapters(t, o.most())
	packs := map[columns.Hash]template.HTML{}
	used, room := 0, cmp.Or(o.room, mostTexts)
	for i, c := range all {
		pack, err := a.pack(v, view, s, t, c, o)
		if err != nil {
			return err
		}
		if used += len(pack); used > room && o.Battles == 0 && i > 0 {
			all = all[:i]
			break
		}
		packs[c.prompt.Hash] = pack
	}
	slices.SortFunc(all, func(x, y chapter) int {
		return cmp.Or(x.prompt.Dataset-y.prompt.Dataset, x.prompt.Row-y.prompt.Row)
	})
	for _, c := range all {
		a.Packs = append(a.Packs, packs[c.prompt.Hash])
	}
	if err := a.list(t, all); err != nil {
		return err
	}
	a.Form, err = reportForm(v, t)
	return err
}

// pack draws one prompt: rows of the list, and where they are wanted the texts.
func (a *anthology) pack(v *visit, view *pipeline.View, s skin, t *columns.Table, c chapter, o ReportOptions) (template.HTML, error) {
	p := &pack{Replies: o.Replies}
	if o.NoTexts {
		p.Prompt = pipeline.Hash(c.prompt.Hash).String()
	} else {
		d, err := view.Dossier(v, pipeline.Hash(c.prompt.Hash), pipeline.Reading{Texts: true, Votes: true})
		if err != nil {
			return "", err
		}
		p.take(view, d, t, c)
		a.include(p)
	}
	for _, row := range c.rows {
		b := t.Battle(row)
		one := newBout(t, columns.Query{}, &b)
		if one.Excerpt = fmt.Sprintf("%s, row %d", t.Datasets[b.Prompt.Dataset], b.Prompt.Row+1); !o.NoTexts {
			one.Excerpt = excerpt(p.Messages[len(p.Messages)-1].Text.Shown, 180)
		}
		b = inFileOrder(b)
		p.Bouts = append(p.Bouts, packedBout{sideName(t, b.A) + "/" + sideName(t, b.B), one})
	}
	var b bytes.Buffer
	err := s["pack"].ExecuteTemplate(&b, "main", p)
	return template.HTML(strings.ReplaceAll(b.String(), nowhere, "")), err
}

// include has links lead to the battles of a pack.
func (a *anthology) include(p *pack) {
	for _, m := range p.Met {
		x, y := m.X.Side.String(), m.Y.Side.String()
		a.addresses[p.Prompt+"/"+x+"/"+y], a.addresses[p.Prompt+"/"+y+"/"+x] = true, true
	}
}

// reportForm is the filters of the list, without the counts, which only the site keeps in step with each other.
func reportForm(v *visit, t *columns.Table) (filterForm, error) {
	s, err := t.Select(columns.Query{})
	if err != nil {
		return filterForm{}, err
	}
	f := newFilterForm(v, t, s)
	f.Choices = slices.DeleteFunc(f.Choices, func(c selector) bool { return c.Name == "order" })
	var versus *selector
	for i, c := range f.Choices {
		for n := range c.Options {
			c.Options[n].Count = -1
		}
		if c.Name == "outcome" {
			f.Choices[i].Label = "The model, else the first"
		}
		if c.Name == "model" {
			vs := c
			vs.Name, vs.Label = "vs", "Against"
			versus = &vs
		}
	}
	if versus != nil {
		f.Choices = slices.Insert(f.Choices, 1, *versus)
	}
	return f, nil
}

// most is how many battles are looked at; 0: all, until there is no more room.
func (o ReportOptions) most() int {
	if o.Battles == 0 && o.NoTexts {
		return mostListed
	}
	return o.Battles
}

// chapters are battles by prompt, those on which judges disagree most first: among each other, then with themselves. Where not
// all are wanted they are the first ones.
func chapters(t *columns.Table, most int) (all []chapter) {
	type row struct{ place, weight int }
	rows := make([]row, t.Len())
	var b columns.Battle
	for i := range rows {
		t.Read(i, &b)
		rows[i] = row{i, int(b.Spread * 1000)}
		if b.Flipped {
			rows[i].weight++
		}
	}
	slices.SortStableFunc(rows, func(x, y row) int { return y.weight - x.weight })
	if most > 0 && most < len(rows) {
		rows = rows[:most]
	}
	places := map[columns.Hash]int{}
	for _, r := range rows {
		t.Read(r.place, &b)
		i, there := places[b.Prompt.Hash]
		if !there {
			i = len(all)
			places[b.Prompt.Hash] = i
			all = append(all, chapter{prompt: b.Prompt})
		}
		all[i].rows = append(all[i].rows, r.place)
	}
	for _, c := range all {
		slices.Sort(c.rows)
	}
	return all
}

// reportList is what the script of a report knows of its battles.
type reportList struct {
	Models   []string `json:"models"`
	Judges   []string `json:"judges"`
	Datasets []string `json:"datasets"`
	Flags    []string `json:"flags"`
	None     string   `json:"none"`     // what the category of prompts without one is called
	Outcomes []string `json:"outcomes"` // what filters call them, by number
	Verdicts []string `json:"verdicts"` // by level from -2, and then those that cannot be read
	Prompts  [][3]any `json:"prompts"`  // hash, place of the dataset, category
	Sides    [][3]any `json:"sides"`    // address, place of the model, sample from 0
	Battles  [][]any  `json:"battles"`  // see line
}

// list makes the list of what was packed.
func (a *anthology) list(t *columns.Table, all []chapter) error {
	l := reportList{Judges: t.Judges, Datasets: t.Datasets, Flags: t.Flags, None: columns.NoCategory, Verdicts: columns.Verdicts,
		Prompts: [][3]any{}, Sides: [][3]any{}, Battles: [][]any{}}
	for _, m := range t.Models {
		l.Models = append(l.Models, m.Name)
	}
	for o := columns.Undecided; o <= columns.Tied; o++ {
		l.Outcomes = append(l.Outcomes, o.Name())
	}
	sides := map[columns.Side]int{}
	side := func(s columns.Side) int {
		i, there := sides[s]
		if !there {
			i = len(sides)
			sides[s] = i
			l.Sides = append(l.Sides, [3]any{sideName(t, s), s.Model, s.Sample})
		}
		return i
	}
	for i, c := range all {
		l.Prompts = append(l.Prompts, [3]any{hex.EncodeToString(c.prompt.Hash[:]), c.prompt.Dataset, c.prompt.Category})
		for _, row := range c.rows {
			b := inFileOrder(t.Battle(row))
			l.Battles = append(l.Battles, line(i, side(b.A), side(b.B), b))
		}
	}
	a.Battles = len(l.Battles)
	text, err := json.Marshal(l) // which writes < and & so that no element begins or ends in it
	a.List = template.HTML(`<script type="application/json" id="list">` + string(text) + "</script>")
	return err
}

// line is a battle in numbers: prompt, A, B, outcome, 1 where judges disagree, what people say, and then for each verdict judge,
// order, state, level and flags. Order is 2 where a verdict does not tell whether its judge minds the order.
func line(prompt, x, y int, b columns.Battle) []any {
	disagree := 0
	if b.Disagree {
		disagree = 1
	}
	all := []any{prompt, x, y, b.Outcome, disagree, b.People}
	for _, v := range b.Verdicts {
		if v.Again || v.Derived {
			v.Order = 2
		}
		all = append(all, v.Judge, v.Order, v.State, v.Level, v.Flags)
	}
	return all
}

// inFileOrder is the battle seen from the model that stands first in the file.
func inFileOrder(b columns.Battle) columns.Battle {
	if cmp.Or(b.A.Model-b.B.Model, b.A.Sample-b.B.Sample) <= 0 {
		return b
	}
	b.A, b.B, b.Level, b.Outcome, b.People = b.B, b.A, 0-b.Level, b.Outcome.Turned(), b.People.Turned()
	for i := range b.Verdicts {
		v := &b.Verdicts[i]
		v.Level, v.Order = -v.Level, 1-v.Order
	}
	return b
}
