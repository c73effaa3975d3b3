package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openarena/store"
)

func init() { children["read"] = readOn }

// readOn has a database open for reading until its standard input ends.
func readOn(ctx context.Context, path string) error {
	r, err := store.OpenReader(ctx, path)
	if err != nil {
		return err
	}
	fmt.Println("open")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return r.Close()
}

// readingChild starts a process that reads a database. stop ends it.
func readingChild(t *testing.T, path string) (stop func()) {
	t.Helper()
	cmd := child(t, "read", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("the process that should read says %q, %v", line, err)
	}
	return func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the process that reads: %v", err)
		}
	}
}

// TestWritersWaitForReaders: another process reads for longer than one who writes is waited for. Who wants to write is told,
// waits, gets its turn before readers who come later, and those read through it.
func TestWritersWaitForReaders(t *testing.T) {
	path, records := closed(t, 20)
	stop := readingChild(t, path)
	told := make(chan *store.LockedError, 2)
	opened := make(chan *store.DB, 1)
	failed := make(chan error, 1)
	go func() {
		db, err := store.Open(t.Context(), path, store.Options{LockWait: time.Millisecond, Waiting: func(e *store.LockedError) { told <- e }})
		if err != nil {
			failed <- err
			return
		}
		opened <- db
	}()
	select {
	case e := <-told:
		if e.Path == "" {
			t.Error("told is nothing of what is waited for")
		}
	case err := <-failed:
		t.Fatalf("Open while another process reads = %v; want it to wait", err)
	}
	if !store.Awaited(path) {
		t.Error("Awaited() = false while a process waits to write")
	}
	late := make(chan error, 1)
	go func() {
		r, err := store.OpenReader(t.Context(), path)
		if err == nil {
			if !r.Live() {
				err = errors.New("it reads the file, before who waited to write it")
			}
			err = errors.Join(err, r.Close())
		}
		late <- err
	}()
	stop()
	select {
	case err := <-failed:
		t.Fatal(err)
	case db := <-opened:
		if err := <-late; err != nil {
			t.Errorf("a reader who came later: %v", err)
		}
		if store.Awaited(path) {
			t.Error("Awaited() = true when nobody waits")
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(told) > 0 {
		t.Error("the wait was told twice")
	}
	expectRecords(t, path, records)
	expectFiles(t, filepath.Dir(path), "arena.db")
}

// TestCareWaitsForReaders: who rewrites a database waits for those who read it, as a run does.
func TestCareWaitsForReaders(t *testing.T) {
	for name, care := range map[string]func(context.Context, string) error{
		"Compact": store.Compact,
		"Repair":  func(ctx context.Context, path string) error { _, err := store.Repair(ctx, path); return err },
	} {
		path, records := closed(t, 20)
		stop := readingChild(t, path)
		ended := make(chan error, 1)
		go func() { ended <- care(t.Context(), path) }()
		for wait := time.NewTicker(time.Millisecond); !store.Awaited(path); {
			select {
			case err := <-ended:
				t.Fatalf("%s while another process reads = %v; want it to wait", name, err)
			case <-wait.C:
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("%s after the other process has read = %v", name, err)
		}
		expectRecords(t, path, records)
	}
}

// TestGateOfTheDead: what a crash left of a gate keeps nobody out.
func TestGateOfTheDead(t *testing.T) {
	path, records := closed(t, 3)
	if err := os.WriteFile(path+".gate", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	expectRecords(t, path, records)
	if store.Awaited(path) {
		t.Error("Awaited() = true of a gate that nobody holds")
	}
	open(t, path)
}

// TestMark: it tells states apart and does not change by looking.
func TestMark(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	if _, err := store.Mark(path); !errors.Is(err, store.ErrNoDatabase) {
		t.Errorf("Mark of nothing = %v; want ErrNoDatabase", err)
	}
	seen := map[string]string{}
	mark := func(when string, want string) string {
		t.Helper()
		m, err := store.Mark(path)
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := seen[m]; ok && before != want {
			t.Errorf("%s the mark is that of %s", when, before)
		} else if !ok && want != "" {
			t.Errorf("%s the mark is new; want that of %s", when, want)
		}
		if !strings.ContainsRune(m, '-') {
			t.Errorf("the mark is %q", m)
		}
		seen[m] = when
		return m
	}
	db := open(t, path)
	mark("at the start", "")
	for i := range 3 { // as quickly as it goes: no clock tells these apart
		var b store.Batch
		b.Put(store.Answers, crashKey(i), nil, []byte("x"))
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		mark(fmt.Sprint("after commit ", i), "")
	}
	r := reader(t, path, true)
	for range r.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
	}
	mark("after a read", "after commit 2")
	if err := os.WriteFile(path+"2", []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Mark(path + "2"); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Mark of another file = %v; want ErrDamaged", err)
	}
}

// TestDied: who was killed is known by who reads the file next, and by nobody while it lives or once it closed.
func TestDied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	cmd := child(t, "hold", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("the process says %q, %v", line, err)
	}
	if p, died := reader(t, path, true).Died(); died {
		t.Errorf("Died() = %+v of a process that lives", p)
	}
	live, err := store.FindRunning(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if facts, err := live.Info(t.Context()); string(facts) != `{"in_flight":7}` || err != nil || live.Command != "openarena judge" {
		t.Errorf("Info() = %s, %v of %+v", facts, err, live.Process)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if _, err := live.Info(t.Context()); !errors.Is(err, store.ErrIdle) {
		t.Errorf("Info() of the dead = %v; want ErrIdle", err)
	}
	live.Close()
	if _, err := store.FindRunning(t.Context(), path); !errors.Is(err, store.ErrIdle) {
		t.Errorf("FindRunning() of the dead = %v; want ErrIdle", err)
	}
	r := reader(t, path, false)
	if p, died := r.Died(); !died || p.PID != cmd.Process.Pid || p.Command != "openarena judge" {
		t.Errorf("Died() = %+v, %v; want the process that was killed", p, died)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	next := open(t, path)
	if err := next.Close(); err != nil {
		t.Error(err)
	}
	if p, died := reader(t, path, false).Died(); died {
		t.Errorf("Died() = %+v after a process that closed it", p)
	}
}
