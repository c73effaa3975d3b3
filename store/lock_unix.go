//go:build unix

package store

import (
	"errors"
	"os"
	"syscall"
)

// dontWait: opening a pipe for reading would wait for ever without it.
const dontWait = syscall.O_NONBLOCK

// loopback: where there is no place for a socket, there is none.
const loopback = false

// lockFile locks an open file, for itself alone or with other readers. It fails with EWOULDBLOCK at once. The lock ends
// with the file.
func lockFile(f *os.File, alone bool) error {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	return syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
}

// replaceLocked puts a finished file in the place of a locked one. The lock ends last.
func replaceLocked(tmp, path string, locked *os.File) error {
	err := os.Rename(tmp, path)
	locked.Close() // nothing was written to it
	return err
}

// rename gives a file its name, over one that may be there.
func rename(from, to string) error { return os.Rename(from, to) }

// syncDir makes names created or renamed in dir survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) { // some filesystems cannot sync a directory; they need not
		err = nil
	}
	return errors.Join(err, d.Close())
}

// hasRoom reports whether there is plenty of address space for a map of so many bytes, which f may grow into. An emulator may
// have less than its limits say, so that is tried.
func hasRoom(f *os.File, size int) bool {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &limit) != nil || uint64(limit.Cur) < 16*uint64(size) {
		return false
	}
	m, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	return err == nil && syscall.Munmap(m) == nil
}

// inode is the number that /proc/locks knows a file by.
func inode(info os.FileInfo) (uint64, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return uint64(st.Ino), true
}
