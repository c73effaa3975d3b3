//go:build unix

package store_test

import "syscall"

// withoutUmask has files get the modes that they are created with, until the function it returns is called.
func withoutUmask() func() {
	old := syscall.Umask(0)
	return func() { syscall.Umask(old) }
}

// limitFiles makes files of this process that grow beyond n bytes fail, as on a full disk.
func limitFiles(n uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
}
