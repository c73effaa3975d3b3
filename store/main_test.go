package store_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"openarena/store"
	"openarena/store/storetest"
)

// childEnv names the part that a second process plays: the tests run themselves with it.
const childEnv = "OPENARENA_STORE_TEST_CHILD"

// children are the parts. Each gets the path of the database.
var children = map[string]func(ctx context.Context, path string) error{}

func TestMain(m *testing.M) {
	if part := os.Getenv(childEnv); part != "" {
		if err := children[part](context.Background(), os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// child prepares a second process that plays a part.
func child(t *testing.T, part, path string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0], path)
	cmd.Env = append(os.Environ(), childEnv+"="+part)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, filepath.Join(t.TempDir(), "arena.db")) })
}

// open opens a database for the length of a test, and checks it at the end.
func open(t testing.TB, path string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), path, store.Options{Command: "openarena test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
		// The test's own context has ended here.
		if report, err := store.Check(context.WithoutCancel(t.Context()), path); err != nil || !report.OK() {
			t.Errorf("Check() = %+v, %v", report, err)
		}
	})
	return db
}

// write puts n records into answers and returns their bodies by key.
func write(t testing.TB, s store.Store, n int) map[string][]byte {
	t.Helper()
	records := make(map[string][]byte, n)
	var b store.Batch
	for i := range n {
		key := fmt.Sprintf("key %06d", i)
		records[key] = bytes.Repeat([]byte(key), 1+i%700)
		b.Put(store.Answers, []byte(key), []byte("meta of "+key), records[key])
	}
	if _, err := s.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return records
}

// closed makes a database of n records and closes it.
func closed(t testing.TB, n int) (path string, records map[string][]byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "arena.db")
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records = write(t, db, n)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path, records
}
