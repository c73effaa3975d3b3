package surface

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"openarena/configs/internal/tree"
	"openarena/internal/spelling"
)

// Value is one setting. Its mark is set where the file says it; Is holds the default otherwise.
type Value[T any] struct {
	tree.Mark
	Is     T
	Hidden bool // not to be shown: a secret, or from the environment
	Varied bool // holds text from the environment
	Broken bool // could not be read; a fault is noted, and Is says nothing
}

// place takes what a node says beside its value.
func (v *Value[T]) place(n *tree.Node) {
	v.Mark, v.Hidden, v.Varied = n.Mark, n.Hidden, n.Varied
	v.Broken = n.Kind == tree.Broken || n.Kind == tree.Null
}

// The plain types of settings.
type (
	Text     struct{ Value[string] }
	Int      struct{ Value[int64] }
	Float    struct{ Value[float64] }
	Bool     struct{ Value[bool] }
	Duration struct{ Value[time.Duration] } // above 0, with a unit: 90s, 10m, 2h
)

// Show is the text as a message may quote it.
func (t Text) Show() string {
	if t.Hidden {
		return "***"
	}
	return strconv.Quote(t.Is)
}

// setting is a type that reads itself from a value that is neither broken nor empty.
type setting interface {
	fill(text string)   // takes the default that a tag has
	place(n *tree.Node) // takes where it stands
	read(r *reader, n *tree.Node, name string, l limits)
}

func (t *Text) fill(text string)     { t.Is = text }
func (i *Int) fill(text string)      { i.Is, _ = strconv.ParseInt(text, 10, 64) }
func (f *Float) fill(text string)    { f.Is, _ = strconv.ParseFloat(text, 64) }
func (b *Bool) fill(text string)     { b.Is = text == "true" }
func (d *Duration) fill(text string) { d.Is, _ = time.ParseDuration(text) }

func (t *Text) read(r *reader, n *tree.Node, name string, l limits) {
	switch {
	case len(l.enum) > 0:
		t.Is = r.word(n, name, l.enum)
		return
	case n.Kind == tree.Text:
		t.Is = n.Text
		return
	case n.Kind == tree.List || n.Kind == tree.Table:
		r.faults.Add(n.Mark, "%s must be text, not %s", name, n.Kind)
	default:
		r.faults.Add(n.Mark, "%s must be text, and %s without quotes is %s: put it in quotes", name, n.Show(), n.Kind)
	}
	t.Broken = true
}

// word reads one of a few words. Messages also name what may stand in place of a word.
func (r *reader) word(n *tree.Node, name string, words []string, instead ...string) string {
	for _, w := range words {
		if n.Text == w && n.Kind == tree.Text {
			return w
		}
	}
	shown, hint := n.Show(), ""
	if n.Kind == tree.Text && !n.Hidden {
		shown, hint = strconv.Quote(shorten(n.Text)), spelling.Hint(n.Text, words)
	}
	r.faults.Add(n.Mark, "%s must be %s, not %s%s", name, either(append(slices.Clone(words), instead...)), shown, hint)
	return ""
}

func (i *Int) read(r *reader, n *tree.Node, name string, l limits) {
	if !r.number(n, name, "a whole number", tree.Int) {
		i.Broken = true
		return
	}
	v, reason := tree.ParseInt(n.Text)
	if reason == "" {
		reason = l.check(float64(v))
	}
	if reason != "" {
		i.Broken = true
		r.faults.Add(n.Mark, "%s: %s %s", name, n.Show(), reason)
	}
	i.Is = v
}

func (f *Float) read(r *reader, n *tree.Node, name string, l limits) {
	if !r.number(n, name, "a number", tree.Int, tree.Float) {
		return
	}
	v, reason := tree.ParseFloat(n.Text)
	if reason == "" {
		reason = l.check(v)
	}
	if reason != "" {
		r.faults.Add(n.Mark, "%s: %s %s", name, n.Show(), reason)
	}
	f.Is = v
}

// number checks that a value is a number of one of the kinds, and says how to make it one.
func (r *reader) number(n *tree.Node, name, want string, kinds ...tree.Kind) bool {
	kind := scalarKind(n)
	for _, k := range kinds {
		if k == kind {
			return true
		}
	}
	advice := ""
	switch quoted := n.Kind == tree.Text; {
	case kind == tree.Odd && strings.ContainsAny(n.Text, "nN") && !n.Hidden:
		advice = ": it must be finite"
	case kind == tree.Odd:
		advice = ": write it in decimal digits"
	case kind == tree.Float:
		advice = ": it would be rounded"
	case quoted && !n.Plain && tree.KindOf(n.Text) == kinds[0]:
		advice = ": remove the quotes"
	}
	r.faults.Add(n.Mark, "%s must be %s, not %s%s", name, want, n.Show(), advice)
	return false
}

// scalarKind is a value's kind; where the whole of it is a variable without quotes, that of the variable's text.
func scalarKind(n *tree.Node) tree.Kind {
	if n.Kind == tree.Text && n.Varied && n.Plain {
		return tree.KindOf(n.Text)
	}
	return n.Kind
}

func (b *Bool) read(r *reader, n *tree.Node, name string, _ limits) {
	if scalarKind(n) != tree.Bool {
		r.faults.Add(n.Mark, "%s must be true or false, not %s", name, n.Show())
	}
	b.Is = n.Text == "true" || n.Text == "True" || n.Text == "TRUE"
}

func (d *Duration) read(r *reader, n *tree.Node, name string, _ limits) {
	kind := scalarKind(n)
	if kind == tree.Int || kind == tree.Float {
		r.faults.Add(n.Mark, "%s needs a unit: write %ss, %sm or %sh", name, n.Show(), n.Show(), n.Show())
		return
	}
	v, err := time.ParseDuration(n.Text)
	switch {
	case kind != tree.Text || err != nil:
		r.faults.Add(n.Mark, "%s must be a time such as 90s, 10m or 2h, not %s", name, n.Show())
	case v <= 0:
		r.faults.Add(n.Mark, "%s must be above 0, not %s", name, n.Show())
	}
	d.Is = v
}
