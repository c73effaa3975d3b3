// Package dataset yields prompts from where they lie: files on disk in many formats. A source says what it would read
// (its fingerprint) without reading it, and yields its rows one by one, whatever the size of the set.
package dataset

import (
	"context"
	"fmt"
	"iter"

	"openarena/providers"
)

// Row is one prompt with what a dataset says about it.
type Row struct {
	Messages  []providers.Message // system first where there is one; the last is never an assistant's
	Category  string
	Reference string
	Place     string // "prompts/a.jsonl:17", for messages to people
}

// Source is a dataset that can be read.
type Source interface {
	// Fingerprint changes when the files change: their names, sizes and contents (SHA-256).
	Fingerprint(ctx context.Context) (string, error)
	// Rows yields offset, limit and sample already applied. A row that cannot be used is yielded as a *RowError and
	// the walk goes on; any other error ends it.
	Rows(ctx context.Context) iter.Seq2[Row, error]
}

// RowError is one row that cannot be used.
type RowError struct {
	Place string // file:row, counted from 1 (the line, where the format has lines)
	What  string // `no field "prompt"; fields here: instruction, output`
}

func (e *RowError) Error() string { return fmt.Sprintf("%s: %s", e.Place, e.What) }
