package fuzz

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const sound = `package room

import "testing"

func FuzzSound(f *testing.F) { f.Fuzz(func(t *testing.T, b []byte) {}) }

func FuzzNot(s string) {}

type x struct{}

func (x) FuzzMethod(f *testing.F) {}
`

const broken = `package broken

import "testing"

func FuzzBroken(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, n int) {
		if n != 1 {
			t.Error("planted")
		}
	})
}
`

func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module m\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTargets(t *testing.T) {
	dir := module(t, map[string]string{
		"a/room/x_test.go":      sound,
		"a/room/x.go":           strings.ReplaceAll(sound, "FuzzSound", "FuzzNoTest"),
		"a/testdata/x_test.go":  sound,
		".hidden/x_test.go":     sound,
		"own/go.mod":            "module own\n",
		"own/x_test.go":         sound,
		"broken/broken_test.go": broken,
	})
	got, err := Targets(dir)
	want := []Target{{"a/room", "FuzzSound"}, {"broken", "FuzzBroken"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Targets() = %v, %v; want %v", got, err, want)
	}
}

// The module's own targets are found by whoever asks: a search that finds none would pass for ever.
func TestTargetsOfThisModule(t *testing.T) {
	got, err := Targets(filepath.Join("..", "..", ".."))
	if err != nil || !slices.Contains(got, Target{"configs", "FuzzParse"}) || !slices.Contains(got, Target{"pipeline/dataset", "FuzzCSV"}) {
		t.Errorf("Targets() = %v, %v; want those of configs and pipeline/dataset among them", got, err)
	}
}

func TestRun(t *testing.T) {
	if os.Getenv("OPENARENA_FUZZ") == "" {
		t.Skip("it builds with instruments, which takes a while; make fuzz runs it")
	}
	dir := module(t, map[string]string{"broken/broken_test.go": broken})
	var out bytes.Buffer
	err := Run(t.Context(), &out, dir, []Target{{"broken", "FuzzBroken"}}, Options{Each: time.Minute})
	if !errors.Is(err, ErrCrasher) || !strings.Contains(err.Error(), filepath.Join("broken", "testdata", "fuzz", "FuzzBroken")) {
		t.Fatalf("Run(a target that fails) = %v; want where the input lies\n%s", err, &out)
	}
	if kept, err := os.ReadDir(filepath.Join(dir, "broken", "testdata", "fuzz", "FuzzBroken")); err != nil || len(kept) != 1 {
		t.Errorf("%d inputs were kept, %v; want 1", len(kept), err)
	}
	if err := Run(t.Context(), &out, dir, nil, Options{}); err == nil {
		t.Error("Run of no target passes")
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		why, text string
		want      bool
	}{
		{"a worker that missed the end", "--- FAIL: FuzzX (5.2s)\n    context deadline exceeded\nFAIL", true},
		{"an input that fails by such a wait", "    x_test.go:1: context deadline exceeded\n    Failing input written to testdata", false},
		{"anything else", "panic: boom", false},
	} {
		if got := tookTooLong([]byte(c.text)); got != c.want {
			t.Errorf("%s: tookTooLong() = %v", c.why, got)
		}
	}
	if got := executions([]byte("fuzz: elapsed: 3s, execs: 12 (4/sec)\nfuzz: elapsed: 5s, execs: 34 (1/sec), new")); got != "34 runs" {
		t.Errorf("executions() = %q; want that of the last line", got)
	}
}
