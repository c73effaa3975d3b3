package dataset

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"openarena/internal/spelling"
)

// fieldPath leads to a value of a row: a name, or names and places such as messages[0].content. A place below 0 counts from
// the end. A path also leads into JSON that lies in a text, as cells of CSV files have it.
type fieldPath struct {
	text  string
	steps []step // nil: text is a name only
}

type step struct {
	name  string // "": index counts
	index int
}

var stepPattern = regexp.MustCompile(`^([^.\[\]]+)((?:\[-?\d{1,9}\])*)$`)

// newFieldPath reads a path. What cannot be read as one is a name: columns may be called anything.
func newFieldPath(text string) fieldPath {
	p := fieldPath{text: text}
	var steps []step
	for part := range strings.SplitSeq(text, ".") {
		m := stepPattern.FindStringSubmatch(part)
		if m == nil {
			return p
		}
		steps = append(steps, step{name: m[1]})
		for _, digits := range strings.FieldsFunc(m[2], func(r rune) bool { return r == '[' || r == ']' }) {
			n, err := strconv.Atoi(digits)
			if err != nil {
				return p
			}
			steps = append(steps, step{index: n})
		}
	}
	p.steps = steps
	return p
}

// top are the top-level fields that the path may touch.
func (p fieldPath) top() []string {
	if len(p.steps) == 0 {
		return []string{p.text}
	}
	return []string{p.text, p.steps[0].name}
}

// of returns the value at the path. A field with the whole path as its name comes first. Errors are badRow.
func (p fieldPath) of(o *Object) (any, error) {
	if v, ok := o.Get(p.text); ok {
		return v, nil
	}
	if len(p.steps) < 2 {
		return nil, noField(p.text, o)
	}
	var v any = o
	walked := ""
	for _, s := range p.steps {
		next, err := s.of(v, walked)
		if err != nil {
			return nil, err
		}
		switch {
		case s.name == "":
			walked += fmt.Sprintf("[%d]", s.index)
		case walked == "":
			walked = s.name
		default:
			walked += "." + s.name
		}
		v = next
	}
	return v, nil
}

// of takes one step from v, which lies at the path walked.
func (s step) of(v any, walked string) (any, error) {
	if text, ok := v.(string); ok {
		if inside, ok := jsonIn(text); ok {
			v = inside
		}
	}
	if s.name == "" {
		list, ok := v.([]any)
		if !ok {
			return nil, badRow(fmt.Sprintf("%s is %s, not a list", show(walked), kind(v)))
		}
		at := s.index
		if at < 0 {
			at += len(list)
		}
		if at < 0 || at >= len(list) {
			return nil, missing(fmt.Sprintf("%s has no [%d]; its length is %d", show(walked), s.index, len(list)))
		}
		return list[at], nil
	}
	o, ok := v.(*Object)
	if !ok {
		return nil, badRow(fmt.Sprintf("%s is %s, not an object with fields", show(walked), kind(v)))
	}
	if next, ok := o.Get(s.name); ok {
		return next, nil
	}
	err := noField(s.name, o)
	if walked != "" {
		err = missing("in " + show(walked) + ": " + err.Error())
	}
	return nil, err
}

// missing is a badRow whose field, or place in a list, is not there.
type missing badRow

func (m missing) Error() string { return string(m) }

// As makes it a badRow to whoever looks for one.
func (m missing) As(target any) bool {
	bad, ok := target.(*badRow)
	if ok {
		*bad = badRow(m)
	}
	return ok
}

// noField says that o has no such field, and which it has.
func noField(name string, o *Object) error {
	s := fmt.Sprintf("no field %q", name)
	if near, ok := spelling.Nearest(name, o.names); ok {
		s += fmt.Sprintf("; did you mean %q?", near)
	} else {
		s += ";"
	}
	if len(o.names) == 0 {
		return missing(s + " the row has no fields")
	}
	return missing(s + " fields here: " + listed(o.names))
}

// listed are the first names of a row, as a message shows them.
func listed(names []string) string {
	const most = 20
	text := make([]string, 0, most)
	for _, n := range names[:min(len(names), most)] {
		text = append(text, show(n))
	}
	if more := len(names) - most; more > 0 {
		return strings.Join(text, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(text, ", ")
}
