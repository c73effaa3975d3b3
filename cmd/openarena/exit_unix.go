//go:build unix

package main

import (
	"errors"
	"syscall"
)

// isDiskFull reports that a disk takes nothing more, or nothing at all.
func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EDQUOT)
}

// isBrokenPipe reports that whoever read our output has seen enough: `| head` is no failure.
func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
