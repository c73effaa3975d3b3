package dataset

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/goccy/go-json"
)

// Object is a row, or an object inside one: named values in the order of the file. Values are nil, bool, int64,
// json.Number (all other numbers, as written), string, []any and *Object.
type Object struct {
	names  []string
	values []any
}

func (o *Object) add(name string, value any) {
	o.names = append(o.names, name)
	o.values = append(o.values, value)
}

// Get returns the value of that name. Of two with one name the last counts, as in every JSON reader.
func (o *Object) Get(name string) (any, bool) {
	for i := len(o.names) - 1; i >= 0; i-- {
		if o.names[i] == name {
			return o.values[i], true
		}
	}
	return nil, false
}

// All yields names and values in the order of the file.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i, name := range o.names {
			if !yield(name, o.values[i]) {
				return
			}
		}
	}
}

// MarshalJSON keeps the order of the fields.
func (o *Object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for name, value := range o.All() {
		if len(b) > 1 {
			b = append(b, ',')
		}
		for _, v := range [2]any{name, value} {
			text, err := json.MarshalWithOption(v, json.DisableHTMLEscape())
			if err != nil {
				return nil, fmt.Errorf("field %s: %w", show(name), err)
			}
			b = append(append(b, text...), ':')
		}
		b = b[:len(b)-1] // the colon after the value
	}
	return append(b, '}'), nil
}

// plain is the value as text/template knows it: maps and slices. A null is "", so that it prints as nothing and is
// false in an if.
func plain(v any) any {
	switch v := v.(type) {
	case nil:
		return ""
	case *Object:
		m := make(map[string]any, len(v.names))
		for name, value := range v.All() {
			m[name] = plain(value)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		return list
	}
	return v
}

// kind names a value's type as people call it.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case string:
		return "text"
	case []any:
		return "a list"
	case *Object:
		return "an object"
	}
	return "a number"
}

// show is a name fit for a message: short and without control characters.
func show(name string) string {
	const most = 60
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	for _, r := range name {
		if r == ',' || r == ' ' || !strconv.IsPrint(r) {
			return strconv.Quote(name)
		}
	}
	return name
}
