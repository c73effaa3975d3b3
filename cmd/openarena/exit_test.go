package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"openarena/store"
)

func TestExitCode(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "file", Err: syscall.EACCES}
	for _, test := range []struct {
		why  string
		err  error
		want int
	}{
		{"nothing wrong is no failure", nil, exitOK},
		{"what nobody foresaw is one", errors.New("what?"), exitFailure},
		{"a dataset that may not be read is a mistake in the file", notThere(fmt.Errorf("dataset: %w", denied)), exitUsage},
		{"so is one inside a file", notThere(fmt.Errorf("dataset: %w", syscall.ENOTDIR)), exitUsage},
		{"a full disk while datasets are read into the database is none", notThere(fmt.Errorf("commit: %w", syscall.ENOSPC)), exitUnwritable},
		{"neither is a database that cannot be written", notThere(fmt.Errorf("%w: %w", store.ErrUnwritable, denied)), exitUnwritable},
		{"nor an interruption", notThere(context.Canceled), exitInterrupted},
		{"a file that may not be written", unwritable(fmt.Errorf("export: %w", denied)), exitUnwritable},
		{"a file that may not be replaced", unwritable(&os.LinkError{Op: "rename", Err: syscall.EACCES}), exitUnwritable},
		{"what was wrong before a file was written", unwritable(usage("no such type: %w", denied)), exitUsage},
		{"a damaged database goes before one that is in use", errors.Join(store.ErrLocked, store.ErrDamaged), exitDamaged},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("%s: exitCode(%v) = %d; want %d", test.why, test.err, got, test.want)
		}
	}
}
