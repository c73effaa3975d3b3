package main

import (
	"errors"

	"golang.org/x/sys/windows"
)

// isDiskFull reports that a disk takes nothing more, or nothing at all.
func isDiskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_WRITE_PROTECT) || errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

// isBrokenPipe reports that whoever read our output has seen enough: `| head` is no failure.
func isBrokenPipe(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}
