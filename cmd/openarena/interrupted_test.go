//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestRateInterrupted: a signal ends a rating that waits for battles which nobody writes, and one word is said of it.
func TestRateInterrupted(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "battles.jsonl")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	in, silent, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // as a signal does
	for _, name := range []string{pipe, "-"} {
		if code := execute(ctx, []string{"openarena", "rate", "--battles", name}, streams{in, said, said}); code != exitInterrupted {
			t.Errorf("rate --battles %s = %d; want %d", name, code, exitInterrupted)
		}
	}
	if text, err := os.ReadFile(said.Name()); err != nil || string(text) != "openarena: interrupted\nopenarena: interrupted\n" {
		t.Errorf("it said %q, %v; want one word each time", text, err)
	}
}

// TestLate: a file that cannot be opened late says why, and leaves its name to those who read it.
func TestLate(t *testing.T) {
	if _, err := (&late{name: filepath.Join(t.TempDir(), "none")}).Read(nil); err == nil || err.Error() != syscall.ENOENT.Error() {
		t.Errorf("the error is %v; want %v alone", err, syscall.ENOENT)
	}
}
