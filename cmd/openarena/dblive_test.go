package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openarena/store"
)

// A record that went bad under a run is found while the run goes on.
func TestCheckLiveDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	open := func() *store.DB {
		db, err := store.Open(t.Context(), path, store.Options{Command: "openarena run"})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	var b store.Batch
	b.PutOnce(store.Answers, []byte("well"), nil, []byte("a text that stays as it is"))
	b.PutOnce(store.Answers, []byte("worn"), nil, []byte("a text that will not"))
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(file, []byte("that will not")) {
		t.Fatalf("the text is not in the file as it is (%v)", err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(file, []byte("that will not"), []byte("that fell off")), 0o600); err != nil {
		t.Fatal(err)
	}
	db = open()
	defer db.Close()

	code, out, said := openarena(t, "db", "check", "--db", path)
	if code != exitDamaged || !strings.Contains(out, "bad: record") || !strings.Contains(out, "in answers") {
		t.Errorf("exit code %d, stdout %q; want %d and the bad record", code, out, exitDamaged)
	}
	if want := "checked 2 records through the running process"; strings.Count(out, "bad:") != 1 || !strings.Contains(said, want) {
		t.Errorf("stdout %q, stderr %q; want one bad record, and %q", out, said, want)
	}
}

// openarena runs one command line in this process.
func openarena(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	var files [2]*os.File
	for i := range files {
		f, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files[i] = f
	}
	code = execute(t.Context(), append([]string{"openarena"}, args...), streams{in: os.Stdin, out: files[0], err: files[1]})
	var texts [2]string
	for i, f := range files {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(b)
	}
	return code, texts[0], texts[1]
}
