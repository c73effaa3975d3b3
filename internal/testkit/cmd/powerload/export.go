package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"

	"openarena/pipeline/export"
	"openarena/pipeline/rating"
	"openarena/providers"
)

const exportName = "export.jsonl"

// edition is an arena with a leaderboard of its own.
type edition int

func (edition) Prompts(context.Context, bool) iter.Seq2[*export.Prompt, error] {
	return func(func(*export.Prompt, error) bool) {}
}

func (edition) Messages(context.Context, string) ([]providers.Message, error) {
	return nil, errors.New("there are no prompts")
}

func (e edition) Ratings(context.Context) (*rating.Leaderboard, error) {
	rows := make([]rating.Rating, 100+int(e)%50)
	for i := range rows {
		rows[i] = rating.Rating{Model: fmt.Sprintf("edition %d, model %d", e, i)}
	}
	return &rating.Leaderboard{Ratings: rows}, nil
}

func (e edition) Provenance(context.Context) (*export.Provenance, error) {
	return &export.Provenance{Hashes: func(context.Context) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) { yield(fmt.Sprint(int(e)), nil) }
	}}, nil
}

var exportOptions = export.Options{Type: "ratings", Format: "jsonl"}

// writeExports replaces a file by one edition after the other.
func writeExports(ctx context.Context, path string, times int, notes notebook) error {
	first, err := editionOf(path)
	if err != nil {
		return err
	}
	for n := first + 1; n <= first+times; n++ {
		if err := notes.note("exporting", n); err != nil {
			return err
		}
		if _, err := export.WriteFile(ctx, path, edition(n), exportOptions); err != nil {
			return err
		}
		if err := notes.note("export", n); err != nil {
			return err
		}
	}
	return nil
}

// editionOf is which edition a file is, whole; 0 if there is none.
func editionOf(path string) (n int, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if _, err := fmt.Sscanf(string(text), `{"model":"edition %d,`, &n); err != nil {
		return 0, fmt.Errorf("%s has %d bytes and does not begin like an export", path, len(text))
	}
	var whole bytes.Buffer
	if _, err := export.Write(context.Background(), &whole, edition(n), exportOptions); err != nil {
		return 0, err
	}
	if !bytes.Equal(whole.Bytes(), text) {
		return 0, fmt.Errorf("%s is edition %d, but has %d bytes instead of %d, or others", path, n, len(text), whole.Len())
	}
	return n, nil
}
