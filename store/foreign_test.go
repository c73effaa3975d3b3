package store_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"openarena/store"
)

func TestForeignFiles(t *testing.T) {
	path, _ := closed(t, 10)
	ours, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	zeroed := bytes.Clone(ours)
	clear(zeroed[:8192])
	for _, c := range []struct {
		why  string
		make func(t *testing.T, path string)
		want error
		says string
	}{
		{"an empty file is no database", file(nil), store.ErrDamaged, "empty"},
		{"a text file", file([]byte(strings.Repeat("openarena\n", 1000))), store.ErrDamaged, "no database"},
		{"a short file", file([]byte("x")), store.ErrDamaged, "no database"},
		{"both meta pages are zero", file(zeroed), store.ErrDamaged, "no database"},
		{"a directory", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, store.ErrDamaged, ""},
		{"a bbolt database of another program", bolt(&bbolt.Options{}, "theirs", ""), store.ErrDamaged, "not one of openarena"},
		{"one without a free list", bolt(&bbolt.Options{NoFreelistSync: true}, "theirs", ""), store.ErrDamaged, "did not write it"},
		{"a newer schema", bolt(&bbolt.Options{}, "\xff", "\x00\x00\x00\x02"), store.ErrNewer, "newer"},
		{"a schema without its buckets", bolt(&bbolt.Options{}, "\xff", "\x00\x00\x00\x01"), store.ErrDamaged, "incomplete"},
	} {
		t.Run(c.why, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "arena.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			for name, open := range openers {
				err := open(t.Context(), path)
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
					t.Errorf("%s = %v; want %v that says %q and names the file", name, err, c.want, c.says)
				}
			}
			if _, err := store.Repair(t.Context(), path); err == nil {
				t.Error("Repair() = nil; want it refused")
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
			if beside, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(beside) != 1 {
				t.Errorf("files were left: %q", beside)
			}
		})
	}
}

func file(data []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// bolt makes a bbolt database with one bucket and a version in it.
func bolt(o *bbolt.Options, bucket, version string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		db, err := bbolt.Open(path, 0o600, o)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte(bucket))
			if err != nil || version == "" {
				return err
			}
			return b.Put([]byte("version"), []byte(version))
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMissing(t *testing.T) {
	dir := t.TempDir()
	for name, open := range openers {
		if name == "Open" {
			continue
		}
		if err := open(t.Context(), filepath.Join(dir, "arena.db")); !errors.Is(err, store.ErrNoDatabase) {
			t.Errorf("%s of a missing file = %v; want ErrNoDatabase", name, err)
		}
		if err := open(t.Context(), filepath.Join(dir, "no folder", "arena.db")); !errors.Is(err, store.ErrNoDatabase) {
			t.Errorf("%s in a missing folder = %v; want ErrNoDatabase", name, err)
		}
	}
	_, err := store.Open(t.Context(), filepath.Join(dir, "no folder", "arena.db"), store.Options{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "the folder "+filepath.Join(dir, "no folder")) {
		t.Errorf("Open in a missing folder = %v; want an error that names it", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("files were made: %q", left)
	}
}
