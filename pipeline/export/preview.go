package export

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"openarena/providers"
)

// Preview is what an export would write, counted and in its first rows.
type Preview struct {
	Summary
	Rows    []Row
	Seen    int  // prompts that were looked at
	Whole   bool // all of them were: else what is counted is of the first ones
	Columns []string
}

// Row is one row of a preview.
type Row struct {
	Eval  bool // it is for evaluation
	Cells []Cell
	Raw   string // as it is written; of Parquet as JSON
}

// Cell is a named part of a row: a conversation, a list of records, or a text.
type Cell struct {
	Name  string
	Turns []providers.Message
	List  [][]Cell
	Text  string // other values as JSON; null is ""
	Cut   int    // characters of Text that are left out
}

// Extent is how far a preview goes.
type Extent struct {
	Rows    int // that are shown
	Prompts int // that are looked at; 0: all
	Text    int // characters of each text that are shown; 0: all
}

// Look makes a preview. Its errors are *UsageError, of a, or of ctx; that no row is left is none.
func Look(ctx context.Context, a Arena, o Options, to Extent) (*Preview, error) {
	t, format, err := o.choose()
	if err != nil {
		return nil, err
	}
	if o.Binary() {
		format = formats["jsonl"]
	}
	p := &Preview{}
	for _, c := range t.columns {
		p.Columns = append(p.Columns, c.name)
	}
	few := &firstPrompts{Arena: a, most: to.Prompts, seen: &p.Seen}
	files := []rowWriter{&sampler{p, t.columns, o, format, to, false}}
	if o.EvalSplit > 0 {
		files = append(files, &sampler{p, t.columns, o, format, to, true})
	}
	p.Summary, err = writeRows(ctx, files, t, few)
	if errors.As(err, new(*EmptyError)) {
		err = nil
	}
	p.Whole = !few.cut
	return p, err
}

// firstPrompts is an arena of which no more than the first prompts are seen.
type firstPrompts struct {
	Arena
	most int
	seen *int
	cut  bool // there are more
}

func (f *firstPrompts) Prompts(ctx context.Context, explained bool) iter.Seq2[*Prompt, error] {
	return func(yield func(*Prompt, error) bool) {
		for p, err := range f.Arena.Prompts(ctx, explained) {
			if err == nil {
				err = ctx.Err()
			}
			if f.most > 0 && *f.seen == f.most && err == nil {
				f.cut = true
				return
			}
			*f.seen++
			if !yield(p, err) {
				return
			}
		}
	}
}

// sampler keeps the first rows that it is handed.
type sampler struct {
	preview *Preview
	columns []column
	options Options
	format  func(io.Writer, []column, Options) rowWriter
	to      Extent
	eval    bool
}

func (s *sampler) close() error { return nil }
func (s *sampler) abandon()     {}

func (s *sampler) add(row []value) error {
	if len(s.preview.Rows) == s.to.Rows {
		return nil
	}
	var b bytes.Buffer
	w := s.format(&b, s.columns, s.options)
	if err := errors.Join(w.add(row), w.close()); err != nil {
		return err
	}
	r := Row{Eval: s.eval, Cells: s.cells(s.columns, row)}
	r.Raw, _ = s.short(b.String())
	s.preview.Rows = append(s.preview.Rows, r)
	return nil
}

// cells are the values of a row or a record.
func (s *sampler) cells(columns []column, row []value) (all []Cell) {
	for i := range row {
		all = append(all, s.cell(columns[i], &row[i]))
	}
	return all
}

func (s *sampler) cell(c column, v *value) Cell {
	cell := Cell{Name: c.name}
	switch {
	case v.kind == isRecord && (v.of == aMessage || v.of == aTurn):
		cell.Turns = []providers.Message{s.turn(v)}
	case v.kind == isList && len(v.items) > 0 && v.items[0].kind == isRecord:
		for i := range v.items {
			if item := &v.items[i]; item.of == aMessage || item.of == aTurn {
				cell.Turns = append(cell.Turns, s.turn(item))
			} else {
				cell.List = append(cell.List, s.cells(item.of.fields, item.items))
			}
		}
	case v.kind == isText:
		cell.Text, cell.Cut = s.short(v.text)
	case v.kind != isNull:
		cell.Text, cell.Cut = s.short(string(v.appendJSON(nil)))
	}
	return cell
}

// turn is a message, of either shape that messages have: who, then what.
func (s *sampler) turn(v *value) providers.Message {
	words, cut := s.short(v.items[1].text)
	if cut > 0 {
		words += " …"
	}
	return providers.Message{Role: v.items[0].text, Content: words}
}

// short is the beginning of a text, and how many characters are missing. It is a copy: rows are written over.
func (s *sampler) short(text string) (string, int) {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if s.to.Text <= 0 || len(text) <= s.to.Text {
		return strings.Clone(text), 0
	}
	end := 0
	for n := 0; n < s.to.Text && end < len(text); n++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return strings.Clone(text[:end]), utf8.RuneCountInString(text[end:])
}

// Files are the names of what WriteFile and WriteBeside write for such a file, and in its folder keep up to date.
func Files(path string, o Options) (names []string) {
	names = append(names, path)
	if o.EvalSplit > 0 {
		names = append(names, o.evalPath(path))
	}
	if name := besideName(path, o); name != "" {
		names = append(names, name)
	}
	return append(names, filepath.Join(filepath.Dir(path), ManifestName))
}
