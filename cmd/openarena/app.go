package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"
)

// streams are where a command reads and writes. Data goes to out, all else to err.
type streams struct{ in, out, err *os.File }

const description = `An arena is one file: models, a judge, prompts. ` + "`openarena run`" + ` asks every model, has the judge compare
every pair of answers in both orders, rates the models and writes training data. Everything is kept in a
database beside the file: stop it at any moment, run it again, and it goes on where it was.

  openarena init            write a commented arena.yaml
  openarena plan            what a run would call, and what it has already
  openarena run             do it
  openarena status          how far it is, while it runs or after`

const exitCodes = `EXIT CODES
   0 ok · 1 failure · 2 usage or configuration · 3 finished, some items failed or a judge was stopped
   4 a provider refused for good (key, quota, unknown model) · 5 budget reached · 10 no database
   11 database in use · 12 database damaged · 13 database written by a newer version
   14 disk full or not writable · 130 interrupted; 4, 5 and 130 are resumed by running it again
`

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, s streams) int {
	collectLess()
	stdio := newSignals(ctx)
	defer stdio.close()
	app := newApp(s, stdio)
	err := app.RunContext(stdio.hard, interspersed(app, args))
	if err == nil || hungUp(err) {
		return 0
	}
	code, text := exitCode(err), err.Error()
	if code == exitInterrupted && errors.Is(err, context.Canceled) { // where that was cannot matter to anybody
		text = meanings[code]
	}
	if isDenied(err) {
		text += "; deploy/postgres/roles.sql grants what each role needs, once more after the first run"
	}
	if text != "" {
		fmt.Fprintln(s.err, fitting(s.err, "openarena: "+text))
	}
	return code
}

func newApp(s streams, sig *signals) *cli.App {
	app := &cli.App{
		Name:                      "openarena",
		Usage:                     "language models in an arena: battles, ratings, training data",
		Description:               description,
		Version:                   version(),
		Writer:                    s.out,
		ErrWriter:                 s.err,
		Reader:                    s.in,
		ExitErrHandler:            func(*cli.Context, error) {}, // main does it, after everything is closed
		DisableSliceFlagSeparator: true,                         // a comma is part of a name
		EnableBashCompletion:      true,
		CustomAppHelpTemplate:     cli.AppHelpTemplate + "\n" + exitCodes,
		OnUsageError:              usageError,
		Action:                    noCommand,
	}
	e := &environment{streams: s, signals: sig}
	for _, make := range []func(*environment) *cli.Command{
		initCommand, validateCommand, doctorCommand, planCommand, pricesCommand,
		runCommand, generateCommand, judgeCommand, rateCommand, exportCommand, verifyCommand, uploadCommand,
		statusCommand, ctlCommand, failuresCommand, showCommand, redoCommand, votesCommand, peekCommand, serveCommand, reportCommand,
		workerCommand, mergeCommand, storeCommand, dbCommand, completionCommand,
	} {
		c := make(e)
		prepare(c)
		app.Commands = append(app.Commands, c)
	}
	return app
}

// prepare gives a command and its subcommands what all of them have.
func prepare(c *cli.Command) {
	c.OnUsageError = usageError
	c.HideHelpCommand = true
	for _, sub := range c.Subcommands {
		prepare(sub)
	}
}
