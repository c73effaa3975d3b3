//go:build linux

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openarena/store"
)

func init() {
	children["write one"] = writeOne
	children["write sixty"] = writeSixty
}

// writeOne opens a database and writes one record.
func writeOne(ctx context.Context, path string) error {
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return err
	}
	var b store.Batch
	b.Put(store.Votes, []byte("one"), nil, []byte("text"))
	_, err = db.Apply(ctx, &b)
	return errors.Join(err, db.Close())
}

// writeSixty writes records one after the other and prints the number of each that was acknowledged. That a commit fails is
// no failure of the process: it checks that nothing is acknowledged afterwards.
func writeSixty(ctx context.Context, path string) error {
	db, err := store.Open(ctx, path, store.Options{})
	if errors.Is(err, store.ErrUnwritable) {
		return nil
	}
	if err != nil {
		return err
	}
	failed := false
	for n := range 60 {
		var b store.Batch
		b.PutOnce(store.Answers, crashKey(n), []byte("meta"), crashBody(n))
		b.Add([]byte("records"), 1)
		switch _, err := db.Apply(ctx, &b); {
		case err == nil && failed:
			return fmt.Errorf("record %d was acknowledged after a commit had failed", n)
		case err == nil:
			fmt.Println(n)
		case !errors.Is(err, store.ErrUnwritable) && !errors.Is(err, store.ErrDamaged):
			return fmt.Errorf("Apply on a failing disk = %w; want ErrUnwritable", err)
		default:
			failed = true
		}
	}
	if err := db.Close(); err != nil && !failed {
		return err
	}
	return nil
}

// traced has a child play a part under strace, whose words go to the file it returns. Where that cannot be, the test is
// skipped.
func traced(t *testing.T, part, path string, options ...string) (cmd *exec.Cmd, trace string) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("there is no strace on this machine")
	}
	trace = filepath.Join(t.TempDir(), "trace")
	if out, err := exec.CommandContext(t.Context(), strace, "-f", "-y", "-qq", "-o", trace,
		"-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=9", "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here: %v: %s", err, out)
	}
	cmd = child(t, part, path)
	cmd.Path, cmd.Args = strace, slices.Concat([]string{strace, "-f", "-y", "-qq", "-o", trace}, options, cmd.Args)
	return cmd, trace
}

// What a killed process left in the page cache is put on the disk before anything is built on it: its meta page once more,
// the file, and the folder that names it. internal/testkit/power shows what is lost without.
func TestOpenSettles(t *testing.T) {
	path, _ := closed(t, 20)
	path, err := filepath.EvalSymlinks(path) // as strace names it
	if err != nil {
		t.Fatal(err)
	}
	cmd, trace := traced(t, "write one", path, "-e", "trace=pwrite64,fsync,fdatasync")
	if out, err := cmd.Output(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	for line := range strings.Lines(string(text)) {
		for _, call := range []string{"pwrite64", "fsync", "fdatasync"} {
			if !strings.Contains(line, call+"(") {
				continue
			}
			switch {
			case strings.Contains(line, "<"+path+">"):
				did = append(did, call+" file")
			case strings.Contains(line, "<"+filepath.Dir(path)+">"):
				did = append(did, call+" folder")
			}
		}
	}
	want := []string{"pwrite64 file", "fsync file", "fsync folder", "pwrite64 file"}
	if len(did) < len(want) || !slices.Equal(did[:len(want)], want) {
		t.Errorf("Open and a commit did %q; want %q first", did, want)
	}
}

// numbers are those that a child printed.
func numbers(t *testing.T, out []byte) map[int]bool {
	t.Helper()
	acked := map[int]bool{}
	for line := range strings.Lines(string(out)) {
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("the child says %q", line)
		}
		acked[n] = true
	}
	return acked
}

// A call that the disk fails ends all writing. What was acknowledged before is there, and the next process goes on.
func TestFailingDisk(t *testing.T) {
	failures := 0
	for _, c := range []struct {
		calls, fails string
		when         []int
	}{
		{"fsync,fdatasync", "EIO", []int{1, 6, 11, 16, 21, 26}},
		{"pwrite64", "EIO", []int{1, 9, 30}},
		{"pwrite64", "ENOSPC", []int{5, 17}},
		{"ftruncate", "ENOSPC", []int{1, 2}},
	} {
		for _, when := range c.when {
			what := fmt.Sprintf("%s number %d fails with %s", c.calls, when, c.fails)
			path, _ := closed(t, 0)
			cmd, trace := traced(t, "write sixty", path, "-e", "trace="+c.calls,
				"-e", fmt.Sprintf("inject=%s:error=%s:when=%d", c.calls, c.fails, when))
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			acked := numbers(t, out)
			told, err := os.ReadFile(trace)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(told), "(INJECTED)") {
				failures++
				if len(acked) == 60 {
					t.Errorf("%s, and all records were acknowledged", what)
				}
			}
			verifyAcked(t, path, acked)
			if err := writeOne(t.Context(), path); err != nil {
				t.Errorf("%s, and the next process cannot write: %v", what, err)
			}
			verifyAcked(t, path, acked)
		}
	}
	if failures < 3 { // strace counts per thread, and so the later ones may not come
		t.Errorf("only %d calls were made to fail", failures)
	}
	t.Attr("figure", fmt.Sprintf("%d failed calls, nothing acknowledged lost", failures))
}
