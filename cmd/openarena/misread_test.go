package main

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openarena/store"
)

// A database that an older parser has read, and read badly, is put right from the stored replies.
func TestChangedParser(t *testing.T) {
	t.Parallel()
	a := finishArena(t)
	f := a.copy(t)
	f.edit(change{})
	misread(t, filepath.Join(f.dir, "arena.db"))
	f.planned(change{reuse: 72})
	code, _, said := f.try("run")
	if want := "read 48 verdicts anew"; code != exitOK || !strings.Contains(said, want) {
		t.Errorf("exit code %d; want 0, and a line %q in\n%s", code, want, said)
	}
	f.counted(change{})
	if got := f.exported(); !maps.Equal(got, a.exports) {
		t.Errorf("the exports are\n%s\nwant\n%s", got, a.exports)
	}
	if got := f.dumped(); !slices.Equal(got, a.dump) {
		t.Errorf("the database is\n%s\nwant\n%s", got, a.dump)
	}
	t.Attr("figure", "48 of 48 verdicts read anew, 0 calls")
}

// misread makes a database one that parser 0 has read and understood nothing of.
func misread(t *testing.T, path string) {
	t.Helper()
	const parser, state, invalid = 1, 3, 0 // places in the Meta of a verdict, and the worst of states
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b store.Batch
	for rec, err := range db.Scan(t.Context(), store.Verdicts, store.Range{}, store.WithMeta) {
		if err != nil {
			t.Fatal(err)
		}
		meta := bytes.Clone(rec.Meta)
		meta[parser], meta[state] = 0, invalid
		b.Put(store.Verdicts, bytes.Clone(rec.Key), meta, nil)
	}
	for rec, err := range db.Scan(t.Context(), store.Meta, store.Prefix([]byte("v")), store.KeyOnly) {
		if err != nil {
			t.Fatal(err)
		}
		b.Delete(store.Meta, bytes.Clone(rec.Key)) // what says that a newer one has read them
	}
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
