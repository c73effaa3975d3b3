package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"openarena/store"
)

// Case is a folder as a power cut may have left it, and the last note of each key from before the cut.
type Case struct {
	Dir   string
	Notes map[string]int
}

// serve answers each case with a line: what is wrong with it, as a JSON string; "" if nothing is.
func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	cases, answers := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	for {
		var c Case
		if err := cases.Decode(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		wrong := ""
		if err := c.check(ctx); err != nil {
			wrong = err.Error()
		}
		if err := answers.Encode(wrong); err != nil {
			return err
		}
	}
}

// check does what users do after a power cut: look, run on, look again.
func (c Case) check(ctx context.Context) error {
	if err := c.checkExport(); err != nil {
		return err
	}
	path := filepath.Join(c.Dir, databaseName)
	counts, err := c.verify(ctx, path)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	for w := range counts {
		if _, err := db.Apply(ctx, batch(w, counts[w])); err != nil {
			return errors.Join(fmt.Errorf("write on: %w", err), db.Close())
		}
		counts[w]++
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if err := verifyFile(ctx, path, counts); err != nil {
		return fmt.Errorf("after more was written: %w", err)
	}
	return c.checkLeftovers()
}

// verify reads the database as the cut left it. That there is none is well as long as nothing was noted of it.
func (c Case) verify(ctx context.Context, path string) (counts [workers]int, err error) {
	noted := 0
	for w := range workers {
		noted += c.Notes[fmt.Sprintf("worker%d", w)]
	}
	r, err := store.OpenReader(ctx, path)
	if errors.Is(err, store.ErrNoDatabase) && noted == 0 {
		return counts, nil
	}
	if err != nil {
		return counts, fmt.Errorf("open for reading: %w", err)
	}
	counts, err = countsOf(ctx, r)
	if err = errors.Join(err, r.Close()); err != nil {
		return counts, fmt.Errorf("read: %w", err)
	}
	for w, n := range counts {
		// A batch may be on the disk of which nobody was told yet.
		if said := c.Notes[fmt.Sprintf("worker%d", w)]; n < said || n > said+1 {
			return counts, fmt.Errorf("worker %d: %d batches were acknowledged, %d are there", w, said, n)
		}
	}
	return counts, verifyFile(ctx, path, counts)
}

// verifyFile demands that a file is in order and holds what the counts say, byte for byte, and nothing else.
func verifyFile(ctx context.Context, path string, counts [workers]int) error {
	report, err := store.Check(ctx, path)
	if err != nil || !report.OK() || report.Orphans != 0 {
		return fmt.Errorf("check: %+v, %w", report, err)
	}
	r, err := store.OpenReader(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(verifyRecords(ctx, r, expected(counts)), r.Close())
}

func verifyRecords(ctx context.Context, r store.Reader, want map[string]store.Record) error {
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		for rec, err := range r.Scan(ctx, bk, store.Range{}, store.WithBody) {
			if err != nil {
				return err
			}
			w, ok := want[id(bk, rec.Key)]
			if !ok || !bytes.Equal(w.Meta, rec.Meta) || !bytes.Equal(w.Body, rec.Body) {
				return fmt.Errorf("record %q of %s is not as it was written (expected at all: %t)", rec.Key, bk, ok)
			}
			delete(want, id(bk, rec.Key))
		}
	}
	if len(want) > 0 {
		return fmt.Errorf("%d records are lost", len(want))
	}
	return nil
}

func (c Case) checkExport() error {
	n, err := editionOf(filepath.Join(c.Dir, exportName))
	if err != nil {
		return err
	}
	if said, begun := c.Notes["export"], c.Notes["exporting"]; n < said || n > max(said, begun) {
		return fmt.Errorf("edition %d of the export was acknowledged, %d begun, %d is there", said, begun, n)
	}
	return nil
}

// checkLeftovers demands that unfinished files of the database are gone when it was opened.
func (c Case) checkLeftovers() error {
	entries, err := os.ReadDir(c.Dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+databaseName) {
			return fmt.Errorf("%s was left", e.Name())
		}
	}
	return err
}
