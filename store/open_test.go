package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"openarena/store"
)

func init() { children["hold"] = hold }

// hold has a database open until its standard input ends.
func hold(ctx context.Context, path string) error {
	db, err := store.Open(ctx, path, store.Options{
		Command: "openarena judge",
		Info:    func() any { return map[string]int{"in_flight": 7} },
	})
	if err != nil {
		return err
	}
	var b store.Batch
	b.Put(store.Answers, crashKey(1), []byte("meta"), crashBody(1))
	if _, err := db.Apply(ctx, &b); err != nil {
		return err
	}
	fmt.Println("open")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return db.Close()
}

// holder starts a process that has a database open. stop ends it in good order.
func holder(t *testing.T, path string) (pid int, stop func()) {
	t.Helper()
	cmd := child(t, "hold", path)
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
		t.Fatalf("the process that should hold the database says %q, %v", line, err)
	}
	stop = sync.OnceFunc(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the process that held the database: %v", err)
		}
	})
	t.Cleanup(stop)
	return cmd.Process.Pid, stop
}

// A second process is told who has the database.
func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	pid, stop := holder(t, path)
	expect := func(what string, err error, command string) {
		t.Helper()
		var locked *store.LockedError
		if !errors.As(err, &locked) || locked.PID != pid || locked.Command != command || !errors.Is(err, store.ErrLocked) {
			t.Errorf("%s = %v; want a LockedError with pid %d and command %q", what, err, pid, command)
		}
	}
	_, err := store.Open(t.Context(), path, store.Options{LockWait: time.Millisecond})
	expect("Open", err, "openarena judge")
	if !strings.Contains(err.Error(), fmt.Sprintf("held by pid %d `openarena judge` since", pid)) {
		t.Errorf("the error says %q", err)
	}
	_, err = store.Check(t.Context(), path)
	expect("Check", err, "openarena judge")
	expect("Compact", store.Compact(t.Context(), path), "openarena judge")
	if err := os.Remove(path + ".owner"); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), path, store.Options{LockWait: time.Millisecond})
	// Who holds the lock is then known where /proc/locks is, and on file systems whose numbers it shows: not on overlayfs.
	if locked := new(store.LockedError); !errors.As(err, &locked) || locked.PID != pid && locked.PID != 0 || locked.Command != "" {
		t.Errorf("Open without an owner file = %v; want a LockedError with pid %d or none", err, pid)
	}
	stop()
	open(t, path)
}

// A lock is waited for, and a wait ends with its context.
func TestLockWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	_, stop := holder(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := store.Open(ctx, path, store.Options{LockWait: time.Hour})
		failed <- err
	}()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("Open with a cancelled context = %v; want context.Canceled", err)
	}
	opened := make(chan error, 1)
	go func() {
		db, err := store.Open(t.Context(), path, store.Options{LockWait: time.Hour})
		if err == nil {
			err = db.Close()
		}
		opened <- err
	}()
	stop()
	if err := <-opened; err != nil {
		t.Errorf("Open while another process is closing = %v", err)
	}
}

// Many create the same database at once: one file results, and all but one are told that it is in use, or wait.
func TestCreateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			db, err := store.Open(t.Context(), path, store.Options{LockWait: time.Hour})
			if err != nil {
				t.Errorf("Open() = %v", err)
				return
			}
			var b store.Batch
			b.PutOnce(store.Votes, fmt.Appendf(nil, "%d", i), nil, nil)
			if _, err := db.Apply(t.Context(), &b); err != nil {
				t.Errorf("Apply() = %v", err)
			}
			if err := db.Close(); err != nil {
				t.Errorf("Close() = %v", err)
			}
		})
	}
	wg.Wait()
	report, err := store.Check(t.Context(), path)
	if err != nil || report.Buckets[store.Votes].Records != 8 {
		t.Errorf("Check() = %+v, %v; want the 8 records of all", report, err)
	}
	expectFiles(t, filepath.Dir(path), "arena.db")
}

func expectFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("files are %q; want %q", got, want)
	}
}

// Close commits what was accepted: a batch is acknowledged and there, or refused and not.
func TestCloseDrains(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const callers = 200
	acked := make([]error, callers)
	started := make(chan struct{}, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			var b store.Batch
			b.Put(store.Answers, crashKey(i), nil, crashBody(i))
			started <- struct{}{}
			_, acked[i] = db.Apply(t.Context(), &b)
		})
	}
	for range callers / 2 {
		<-started
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	r := reader(t, path, false)
	for i, err := range acked {
		_, got := r.Get(t.Context(), store.Answers, crashKey(i), store.WithBody)
		if (err == nil) != (got == nil) || (err != nil && !errors.Is(err, store.ErrClosed)) {
			t.Errorf("Apply %d during Close = %v, and Get afterwards = %v", i, err, got)
		}
	}
}

// Nobody else may read the files, whatever the umask is.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes here")
	}
	defer withoutUmask()()
	path := filepath.Join(t.TempDir(), "arena.db")
	open(t, path)
	expectFiles(t, filepath.Dir(path), "arena.db", "arena.db.owner", "arena.db.sock")
	for _, name := range []string{path, path + ".owner", path + ".sock"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", name, info.Mode(), err)
		}
	}
}

// A symbolic link leads to the same database, and to the same lock and socket.
func TestSymlink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "arena.db"), filepath.Join(dir, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	// The link dangles here: the database is made where it leads to.
	db := open(t, link)
	if db.Path() != path {
		t.Errorf("Path() = %s; want %s", db.Path(), path)
	}
	for _, name := range []string{path, link} {
		r, err := store.OpenReader(t.Context(), name)
		if err != nil || !r.Live() {
			t.Fatalf("OpenReader(%s) = %v; want a live reader", name, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What a crash leaves beside the database is in nobody's way.
func TestLeftovers(t *testing.T) {
	path, records := closed(t, 20)
	for name, text := range map[string]string{
		path + ".owner": `{"pid":1,"command":"openarena run","socket":"` + path + `.sock","token":"x"}`,
		path + ".sock":  "not even a socket",
		filepath.Join(filepath.Dir(path), ".arena.db.new-123"): "half a compaction",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expectRecords(t, path, records)
	open(t, path)
	expectRecords(t, path, records)
	expectFiles(t, filepath.Dir(path), "arena.db", "arena.db.owner", "arena.db.sock")
}
