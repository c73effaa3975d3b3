//go:build linux || darwin

package main

import "golang.org/x/sys/unix"

// freeBytes is how much more may be written into a folder.
func freeBytes(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// mayWrite reports whether files may be made in a folder. Nothing is tried.
func mayWrite(dir string) bool { return unix.Access(dir, unix.W_OK|unix.X_OK) == nil }
