package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"go.etcd.io/bbolt"
)

// create makes an empty database at path unless a file is there. It is built under another name and appears complete or
// not at all: a power cut while bbolt lays out a new file would leave one that cannot be opened. Of several processes
// that create it at once one wins; for the others that is no error.
func create(path string) error {
	tmp, err := newFile(path, func(db *bbolt.DB) error { return db.Update(writeSchema) })
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	err = os.Link(tmp, path)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported) {
		err = renameNew(tmp, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil && !exists(path) {
		return fmt.Errorf("%w: create %s: %w", ErrUnwritable, path, err)
	}
	return nil
}

// renameNew is for filesystems without hard links. Two processes in the same instant could both succeed; the one whose
// file is gone notices before it writes, since it compares what it locked with what the name leads to.
func renameNew(tmp, path string) error {
	if exists(path) {
		return fs.ErrExist
	}
	return os.Rename(tmp, path)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// newPrefix begins the names of unfinished files beside path.
func newPrefix(path string) string { return "." + filepath.Base(path) + ".new-" }

// removeUnfinished removes what a kill left of newFile. The caller holds the lock of path, so nobody is at work on one
// that would still be wanted: who creates a database finds that it exists.
func removeUnfinished(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return // they only take space
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), newPrefix(path)) {
			os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}

// newFile builds a database beside path and returns its name when it is on disk, complete and closed.
func newFile(path string, fill func(*bbolt.DB) error) (tmp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), newPrefix(path)+"*") // mode 0600
	if err != nil {
		return "", fmt.Errorf("%w: create %s: %w", ErrUnwritable, path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	db, err := openBolt(f, path, bbolt.Options{})
	if err != nil {
		return "", err
	}
	err = fill(db)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return "", fmt.Errorf("%w: create %s: %w", ErrUnwritable, path, err)
	}
	return f.Name(), nil
}

// openBolt opens a file that is already open and locked. It owns the file from here on, on failure too: bbolt leaves it
// open, and with it the lock, when it panics.
func openBolt(f *os.File, path string, o bbolt.Options) (db *bbolt.DB, err error) {
	o.OpenFile = func(string, int, os.FileMode) (*os.File, error) { return f, nil }
	o.FreelistType = bbolt.FreelistMapType
	o.NoStatistics = true
	err = guarded(path, func() (err error) {
		db, err = bbolt.Open(f.Name(), 0o600, &o)
		return err
	})
	if err != nil {
		f.Close()
		return nil, err
	}
	return db, nil
}
