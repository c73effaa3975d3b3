package web

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/columns"
)

// What a report holds unless it is told otherwise.
const (
	mostTexts  = 14_000_000 // bytes of prompts with their battles
	mostListed = 20_000     // battles without texts
)

// anthology is the battles of a report: a list for the script, and for each prompt a template that holds its texts once.
type anthology struct {
	Models, Judges, Datasets, Categories, Flags []string
	Outcomes, Verdicts                          []string
	Voted                                       bool // people did, on some of them
	Texts                                       bool
	Battles, All                                int // that it holds, that there are
	Prompts                                     int // that these are about
	List                                        template.HTML
	Packs                                       []template.HTML
	addresses                                   map[string]bool // of those with texts, in either order of the sides
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

// gather chooses battles, the telling ones first, and packs as many as there is room for. Then they come in the order of
// datasets and their rows.
func gather(v *visit, s skin, o ReportOptions) (*anthology, error) {
	t, err := v.arena.Columns(v, v.look)
	if err != nil {
		return nil, err
	}
	view, err := v.arena.View(v, v.look)
	if err != nil {
		return nil, err
	}
	a := &anthology{Judges: t.Judges, Datasets: t.Datasets, Flags: t.Flags, Outcomes: columns.Outcomes, Verdicts: columns.Verdicts, Texts: !o.NoTexts, All: t.Len(), addresses: map[string]bool{}}
	for _, m := range t.Models {
		a.Models = append(a.Models, m.Name)
	}
	all := chapters(t, o.most())
	packs := map[columns.Hash]template.HTML{}
	used := 0
	for i, c := range all {
		if o.NoTexts {
			break
		}
		d, err := view.Dossier(v, pipeline.Hash(c.prompt.Hash), pipeline.Reading{Texts: true, Votes: true})
		if err != nil {
			return nil, err
		}
		pack, err := s.pack(newPack(d, t, c, o))
		if err != nil {
			return nil, err
		}
		if used += len(pack); used > mostTexts && o.Battles == 0 && i > 0 {
			all = all[:i]
			break
		}
		packs[c.prompt.Hash] = pack
	}
	slices.SortFunc(all, func(x, y chapter) int {
		return cmp.Or(x.prompt.Dataset-y.prompt.Dataset, x.prompt.Row-y.prompt.Row)
	})
	for _, c := range all {
		if o.NoTexts {
			break
		}
		a.Packs = append(a.Packs, packs[c.prompt.Hash])
	}
	return a, a.list(t, all)
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
	Texts    bool     `json:"texts"`
	Prompts  [][3]any `json:"prompts"` // hash, place of the dataset, category
	Sides    [][3]any `json:"sides"`   // address, place of the model, sample from 0
	Battles  [][]any  `json:"battles"` // see line
}

// list makes the list of what was packed.
func (a *anthology) list(t *columns.Table, all []chapter) error {
	l := reportList{Models: a.Models, Judges: t.Judges, Datasets: t.Datasets, Flags: t.Flags, Texts: a.Texts,
		Prompts: [][3]any{}, Sides: [][3]any{}, Battles: [][]any{}}
	sides := map[columns.Side]int{}
	side := func(s columns.Side) int {
		i, there := sides[s]
		if !there {
			i = len(sides)
			sides[s] = i
			l.Sides = append(l.Sides, [3]any{sideOf(t, s).String(), s.Model, s.Sample})
		}
		return i
	}
	for i, c := range all {
		l.Prompts = append(l.Prompts, [3]any{hex.EncodeToString(c.prompt.Hash[:]), c.prompt.Dataset, c.prompt.Category})
		if !slices.Contains(a.Categories, c.prompt.Category) && c.prompt.Category != "" {
			a.Categories = append(a.Categories, c.prompt.Category)
		}
		for _, row := range c.rows {
			b := inFileOrder(t.Battle(row))
			a.Voted = a.Voted || b.People != columns.Undecided
			if a.Texts {
				hash, x, y := hex.EncodeToString(c.prompt.Hash[:]), sideOf(t, b.A).String(), sideOf(t, b.B).String()
				a.addresses[hash+"/"+x+"/"+y], a.addresses[hash+"/"+y+"/"+x] = true, true
			}
			l.Battles = append(l.Battles, line(i, side(b.A), side(b.B), b))
		}
	}
	slices.Sort(a.Categories)
	a.Battles, a.Prompts = len(l.Battles), len(l.Prompts)
	text, err := json.Marshal(l) // which writes < and & so that no element begins or ends in it
	a.List = template.HTML(`<script type="application/json" id="list">` + string(text) + "</script>")
	return err
}

// line is a battle in numbers: prompt, A, B, outcome, level, marks (1 judges disagree, 2 a judge flips, 4 a verdict cannot be
// read, 8 the panel is divided), what people say, and then for each verdict judge, order, state, level and flags.
func line(prompt, x, y int, b columns.Battle) []any {
	marks := 0
	for i, on := range []bool{b.Disagree, b.Flipped, b.Unread, b.Divided} {
		if on {
			marks |= 1 << i
		}
	}
	all := []any{prompt, x, y, b.Outcome, b.Level, marks, b.People}
	for _, v := range b.Verdicts {
		if !v.Again {
			all = append(all, v.Judge, v.Order, v.State, v.Level, v.Flags)
		}
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

// sideOf names an answer as addresses do.
func sideOf(t *columns.Table, s columns.Side) pipeline.Side {
	return pipeline.Side{Contestant: t.Models[s.Model].ID, Sample: uint16(s.Sample)}
}

// pack draws the texts of one prompt.
func (s skin) pack(p *pack) (template.HTML, error) {
	var b bytes.Buffer
	err := s["pack"].ExecuteTemplate(&b, "main", p)
	return template.HTML(b.String()), err
}
