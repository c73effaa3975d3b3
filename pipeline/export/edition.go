package export

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// edition is files that are written beside their places before the first of them gets its name: what can fail, such as a full
// disk, fails before anything is replaced.
type edition []*draft

// draft is one file of an edition.
type draft struct {
	path string
	f    *os.File // closed once it has its name
	done bool
}

// add writes a file beside path and has it on the disk. was is the size of the one that it replaces.
func (e *edition) add(path string, write func(w io.Writer, was int64) error) (err error) {
	was, err := sizeOf(path)
	if err != nil {
		return err
	}
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	removeStale(dir, base)
	f, err := createTemp(dir, base)
	if err != nil {
		return notWritten(path, err)
	}
	d := &draft{path: path, f: f}
	if err = write(f, was); err == nil {
		err = f.Sync()
	}
	if err != nil {
		d.discard()
		return notWritten(path, err)
	}
	*e = append(*e, d)
	return nil
}

// sizeOf is that of a regular file; 0 where there is none.
func sizeOf(path string) (int64, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return 0, nil // writing says what is wrong
	case info.IsDir():
		return 0, &UsageError{fmt.Sprintf("%s is a folder; name a file in it", path)}
	case !info.Mode().IsRegular():
		return 0, &UsageError{fmt.Sprintf("%s is no file that can be replaced", path)}
	default:
		return info.Size(), nil
	}
}

func notWritten(path string, err error) error {
	if errors.Is(err, ErrKept) || errors.As(err, new(*EmptyError)) {
		return err
	}
	return fmt.Errorf("%s was not written and is as it was: %w", path, err)
}

// publish gives the files their names, in the order in which they were added, each once the one before it would survive a power cut.
// Those that have their names already keep them if one fails.
func (e edition) publish() (notSynced error) {
	for _, d := range e {
		d.done = true
		err := publishing()
		if err == nil {
			err = publish(d.f, d.path)
		}
		if err != nil {
			d.discard()
			return notWritten(d.path, err)
		}
		if err := syncDir(filepath.Dir(d.path)); err != nil {
			notSynced = fmt.Errorf("%s is written but %w: %w", d.path, errNotSynced, err)
		}
	}
	return notSynced
}

// publishing is asked before a file gets its name; tests stop there.
var publishing = func() error { return nil }

// discard removes what was not published.
func (e edition) discard() {
	for _, d := range e {
		if !d.done {
			d.discard()
		}
	}
}

func (d *draft) discard() {
	d.f.Close() // twice is harmless; the first error counts
	os.Remove(d.f.Name())
}
