package export

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"openarena/configs"
)

// tempEnding marks the files that Replace writes to before it renames them.
const tempEnding = ".openarena-tmp"

// ErrKept: there were no rows, and the file that was there stays, as Options.Keep asks.
var ErrKept = errors.New("there are no rows; the file stays as it was")

// evalPath is where the rows for evaluation go.
func (o Options) evalPath(path string) string {
	if o.EvalFile != "" {
		return filepath.Join(filepath.Dir(path), o.EvalFile)
	}
	return EvalPath(path)
}

// EvalPath is the file for evaluation beside one for training.
func EvalPath(path string) string { return configs.EvalPath(path) }

// errNotSynced: a file is written, but the folder was not synced.
var errNotSynced = errors.New("might not survive a power cut")

// Replace has write make a file that is replaced in one step: whatever happens, path holds nothing, its old content or all of
// the new. was is the size of the old one. A link is followed; a device or a pipe is written to directly. What killed runs left
// beside path is removed. Causes such as syscall.ENOSPC are kept in the error; ErrKept and *EmptyError leave the file as it was.
func Replace(path string, write func(w io.Writer, was int64) error) error {
	path, regular := target(path)
	if !regular {
		return writeStream(path, write)
	}
	var e edition
	if err := e.add(path, write); err != nil {
		return err
	}
	return e.publish()
}

// target is the file that a path leads to, and whether it is, or will be, one that can be replaced: no device and no pipe.
func target(path string) (file string, regular bool) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	return path, err != nil || info.IsDir() || info.Mode().IsRegular()
}

func writeStream(path string, write func(io.Writer, int64) error) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return write(f, 0)
}

// createTemp makes a temporary file for base and claims it, so that removeStale of another process leaves it alone.
func createTemp(dir, base string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(dir, "."+base+".*"+tempEnding)
		if err != nil {
			return nil, err
		}
		// Another process may have taken the new file for a stale one and be about to remove it. Where a file system
		// knows no locks nobody removes anything.
		taken := errors.Is(claim(f), syscall.EWOULDBLOCK)
		mine, err1 := f.Stat()
		there, err2 := os.Stat(f.Name())
		if !taken && err1 == nil && err2 == nil && os.SameFile(mine, there) {
			return f, nil
		}
		f.Close()
	}
}

// removeStale removes the temporary files for base that no living process claims. It may fail: they are only litter.
func removeStale(dir, base string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		random, ours := strings.CutPrefix(e.Name(), "."+base+".")
		random, whole := strings.CutSuffix(random, tempEnding)
		if !ours || !whole || strings.Trim(random, "0123456789") != "" {
			continue
		}
		name := filepath.Join(dir, e.Name())
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if claim(f) == nil {
			os.Remove(name)
		}
		f.Close()
	}
}
