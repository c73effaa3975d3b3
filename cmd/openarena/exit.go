package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/fleet"
	"openarena/internal/hub"
	"openarena/pipeline"
	"openarena/pipeline/dataset"
	"openarena/pipeline/export"
	"openarena/store"
	"openarena/store/postgres"
)

// The exit codes that scripts rely on.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitPartly      = 3
	exitRefused     = 4
	exitBudget      = 5
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

// meanings are the words of the help texts.
var meanings = map[int]string{
	exitOK:          "ok",
	exitUsage:       "usage or configuration",
	exitPartly:      "some items failed, a row was left out, or a model was stopped",
	exitRefused:     "a provider refused a key or a model",
	exitBudget:      "the budget is reached",
	exitNoDatabase:  "no database",
	exitLocked:      "the database is in use",
	exitDamaged:     "the database is damaged",
	exitNewer:       "it was written by a newer version",
	exitUnwritable:  "disk full or not writable",
	exitInterrupted: "interrupted",
}

// The codes of commands that are alike, 0 and 1 aside.
var (
	readCodes   = []int{exitUsage, exitNoDatabase, exitDamaged, exitNewer}
	changeCodes = []int{exitUsage, exitNoDatabase, exitLocked, exitDamaged, exitNewer, exitUnwritable}
	workCodes   = []int{exitUsage, exitPartly, exitRefused, exitBudget, exitLocked, exitDamaged, exitNewer, exitUnwritable, exitInterrupted}
)

// withCodes ends a help text with the codes that a command may exit with, beside 1 for what nobody foresaw.
func withCodes(text string, codes ...int) string {
	line, width := "Exit codes: 0 ok", 16
	for _, c := range codes {
		word := fmt.Sprintf("%d %s", c, meanings[c])
		sep := " · "
		if width += len(sep) + len(word); width > 110 {
			sep, width = " ·\n", len(word)
		}
		line += sep + word
	}
	return strings.TrimPrefix(text+"\n\n"+line+".", "\n\n")
}

// hungUp reports whether whoever read our output has gone, which is no failure of ours. A connection that broke is one.
func hungUp(err error) bool {
	var connection *net.OpError
	return isBrokenPipe(err) && !errors.As(err, &connection)
}

// isDenied reports whether a server refused what the role of the store's URL has no privilege for.
func isDenied(err error) bool { return errors.Is(err, fleet.ErrDenied) || postgres.Denied(err) }

// exitCode is the one place that turns errors into exit codes. The first that applies counts.
func exitCode(err error) int {
	var known *exitError
	var problems configs.Problems
	var unexportable *export.UsageError
	var unpriced *pipeline.UnpricedError
	var misfit *dataset.UsageError
	var refused *hub.Error
	var unusable *postgres.ConfigError
	var fromCLI cli.ExitCoder // the library's own: help on what is not there
	is := func(target error) bool { return errors.Is(err, target) }
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &known):
		return known.code
	case is(store.ErrUnwritable), is(store.ErrAway), isDiskFull(err):
		return exitUnwritable
	case is(store.ErrDamaged):
		return exitDamaged
	case is(store.ErrNewer):
		return exitNewer
	case is(store.ErrLocked):
		return exitLocked
	case is(store.ErrNoDatabase):
		return exitNoDatabase
	case isDenied(err), is(store.ErrUnfinished):
		return exitUsage
	case errors.As(err, &problems), errors.As(err, &unusable), errors.As(err, &unexportable), errors.As(err, &unpriced), errors.As(err, &misfit), errors.As(err, &fromCLI):
		return exitUsage
	case errors.As(err, &refused) && refused.Lasting():
		return exitUsage
	case is(context.Canceled):
		return exitInterrupted
	}
	return exitFailure
}
