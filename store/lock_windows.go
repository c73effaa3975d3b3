package store

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// dontWait: no file here makes an opener wait.
const dontWait = 0

// loopback: older systems have no sockets with a path. Anyone on this machine may then connect, and needs the token of the
// owner file to be told anything.
const loopback = true

// lockFile locks an open file, for itself alone or with other readers. It fails with EWOULDBLOCK at once. The lock ends
// with the file. Locks are mandatory here, so it is one of a byte that no database reaches; not the last, which is bbolt's.
func lockFile(f *os.File, alone bool) error {
	how := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if alone {
		how |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	const last = 1<<32 - 1
	err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, &windows.Overlapped{Offset: last - 1, OffsetHigh: last})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return syscall.EWOULDBLOCK
	}
	return err
}

// replaceLocked puts a finished file in the place of a locked one, which must be closed first here. A process that opens
// the old one in that instant keeps it from being replaced, and rename fails.
func replaceLocked(tmp, path string, locked *os.File) error {
	if err := locked.Close(); err != nil {
		return err
	}
	return rename(tmp, path)
}

// rename gives a file its name, over one that may be there. Whoever reads that one for a moment is waited for.
func rename(from, to string) error {
	var err error
	for range 50 {
		err = os.Rename(from, to)
		if !errors.Is(err, windows.ERROR_SHARING_VIOLATION) && !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(lockRetry)
	}
	return err
}

// syncDir does nothing: here a folder cannot be synced, and NTFS keeps a journal of names.
func syncDir(string) error { return nil }

// hasRoom is false: bbolt would make the file as long as its map.
func hasRoom(*os.File, int) bool { return false }

// inode is for /proc/locks, which is not there.
func inode(os.FileInfo) (uint64, bool) { return 0, false }
