package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"openarena/configs"
	"openarena/pipeline/export"
	"openarena/store"
)

// The exit codes that scripts rely on.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitPartly      = 3
	exitRefused     = 4
	exitNoDatabase  = 10
	exitLocked      = 11
	exitDamaged     = 12
	exitNewer       = 13
	exitUnwritable  = 14
	exitInterrupted = 130
)

// exitError is an error that knows its exit code.
type exitError struct {
	code int
	err  error // nil: everything was said already
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage is a mistake in the command line or the file.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// exitCode is the one place that turns errors into exit codes. The first that applies counts.
func exitCode(err error) int {
	var known *exitError
	var problems configs.Problems
	var unexportable *export.UsageError
	is := func(target error) bool { return errors.Is(err, target) }
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &known):
		return known.code
	case is(store.ErrUnwritable), is(syscall.ENOSPC), is(syscall.EROFS), is(syscall.EDQUOT), is(fs.ErrPermission):
		return exitUnwritable
	case is(store.ErrDamaged):
		return exitDamaged
	case is(store.ErrNewer):
		return exitNewer
	case is(store.ErrLocked):
		return exitLocked
	case is(store.ErrNoDatabase):
		return exitNoDatabase
	case errors.As(err, &problems), errors.As(err, &unexportable):
		return exitUsage
	case is(context.Canceled):
		return exitInterrupted
	}
	return exitFailure
}

// isBrokenPipe reports that whoever read our output has seen enough: `| head` is no failure.
func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
