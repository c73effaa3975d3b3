package export

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// table is a type of export: named columns, and how an arena fills them.
type table struct {
	columns []column
	// fill hands every row to put, which keeps nothing of it: values and what they point to may be used again.
	fill func(ctx context.Context, a Arena, put func(row []value) error) error
}

// tables are the types of export by name.
var tables = map[string]table{}

func registerTable(name string, t table) struct{} {
	tables[name] = t
	return struct{}{}
}

// rowWriter writes rows in one format, and keeps of them nothing but texts. After an error or too few rows it is abandoned, not closed.
type rowWriter interface {
	add(row []value) error
	close() error // writes the end
	abandon()     // has nothing at work any more
}

// formats are the ways to write rows, by name.
var formats = map[string]func(w io.Writer, columns []column, o Options) rowWriter{}

func registerFormat(name string, f func(io.Writer, []column, Options) rowWriter) struct{} {
	formats[name] = f
	return struct{}{}
}

// laterTypes are promised and come with a later version.
var laterTypes = []string{"preference", "reward", "kto", "sft"}

// UsageError: what was asked for does not exist, or not yet. Nothing was written.
type UsageError struct{ What string }

func (e *UsageError) Error() string { return e.What }

// Options choose what is written, and how. The zero value is ranked as jsonl.
type Options struct {
	Keep    bool   // WriteFile: a file with content is not replaced by one without rows, see ErrKept
	Type    string // ranked (""), battles, ratings
	Format  string // jsonl (""), json, csv, parquet
	CSVSafe bool   // csv: a text cell that a spreadsheet would take for a formula gets a ' in front
}

// Check says whether there is such a type and such a format. Its errors are *UsageError.
func (o Options) Check() error {
	_, _, err := o.choose()
	return err
}

// Binary reports whether the format is not for people to look at.
func (o Options) Binary() bool { return o.Format == "parquet" }

func (o Options) choose() (table, func(io.Writer, []column, Options) rowWriter, error) {
	t, err := lookup("type", o.Type, "ranked", tables, laterTypes)
	if err != nil {
		return table{}, nil, err
	}
	f, err := lookup("format", o.Format, "jsonl", formats, nil)
	return t, f, err
}

// lookup finds name, or otherwise where it is empty.
func lookup[T any](what, name, otherwise string, known map[string]T, later []string) (T, error) {
	if name == "" {
		name = otherwise
	}
	v, ok := known[name]
	if ok {
		return v, nil
	}
	names := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	if slices.Contains(later, name) {
		return v, &UsageError{fmt.Sprintf("the export %s %q comes with a later version; this one has %s", what, name, names)}
	}
	return v, &UsageError{fmt.Sprintf("unknown export %s %q; there are %s", what, name, names)}
}
