package web

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"

	"openarena/pipeline/export"
)

var data = page{name: "data", path: "/data", title: "Data", uses: []string{"data.js"}, make: makeData}

// What a preview shows before somebody asks it to count everything.
const (
	previewRows    = 5
	previewPrompts = 1000
	previewText    = 20_000 // characters
)

// dataView is an export that is not written.
type dataView struct {
	Types    []export.Type
	Presets  []preset
	Options  export.Options
	Choices  []choice // what a form asks for, but for the type
	Filters  []choice
	Output   string // the file that it would be
	Command  string
	Files    []string
	Loading  string // how the trainer loads it
	Caution  string
	Refused  string // why there is no such export
	Preview  *export.Preview
	Everyone []string // pairs of name and value that ask for the same, with everything counted
}

// preset is an export of the file.
type preset struct {
	Name  string
	Query []string
	Here  bool
}

// choice is a setting that a form asks for.
type choice struct {
	Name, Purpose, Default, Value string
	Words                         []string // to choose from
	Many, Switch, Number          bool
}

func makeData(v *visit) (any, error) {
	d := &dataView{Types: export.Types}
	o, err := optionsOf(v.query)
	d.Options = o
	d.ask(v)
	for _, x := range v.arena.Config.Export {
		q := queryOf(export.FromConfig(x), x.Path)
		d.Presets = append(d.Presets, preset{x.Path, q, slices.Equal(q, queryOf(o, d.Output))})
	}
	if err = errors.Join(err, o.Check()); err != nil {
		d.Refused = sentence(err)
		return d, nil
	}
	d.Command, d.Files = o.Command(d.Output), export.Files(d.Output, o)
	d.Loading, d.Caution = export.LoadingLine(d.Output, o), export.Caution(o)
	extent := export.Extent{Rows: previewRows, Prompts: previewPrompts, Text: previewText}
	d.Everyone = append(queryOf(o, d.Output), "count", "all")
	if v.query.Get("count") == "all" {
		extent.Prompts = 0
	}
	name := strings.Join(append([]string{"data", v.query.Get("count")}, queryOf(o, "")...), "\x00")
	d.Preview, err = kept(v, name, func() (*export.Preview, error) {
		view, err := v.arena.View(v, v.look)
		if err != nil {
			return nil, err
		}
		return export.Look(v, view, o, extent)
	})
	return d, err
}

// optionsOf reads what a form or a link says. What has no effect on the type is left out: forms of another type ask for it.
func optionsOf(q url.Values) (o export.Options, err error) {
	o.Type, o.Format = cmp.Or(q.Get("type"), export.Types[0].Name), q.Get("format")
	o.CSVSafe = q.Get("csv_safe") != ""
	for _, s := range export.Settings {
		if s.On(o.Type) {
			err = errors.Join(err, s.Set(&o, strings.Join(q[s.Name], ",")))
		}
	}
	return o, err
}

// queryOf says the same as pairs of name and value.
func queryOf(o export.Options, output string) (q []string) {
	add := func(name, value string) {
		if value != "" {
			q = append(q, name, value)
		}
	}
	add("type", cmp.Or(o.Type, export.Types[0].Name))
	for _, s := range export.Settings {
		if s.On(o.Type) {
			add(s.Name, s.Value(&o))
		}
	}
	add("format", o.Format)
	if o.CSVSafe {
		add("csv_safe", "true")
	}
	add("output", output)
	return q
}

// ask makes what the form asks for.
func (d *dataView) ask(v *visit) {
	o := &d.Options
	format := cmp.Or(o.Format, "jsonl")
	if o.Format == "" && o.For == "verl" {
		format = "parquet"
	}
	d.Output = cmp.Or(v.query.Get("output"), o.Type+"."+format)
	for _, s := range export.Settings {
		if !s.On(o.Type) {
			continue
		}
		c := choice{Name: s.Name, Purpose: strings.ReplaceAll(s.Purpose, "`", ""), Default: s.Default, Value: s.Value(o), Words: s.Choices}
		switch s.Name {
		case "mode":
			c.Words = export.Modes(o.Type)
			c.Default = c.Words[0]
		case "model":
			for _, m := range v.arena.Contestants {
				c.Words = append(c.Words, m.Name)
			}
		}
		switch s.Field(o).(type) {
		case *bool:
			c.Switch = true
		case *[]string:
			c.Many = true
		case *int, *float64:
			c.Number = true
		}
		if s.Filter {
			d.Filters = append(d.Filters, c)
		} else {
			d.Choices = append(d.Choices, c)
		}
	}
	d.Choices = append(d.Choices, choice{Name: "format", Purpose: "how rows are written", Default: format, Value: o.Format, Words: export.Formats})
}

// Has reports whether a word is among those that were chosen.
func (c choice) Has(word string) bool { return slices.Contains(strings.Split(c.Value, ","), word) }

// Label is the name as people read it.
func (c choice) Label() string { return strings.ReplaceAll(c.Name, "_", " ") }

// Filtered reports whether a filter is set.
func (d *dataView) Filtered() bool {
	return slices.ContainsFunc(d.Filters, func(c choice) bool { return c.Value != "" })
}

// Longer is the share of pairs whose chosen answer is the longer one.
func (d *dataView) Longer() float64 {
	return float64(d.Preview.LongerChosen) / float64(d.Preview.Summary.Rows)
}

// sentence is an error as a sentence.
func sentence(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// side is the two cells of a row that are to be seen beside each other, and the others.
type side struct{ Rest, Pair []export.Cell }

// Beside finds them.
func (*dataView) Beside(cells []export.Cell) (s side) {
	for _, c := range cells {
		if c.Name == "chosen" || c.Name == "rejected" {
			s.Pair = append(s.Pair, c)
		} else {
			s.Rest = append(s.Rest, c)
		}
	}
	return s
}
