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
	tell func(*Summary) // adds what fill knows of the rows; nil: nothing
	eval func() bool    // the row that fill hands over is for evaluation; nil: never
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

// UsageError: what was asked for does not exist. Nothing was written.
type UsageError struct{ What string }

func (e *UsageError) Error() string { return e.What }

// Options choose what is written, and how. The zero value is ranked as jsonl.
type Options struct {
	Keep    bool   `json:"-"`                  // WriteFile: a file with content is not replaced by one without rows, see ErrKept
	Tool    string `json:"-"`                  // WriteFile: the program's version, for the manifest
	Type    string `json:"type,omitempty"`     // ranked (""), preference, reward, kto, sft, battles, ratings
	Format  string `json:"format,omitempty"`   // jsonl (""), json, csv, parquet
	CSVSafe bool   `json:"csv_safe,omitempty"` // csv: a text cell that a spreadsheet would take for a formula gets a ' in front

	// Of the types that are for trainers:
	For       string  `json:"for,omitempty"`   // the trainer, one of Trainers; "": the first
	Mode      string  `json:"mode,omitempty"`  // which pairs or answers of a prompt; "": best_worst, top1 for sft, all_answers for kto
	Model     string  `json:"model,omitempty"` // that target_lost, policy and policy_both are about
	Filters           // which of them are left out
	Thinking  string  `json:"thinking,omitempty"`   // ThinkingStrip ("") or ThinkingKeep
	WithMeta  bool    `json:"with_meta,omitempty"`  // more columns, see training.meta
	EvalSplit float64 `json:"eval_split,omitempty"` // share of the prompts, by hash, whose rows WriteFile puts into a second file, see EvalPath
	EvalFile  string  `json:"-"`                    // the name of that file, in the same folder; "": as EvalPath says
}

// Check says whether there is such a type and such a format. Its errors are *UsageError.
func (o Options) Check() error {
	_, _, err := o.choose()
	return err
}

// Binary reports whether the format is not for people to look at.
func (o Options) Binary() bool { return o.format() == "parquet" }

func (o Options) choose() (table, func(io.Writer, []column, Options) rowWriter, error) {
	t, err := o.table()
	if err != nil {
		return table{}, nil, err
	}
	f, err := lookup("format", o.format(), formats)
	return t, f, err
}

// format is the one that is asked for, else the one in which the trainer wants a file.
func (o Options) format() string {
	switch {
	case o.Format != "":
		return o.Format
	case o.For == "verl":
		return "parquet"
	}
	return "jsonl"
}

func (o Options) table() (table, error) {
	if trainings[o.Type] != nil {
		t, m, err := chooseTraining(o)
		if err != nil {
			return table{}, err
		}
		return t.table(o, m), nil
	}
	name := o.Type
	if name == "" {
		name = "ranked"
	}
	t, err := lookup("type", name, tables)
	if err != nil {
		return t, err
	}
	return t, o.checkPlain(name)
}

// checkPlain refuses what is for trainers only.
func (o Options) checkPlain(name string) error {
	for _, c := range []struct {
		name string
		set  bool
	}{
		{"for", o.For != ""}, {"mode", o.Mode != ""}, {"model", o.Model != ""}, {"thinking", o.Thinking != ""}, {"with_meta", o.WithMeta},
		{"eval_split", o.EvalSplit != 0}, {"filters", o.Filters.any()},
	} {
		if c.set {
			return &UsageError{fmt.Sprintf("the export type %s is for no trainer, so that %s has no effect on it: leave it out, or export preference, reward, kto or sft", name, c.name)}
		}
	}
	return nil
}

// lookup finds name.
func lookup[T any](what, name string, known map[string]T) (T, error) {
	v, ok := known[name]
	if ok {
		return v, nil
	}
	names := slices.Collect(maps.Keys(known))
	if what == "type" {
		names = slices.AppendSeq(names, maps.Keys(trainings))
	}
	slices.Sort(names)
	return v, &UsageError{fmt.Sprintf("unknown export %s %q; there are %s", what, name, strings.Join(names, ", "))}
}
