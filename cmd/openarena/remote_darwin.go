package main

import "golang.org/x/sys/unix"

// fileSystem names the file system that a folder lies on, as macOS does; "" if that cannot be told.
func fileSystem(dir string) string {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return ""
	}
	return unix.ByteSliceToString(s.Fstypename[:])
}
