package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	defaultLockWait = 800 * time.Millisecond // leaves room within the second in which a user is told
	lockRetry       = 20 * time.Millisecond
)

// access is how a file is opened and locked.
type access struct {
	flags int  // of open
	alone bool // else with other readers
}

var (
	forWriting = access{os.O_RDWR, true}
	forReading = access{os.O_RDONLY | dontWait, false}
)

// resolve returns the absolute path of a database with links followed, so that every process finds the same files beside
// it whatever name it was given. The file itself need not exist.
func resolve(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("open database %s: %w", path, err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if target, err := os.Readlink(abs); err == nil { // a link to a file that is still to be made
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(abs), target)
		}
		return resolve(target)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("open database %s: the folder %s does not exist; create it or change store.path: %w", path, filepath.Dir(abs), err)
	}
	return filepath.Join(dir, filepath.Base(abs)), err
}

// openLocked opens an existing file and locks it, waiting up to wait for whoever has it. The lock ends with the file.
// Errors: fs.ErrNotExist, a *LockedError, ErrUnwritable where writing was asked for and is not allowed.
func openLocked(ctx context.Context, path string, how access, wait time.Duration) (*os.File, error) {
	for deadline := time.Now().Add(wait); ; {
		f, err := tryLock(path, how)
		if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
			return f, err
		}
		if time.Now().After(deadline) {
			return nil, lockedBy(path)
		}
		if err := pause(ctx, lockRetry); err != nil {
			return nil, err
		}
	}
}

// tryLock fails with EWOULDBLOCK while another process has the file, and also when the file was replaced (by a
// compaction, say) between being opened and being locked.
func tryLock(path string, how access) (*os.File, error) {
	f, err := os.OpenFile(path, how.flags, 0)
	if err != nil {
		return nil, openError(path, how, err)
	}
	err = lockFile(f, how.alone)
	if err == nil && !sameFile(f, path) {
		err = syscall.EWOULDBLOCK
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock database %s: %w", path, err)
	}
	return f, nil
}

func openError(path string, how access, err error) error {
	switch {
	case errors.Is(err, syscall.EISDIR):
		return &DamagedError{Path: path, What: "this is a directory", Advice: "choose a file in store.path"}
	case how.flags == os.O_RDWR && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)):
		return fmt.Errorf("%w: %w; make it writable or change store.path", ErrUnwritable, err)
	}
	return fmt.Errorf("open database: %w", err)
}

func sameFile(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
