package main

import (
	"encoding/binary"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openarena/store"
)

// TestKilledMerge kills merges and copies with SIGKILL at moments drawn by lot, and lets the last one end: what they have made
// then is what one makes that nobody disturbs.
func TestKilledMerge(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.db"), filepath.Join(dir, "b.db")
	fillDatabase(t, a, 0, 7_000)
	fillDatabase(t, b, 6_000, 10_000)
	calm := filepath.Join(dir, "calm.db")
	killed := filepath.Join(dir, "killed.db")
	mergeBoth := func(to string) []string { return []string{"merge", a, b, "--to", to, "--quiet"} }
	full := openarenaFor(t, 0, mergeBoth(calm)...)
	killOften(t, full, mergeBoth(killed)...)
	want, got := countersOf(t, calm), countersOf(t, killed)
	if got != want || got != 7_000+4_000 {
		t.Errorf("the counter of a merge that was killed is %d; want %d, what both databases had, %d", got, want, 12_000+9_000)
	}
	if n := recordsOf(t, killed); n != 10_000 {
		t.Errorf("a merge that was killed has %d answers; want 10000", n)
	}
	moved := filepath.Join(dir, "moved.db")
	killOften(t, full, "store", "copy", "--from", calm, "--to", moved, "--quiet")
	openarenaFor(t, 0, "store", "verify", calm, moved)
}

// fillDatabase makes a database with answers of these numbers, and a counter that counts them.
func fillDatabase(t *testing.T, path string, from, to int) {
	t.Helper()
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for from < to {
		var batch store.Batch
		for end := min(to, from+4000); from < end; from++ {
			key := make([]byte, 26)
			binary.BigEndian.PutUint32(key, uint32(from))
			batch.PutOnce(store.Answers, key, append([]byte{1, 1, 0}, key[:12]...), []byte(strings.Repeat("x", 200)))
			batch.Add([]byte("c"), 1)
		}
		if _, err := db.Apply(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
}

// killOften kills a command at several moments of the time that it may take, then lets it end.
func killOften(t *testing.T, takes time.Duration, args ...string) {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, uint64(takes)))
	for range 4 {
		openarenaFor(t, 1+time.Duration(dice.Int64N(int64(takes))), args...)
	}
	openarenaFor(t, 0, args...)
}

// openarenaFor runs the program, kills it after that long unless that is 0, and returns how long it took.
func openarenaFor(t *testing.T, patience time.Duration, args ...string) time.Duration {
	t.Helper()
	began := time.Now()
	cmd := exec.CommandContext(t.Context(), "openarena", args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if patience > 0 {
		defer time.AfterFunc(patience, func() { cmd.Process.Kill() }).Stop()
	}
	if err := cmd.Wait(); err != nil && patience == 0 {
		t.Fatalf("openarena %q: %v\n%s", args, err, said.String())
	}
	return time.Since(began)
}

func countersOf(t *testing.T, path string) int64 {
	t.Helper()
	db := openedReader(t, path)
	rec, err := db.Get(t.Context(), store.Totals, []byte("c"), store.WithMeta)
	if err != nil {
		t.Fatal(err)
	}
	return store.Counter(rec)
}

func recordsOf(t *testing.T, path string) (n int) {
	t.Helper()
	for _, err := range openedReader(t, path).Scan(t.Context(), store.Answers, store.Range{}, store.KeyOnly) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func openedReader(t *testing.T, path string) *store.ReadDB {
	t.Helper()
	db, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
