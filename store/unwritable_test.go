//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"openarena/store"
)

// Who may only read a database is told so, and can read it. The superuser, who may do anything, becomes somebody else first.
func TestUnwritable(t *testing.T) {
	dir, err := os.MkdirTemp("", "unwritable-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	closedPath, _ := closed(t, 10)
	data, err := os.ReadFile(closedPath)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "arena.db")
	if err := os.WriteFile(path, data, 0o400); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(path, 0o444)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := child(t, "read only", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	if reason, ok := strings.CutPrefix(string(out), "skip: "); ok {
		t.Skip(reason)
	}
}

func init() { children["read only"] = readOnly }

// nobody is a user that owns nothing here.
const nobody = 65534

func readOnly(ctx context.Context, path string) error {
	if os.Getuid() == 0 {
		if err := syscall.Setuid(nobody); err != nil {
			fmt.Println("skip: the superuser cannot become another user here:", err)
			return nil
		}
		if _, err := os.Stat(path); err != nil {
			fmt.Println("skip: other users cannot reach the folder of temporary files here:", err)
			return nil
		}
	}
	if _, err := store.Open(ctx, path, store.Options{}); !errors.Is(err, store.ErrUnwritable) || !strings.Contains(err.Error(), path) {
		return fmt.Errorf("Open of a read-only file = %w; want ErrUnwritable that names it", err)
	}
	other := filepath.Join(filepath.Dir(path), "other.db")
	if _, err := store.Open(ctx, other, store.Options{}); os.Getuid() == nobody && !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("Open of a new file in a read-only folder = %w; want ErrUnwritable", err)
	}
	if report, err := store.Check(ctx, path); err != nil || !report.OK() {
		return fmt.Errorf("Check of a read-only file = %+v, %w", report, err)
	}
	r, err := store.OpenReader(ctx, path)
	if err != nil {
		return err
	}
	_, err = r.Get(ctx, store.Answers, []byte("key 000003"), store.WithBody)
	return errors.Join(err, r.Close())
}
