package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"openarena/internal/testkit/fakellm"
)

// goldenCommands are what is asked of a golden database, by the file that holds the answer.
var goldenCommands = map[string][]string{
	"status.json":    {"status", "--json"},
	"ratings.json":   {"rate", "--json"},
	"failures.jsonl": {"failures", "--json"},
	"ranked.jsonl":   {"export"},
	"battles.csv":    {"export", "--type", "battles", "--format", "csv"},
	"dump.jsonl":     {"db", "dump"},
	"check.txt":      {"db", "check"},
}

// TestGolden has today's program read the databases of all schemas that there ever were. Each was made by the program of its
// time: it is never made anew, since users cannot make theirs anew either. Whatever became of the program, it reads all of
// it, and has nothing to ask for.
func TestGolden(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob(filepath.Join("testdata", "golden", "schema-*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("golden databases: %v, %v; want at least one", dirs, err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			f := goldenFolder(t, dir)
			before := f.read("arena.db")
			for name, args := range goldenCommands {
				expectGolden(t, filepath.Join(dir, "want", name), f.openarena(args...))
			}
			if f.read("arena.db") != before {
				t.Error("commands that only read have changed the database")
			}
			if code, _, said := f.try("run"); code != exitPartly {
				t.Errorf("run: exit code %d; want %d, for the prompt that is too long\n%s", code, exitPartly, said)
			}
			if calls := f.server.Stats(false).Arrivals; calls != 0 {
				t.Errorf("run makes %d calls; want none: everything was paid for long ago", calls)
			}
			for name, args := range goldenCommands {
				if name != "dump.jsonl" && name != "check.txt" { // verdicts may be read anew by a newer parser; a run gives an old database its origin
					expectGolden(t, filepath.Join(dir, "want", name), f.openarena(args...))
				}
			}
		})
	}
}

// goldenFolder is a folder with a copy of a golden arena, and a server that is not to be asked.
func goldenFolder(t *testing.T, dir string) *folder {
	t.Helper()
	f := newFolder(t, fakellm.Options{AnswerBytes: 120, MaxChars: 3000, Faults: fakellm.Faults{BadVerdict: 0.3}})
	for _, name := range []string{"arena.yaml", "prompts.jsonl", "old.jsonl"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f.write(name, string(text))
	}
	packed, err := os.ReadFile(filepath.Join(dir, "arena.db.gz"))
	if errors.Is(err, fs.ErrNotExist) && *update {
		packed = makeGolden(f, filepath.Join(dir, "arena.db.gz"))
	} else if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	database, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	f.write("arena.db", string(database))
	return f
}

// makeGolden has the program make the database of a new schema: once, before it is released.
func makeGolden(f *folder, path string) []byte {
	f.t.Helper()
	f.try("run")
	f.openarena("redo", "--model", "Beta", "--judge", "Judge")
	f.try("run")
	f.server.Reset()
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := io.WriteString(w, f.read("arena.db")); err != nil {
		f.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return packed.Bytes()
}

// expectGolden compares what was printed with a file. JSON may gain fields, and lose none.
func expectGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".json") {
		var w, g any
		if err := errors.Join(json.Unmarshal(want, &w), json.Unmarshal([]byte(got), &g)); err != nil {
			t.Fatal(err)
		}
		// Processors differ in the last digits of a fit.
		g = known(g, w)
		if diff := cmp.Diff(w, g, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", path, diff)
		}
		return
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", path, diff)
	}
}

// known is got without the fields that want does not know; notes are left out of both, since their words may change.
func known(got, want any) any {
	switch w := want.(type) {
	case map[string]any:
		delete(w, "notes")
		g, ok := got.(map[string]any)
		if !ok {
			return got
		}
		kept := map[string]any{}
		for name, value := range g {
			if old, ok := w[name]; ok {
				kept[name] = known(value, old)
			}
		}
		return kept
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return got
		}
		kept := make([]any, len(g))
		for i := range g {
			kept[i] = known(g[i], w[i])
		}
		return kept
	}
	return got
}
