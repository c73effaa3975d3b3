package surface

import (
	"reflect"
	"strings"

	"openarena/configs/internal/tree"
	"openarena/internal/spelling"
)

// Read fills a File from a tree. What does not fit is noted, and the rest is read on; what the tree does not say has its
// default.
func Read(root *tree.Node, faults *tree.Faults) *File {
	r := &reader{faults, map[reflect.Type]fieldTable{}}
	f := new(File)
	r.value(root, reflect.ValueOf(f).Elem(), "the file", limits{})
	return f
}

type reader struct {
	faults *tree.Faults
	tables map[reflect.Type]fieldTable // of the structs met so far
}

// value reads n into a setting, a struct, a pointer to one, a list or a map. name is how messages call it.
func (r *reader) value(n *tree.Node, into reflect.Value, name string, l limits) {
	if n.Kind == tree.Null {
		r.faults.Add(n.Mark, "%s has no value: write one, or remove the line", name)
	}
	if n.Kind == tree.Null || n.Kind == tree.Broken {
		present(n, into)
		return
	}
	if s, ok := into.Addr().Interface().(setting); ok {
		s.place(n)
		s.read(r, n, name, l)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		r.value(n, into.Elem(), name, l)
	case reflect.Struct:
		r.table(n, into, name)
	case reflect.Slice:
		r.list(n, into, name, l)
	case reflect.Map:
		r.named(n, into, name, l)
	}
}

// table reads a struct: each key into the field whose tag has it. What is no table has no At: its fault is noted here, and
// nobody shall add what it lacks.
func (r *reader) table(n *tree.Node, into reflect.Value, name string) {
	defaults(into)
	fields := r.fields(into.Type())
	if n.Kind != tree.Table {
		r.faults.Add(n.Mark, "%s must be a table of keys, not %s; the keys here are %s", name, n.Show(), strings.Join(fields.keys, ", "))
		return
	}
	into.FieldByName("At").Set(reflect.ValueOf(n.Mark))
	for _, e := range n.Entries {
		f, known := fields.byKey[e.Key]
		if !known {
			r.unknown(e, fields.keys)
			continue
		}
		r.value(e.Value, into.FieldByIndex(f.Index), e.Key, limitsOf(f.Tag))
	}
	for _, key := range fields.keys {
		if limitsOf(fields.byKey[key].Tag).required && n.Get(key) == nil {
			r.faults.Add(n.Mark, "%s is missing in %s: add it", key, name)
		}
	}
}

func (r *reader) unknown(e tree.Entry, known []string) {
	hint := spelling.Hint(e.Key, known)
	if hint == "" {
		hint = "; the keys here are " + strings.Join(known, ", ")
	}
	r.faults.Add(e.Mark, "unknown key %q%s", shorten(e.Key), hint)
}

func (r *reader) list(n *tree.Node, into reflect.Value, name string, l limits) {
	if n.Kind != tree.List {
		r.faults.Add(n.Mark, "%s must be a list, not %s: begin each entry with \"- \"", name, n.Show())
		return
	}
	switch {
	case len(n.Items) < l.fewest && l.required:
		r.faults.Add(n.Mark, "%s is empty: write at least %d", name, l.fewest)
	case len(n.Items) < l.fewest:
		r.faults.Add(n.Mark, "%s is empty: write at least %d, or remove the line", name, l.fewest)
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Items), len(n.Items)))
	for i, item := range n.Items {
		r.value(item, into.Index(i), "an entry of "+name, l)
	}
}

// named reads a map, whose keys are names that the file chooses.
func (r *reader) named(n *tree.Node, into reflect.Value, name string, l limits) {
	if n.Kind != tree.Table {
		r.faults.Add(n.Mark, "%s must be a table of names, not %s", name, n.Show())
		return
	}
	into.Set(reflect.MakeMap(into.Type()))
	for _, e := range n.Entries {
		if e.Key == "" {
			r.faults.Add(e.Mark, "a name in %s is empty", name)
		}
		v := reflect.New(into.Type().Elem()).Elem()
		r.value(e.Value, v, name+" "+shorten(e.Key), l)
		into.SetMapIndex(reflect.ValueOf(e.Key), v)
	}
}

// present makes a value that could not be read look as if it were there: a fault is noted for it, and nobody shall add
// that it is missing. A table has no At then.
func present(n *tree.Node, into reflect.Value) {
	if s, ok := into.Addr().Interface().(setting); ok {
		s.place(n)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		defaults(into.Elem())
	case reflect.Slice:
		into.Set(reflect.MakeSlice(into.Type(), 0, 0))
	case reflect.Struct:
		defaults(into)
	}
}

// defaults fills a struct and those inside it; lists, maps and pointers stay empty.
func defaults(into reflect.Value) {
	if into.Kind() != reflect.Struct {
		return
	}
	if _, single := into.Addr().Interface().(setting); single {
		return // its default stands in its parent's tag
	}
	for _, f := range reflect.VisibleFields(into.Type()) {
		if f.Anonymous {
			continue
		}
		field := into.FieldByIndex(f.Index)
		if s, ok := field.Addr().Interface().(setting); ok {
			s.fill(limitsOf(f.Tag).fallback)
			continue
		}
		defaults(field)
	}
}

// fieldTable is a struct's fields by key, and the keys in the order of the struct.
type fieldTable struct {
	byKey map[string]reflect.StructField
	keys  []string
}

func (r *reader) fields(t reflect.Type) fieldTable {
	if table, met := r.tables[t]; met {
		return table
	}
	table := fieldTable{byKey: map[string]reflect.StructField{}}
	for _, f := range reflect.VisibleFields(t) {
		if key := f.Tag.Get("yaml"); key != "" && key != "-" {
			table.byKey[key] = f
			table.keys = append(table.keys, key)
		}
	}
	r.tables[t] = table
	return table
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// DefaultStop is a Stop that says nothing.
func DefaultStop() Stop {
	var s Stop
	defaults(reflect.ValueOf(&s).Elem())
	return s
}
