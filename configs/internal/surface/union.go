package surface

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"openarena/configs/internal/tree"
)

// AutoInt is a number from 1, or auto, which is 0 and the default.
type AutoInt struct{ Value[int64] }

func (a *AutoInt) fill(string) {}

func (a *AutoInt) read(r *reader, n *tree.Node, name string, _ limits) {
	if n.Text == "auto" && n.Kind == tree.Text {
		return
	}
	if kind := scalarKind(n); kind == tree.Text && n.Plain || kind == tree.List || kind == tree.Table {
		a.Broken = true
		r.faults.Add(n.Mark, "%s must be a whole number or auto, not %s", name, n.Show())
		return
	}
	one := 1.0
	var i Int
	i.read(r, n, name, limits{atLeast: &one})
	a.Is, a.Broken = i.Is, i.Broken
}

// EndpointRef is an endpoint by its name or inline. Left out it is neither.
type EndpointRef struct {
	tree.Mark
	Name   Text
	Inline *Endpoint
}

func (e *EndpointRef) place(n *tree.Node) { e.Mark = n.Mark }
func (e *EndpointRef) fill(string)        {}

func (e *EndpointRef) read(r *reader, n *tree.Node, name string, l limits) {
	if n.Kind == tree.Table {
		e.Inline = new(Endpoint)
		r.table(n, reflect.ValueOf(e.Inline).Elem(), name)
		return
	}
	e.Name.place(n)
	e.Name.read(r, n, name, l)
}

// Exclude is files by their path alone, which have the default field, or by path and field.
type Exclude struct {
	tree.Mark
	Path, Field Text
}

func (x *Exclude) place(n *tree.Node) { x.Mark = n.Mark }
func (x *Exclude) fill(string)        {}

func (x *Exclude) read(r *reader, n *tree.Node, name string, l limits) {
	if n.Kind == tree.Table {
		var table struct {
			At    tree.Mark `yaml:"-"`
			Path  Text      `yaml:"path" jsonschema:"required"`
			Field Text      `yaml:"field"`
		}
		r.table(n, reflect.ValueOf(&table).Elem(), name)
		x.Path, x.Field = table.Path, table.Field
		return
	}
	x.Path.place(n)
	x.Path.read(r, n, name, l)
}

// Auth is bearer (the default, unless the kind has another), none, or the name of a header.
type Auth struct {
	Value[string]
	Header Text
}

func (a *Auth) fill(string) { a.Is = "bearer" }

func (a *Auth) read(r *reader, n *tree.Node, name string, l limits) {
	a.Is = r.choice(n, name, []string{"bearer", "none"}, map[string]setting{"header": &a.Header})
}

// Pairs is all (the default), circular, adaptive, {baseline: NAME} or {random: n}; Is tells which.
type Pairs struct {
	Value[string]
	Baseline Text
	Random   Int
}

func (p *Pairs) fill(string) { p.Is = "all" }

func (p *Pairs) read(r *reader, n *tree.Node, name string, l limits) {
	p.Is = r.choice(n, name, []string{"all", "circular", "adaptive"}, map[string]setting{"baseline": &p.Baseline, "random": &p.Random})
}

// Goal is leader, ranking (the default) or {top: k}; Is tells which.
type Goal struct {
	Value[string]
	Top Int
}

func (g *Goal) fill(string) { g.Is = "ranking" }

func (g *Goal) read(r *reader, n *tree.Node, name string, l limits) {
	g.Is = r.choice(n, name, []string{"leader", "ranking"}, map[string]setting{"top": &g.Top})
}

// choice reads one of a few words, or a table of exactly one of a few keys. It returns the word or the key. Numbers
// behind a key begin at 1.
func (r *reader) choice(n *tree.Node, name string, words []string, tables map[string]setting) string {
	keys := slices.Sorted(maps.Keys(tables))
	if n.Kind != tree.Table {
		var instead []string
		for _, key := range keys {
			instead = append(instead, "{"+key+": …}")
		}
		return r.word(n, name, words, instead...)
	}
	if len(n.Entries) != 1 {
		r.faults.Add(n.Mark, "%s must be %s, or a table with one of the keys %s", name, either(words), strings.Join(keys, ", "))
		return ""
	}
	e := n.Entries[0]
	into, known := tables[e.Key]
	if !known {
		r.unknown(e, keys)
		return ""
	}
	one := 1.0
	r.value(e.Value, reflect.ValueOf(into).Elem(), e.Key, limits{atLeast: &one})
	return e.Key
}

// Levels tells what scores mean.
type Levels struct {
	tree.Mark
	Is map[int]string
}

func (l *Levels) place(n *tree.Node) { l.Mark = n.Mark }
func (l *Levels) fill(string)        {}

func (l *Levels) read(r *reader, n *tree.Node, name string, _ limits) {
	l.Is = map[int]string{}
	if n.Kind != tree.Table {
		r.faults.Add(n.Mark, "%s must be a table of scores, such as {10: flawless, 1: useless}, not %s", name, n.Show())
		return
	}
	for _, e := range n.Entries {
		score, err := strconv.ParseInt(e.Key, 10, 32)
		if err != nil {
			r.faults.Add(e.Mark, "a score must be a whole number, not %q", shorten(e.Key))
			continue
		}
		var text Text
		r.value(e.Value, reflect.ValueOf(&text).Elem(), name+" "+e.Key, limits{})
		l.Is[int(score)] = text.Is
	}
}
