// Package dataset yields prompts from where they lie: files in many formats, on this disk or on the
// Hugging Face Hub. A source says what it would read
// (its fingerprint) without decoding it, and yields its rows one by one, whatever the size of the set.
//
// A file's name says how to read it: jsonl (or ndjson), json, csv, tsv, txt or parquet, each also as .gz and .zst. One
// file of this package per format registers it. Rows are counted as they lie in the files, unusable ones included, so
// that offset, limit and sample choose the same rows whatever is wrong with some of them.
//
// What will hurt: texts are kept byte for byte. Nothing is trimmed, no line end is converted; what is not valid UTF-8 is
// an error of its row and is never repaired.
package dataset

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"

	"openarena/configs"
	"openarena/providers"
)

// ErrEmpty ends a walk that found no row to yield, usable or not.
var ErrEmpty = errors.New("no rows")

// Row is one prompt with what a dataset says about it.
type Row struct {
	Messages  []providers.Message // system first where there is one; the last is never an assistant's
	Category  string
	Reference string
	Place     string // "prompts/a.jsonl:17", for messages to people
}

// Source is a dataset that can be read.
type Source interface {
	// Fingerprint changes when the files change: their names, sizes and contents (SHA-256). It reads them once.
	Fingerprint(ctx context.Context) (string, error)
	// Stat is a cheap fingerprint of names, sizes and times of change: while it stays, Fingerprint need not be asked.
	Stat(ctx context.Context) (string, error)
	// Pin says which commit of a set on the Hub is read; its files never change. It is zero for local files.
	Pin(ctx context.Context) (Pin, error)
	// Rows yields offset, limit and sample already applied. A row that cannot be used is yielded as a *RowError and
	// the walk goes on; any other error ends it, ErrEmpty among them.
	Rows(ctx context.Context) iter.Seq2[Row, error]
}

// RowError is one row that cannot be used.
type RowError struct {
	Place string // file:row, counted from 1 (the line, where the format has lines)
	What  string // `no field "prompt"; fields here: instruction, output`
}

func (e *RowError) Error() string { return fmt.Sprintf("%s: %s", e.Place, e.What) }

// UsageError is a setting that does not fit what is there: a name, a configuration, a split.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what it was made of.
func (e *UsageError) Unwrap() error { return e.Err }

func unusable(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// Open finds the files of a dataset and reads its settings; it reads no row. Of a set on the Hub it asks which files there
// are, unless from holds its whole pin.
// Errors name the file, or the setting, that is wrong.
func Open(ctx context.Context, d configs.Dataset, from From) (Source, error) {
	if d.OnHub() && from.Pin.Digest != "" {
		return pinned{d, from}, nil
	}
	s, err := open(ctx, d, from)
	if err != nil {
		return nil, fmt.Errorf("dataset %s: %w", d.Label(), err)
	}
	return s, nil
}

// Check says what is wrong with the settings of a dataset, without looking for its files.
func Check(d configs.Dataset) error {
	_, err := newRecipe(d)
	if d.OnHub() {
		_, wrong := addressOf(d)
		err = errors.Join(err, wrong)
	} else if _, bad := path.Match(d.Path, ""); bad != nil {
		err = errors.Join(err, fmt.Errorf("path %q: %w", d.Path, bad))
	}
	if err != nil {
		return fmt.Errorf("dataset %s: %w", d.Label(), err)
	}
	return nil
}

func open(ctx context.Context, d configs.Dataset, from From) (*prompts, error) {
	rec, err := newRecipe(d)
	if err != nil {
		return nil, err
	}
	fs, err := locate(ctx, d, from)
	if err != nil {
		return nil, err
	}
	return &prompts{files: fs, recipe: rec, window: windowOf(d), of: PinOf(d)}, nil
}

// locate finds the files of a dataset.
func locate(ctx context.Context, d configs.Dataset, from From) (*files, error) {
	if !d.OnHub() {
		return find(d.Path, from.Dir)
	}
	if from.Hub == nil {
		return nil, errors.New("it lies on the Hub, which is not read here")
	}
	at, err := addressOf(d)
	if err != nil {
		return nil, err
	}
	return at.locate(ctx, from)
}

// prompts is a dataset in files.
type prompts struct {
	*files
	recipe *recipe
	window window
	of     string // the Pin's
}

var _ Source = (*prompts)(nil)

func (p *prompts) Pin(ctx context.Context) (Pin, error) {
	if p.commit == "" {
		return Pin{}, nil
	}
	sum, err := p.Fingerprint(ctx)
	return Pin{Of: p.of, Commit: p.commit, Digest: sum}, err
}

func (p *prompts) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		absent := &absences{}
		for rec, err := range p.walk(ctx, p.window, p.recipe.needs()) {
			var row Row
			if err == nil {
				row, err = p.recipe.row(rec, absent)
			}
			if err != nil {
				row = Row{}
			}
			if !yield(row, err) {
				return
			}
		}
		if err := absent.everywhere(); err != nil {
			yield(Row{}, err)
		}
	}
}
