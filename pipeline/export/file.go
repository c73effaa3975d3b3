package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// tempEnding marks the files that Replace writes to before it renames them.
const tempEnding = ".openarena-tmp"

// ErrKept: there were no rows, and the file that was there stays, as Options.Keep asks.
var ErrKept = errors.New("there are no rows; the file stays as it was")

// WriteFile is Write into a file that is replaced as [Replace] does. The new file can be read by its owner only. With EvalSplit
// the other part is in the file that EvalPath names, which is replaced first: a prompt is in the same part before and after.
func WriteFile(ctx context.Context, path string, a Arena, o Options) (s Summary, err error) {
	if err := o.Check(); err != nil {
		return s, err
	}
	into := func(w, eval io.Writer, was int64) error {
		s, err = write(ctx, w, eval, a, o)
		if err == nil && s.Rows == 0 && o.Keep && was > 0 {
			return ErrKept
		}
		return err
	}
	err = Replace(path, func(w io.Writer, was int64) error {
		if o.EvalSplit == 0 {
			return into(w, nil, was)
		}
		return Replace(EvalPath(path), func(eval io.Writer, _ int64) error { return into(w, eval, was) })
	})
	if err != nil && !errors.Is(err, errNotSynced) {
		s = Summary{}
	}
	return s, err
}

// EvalPath is the file for evaluation beside one for training: dpo.eval.jsonl beside dpo.jsonl.
func EvalPath(path string) string {
	ending := filepath.Ext(path)
	return strings.TrimSuffix(path, ending) + ".eval" + ending
}

// errNotSynced: a file is written, but the folder was not synced.
var errNotSynced = errors.New("might not survive a power cut")

// Replace has write make a file that is replaced in one step: whatever happens, path holds nothing, its old content or all of
// the new. was is the size of the old one. A link is followed; a device or a pipe is written to directly. What killed runs left
// beside path is removed. Causes such as syscall.ENOSPC are kept in the error; ErrKept and *EmptyError leave the file as it was.
func Replace(path string, write func(w io.Writer, was int64) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	was := int64(0)
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return &UsageError{fmt.Sprintf("%s is a folder; name a file in it", path)}
	case err == nil && !info.Mode().IsRegular():
		return writeStream(path, write)
	case err == nil:
		was = info.Size()
	}
	err := replace(path, func(f *os.File) error { return write(f, was) })
	switch {
	case errors.Is(err, ErrKept), errors.As(err, new(*EmptyError)):
		return err
	case err != nil:
		return fmt.Errorf("%s was not written and is as it was: %w", path, err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("%s is written but %w: %w", path, errNotSynced, err)
	}
	return nil
}

func writeStream(path string, write func(io.Writer, int64) error) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return write(f, 0)
}

// replace writes a temporary file beside path, has it on the disk, and gives it the name.
func replace(path string, write func(*os.File) error) (err error) {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	removeStale(dir, base)
	f, err := createTemp(dir, base)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close() // twice is harmless; the first error counts
			os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	return publish(f, path)
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
