package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/fleet"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
)

const workDescription = `It asks only for what the database does not have, saves every answer before it counts as done, and can be
stopped at any moment: the first Ctrl-C finishes and saves the calls in flight, the second leaves at once.
The same command goes on where it was. A trial (--limit, --model, --dataset) writes no exports.

--shard 3/64 works on the third of 64 equal parts of the prompts, in arena.shard-3-of-64.db ({shard} in the name
of --db stands for 3-of-64), with a 64th of every stated limit but time. Shards count from 1; 0 is another name of
the last, so that arrays of jobs from 0 to 63 and from 1 to 64 both do all of it. Adaptive pairs have no shards.`

func runCommand(e *environment) *cli.Command {
	return workCommand(e, "run", "answers, judgments, ratings and exports, all at once", pipeline.Job{Generate: true, Judge: true})
}

func generateCommand(e *environment) *cli.Command {
	return workCommand(e, "generate", "ask the models for the answers that are missing", pipeline.Job{Generate: true})
}

func workCommand(e *environment, name, purpose string, job pipeline.Job) *cli.Command {
	return &cli.Command{
		Name: name, Usage: purpose, Description: withCodes(workDescription, workCodes...),
		Flags: flags(slices.Concat(trialFlags(), []cli.Flag{reuseFlag(), refreshFlag(), unknownCostFlag(), waitFlag()}, besideFlags(), observeFlags())...),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			trial, err := trialOf(c)
			if err != nil {
				return err
			}
			if err := checkReuse(c); err != nil {
				return err
			}
			if err := checkBeside(c); err != nil {
				return err
			}
			job.AllowUnknownCost, job.Wait = c.Bool("allow-unknown-cost"), c.Bool("wait")
			w := work{environment: e, c: c, name: name, job: job, started: time.Now()}
			return w.do(trial)
		},
	}
}

func waitFlag() cli.Flag {
	return toggle("wait", "where a quota is used up wait for its return, for hours if need be, instead of going on without the model")
}

func unknownCostFlag() cli.Flag {
	return toggle("allow-unknown-cost", "under budget.max_cost count models without a price as nothing, instead of refusing them")
}

// work is one run of `run`, `generate` or `judge`.
type work struct {
	*environment
	c       *cli.Context
	name    string
	job     pipeline.Job
	started time.Time

	arena   *pipeline.Arena
	db      store.Store
	runner  *pipeline.Runner
	running atomic.Pointer[pipeline.Runner] // set once it can be asked
	ballots atomic.Pointer[store.Store]     // set once it takes votes
	bad     int                             // rows that could not be used
	outcome pipeline.Outcome
	many    *fleet.Worker // where many work on the arena; nil: this process alone does

	observed observation
	absence  absence
}

func (w *work) do(trial pipeline.Trial) (err error) {
	ctx := w.signals.hard
	if w.arena, err = w.arenaOfRun(w.c, trial); err != nil {
		return err
	}
	w.arena.Refresh = w.c.Bool("refresh")
	w.warn(w.c, w.arena)
	w.warnRemote(w.arena.Config.StorePath())
	if w.exporting() {
		if err := w.checkExports(); err != nil {
			return err
		}
	}
	defer func() { w.unobserve(err) }()
	if err := w.observe(); err != nil {
		return err
	}
	if w.db, err = w.write(ctx, w.arena, w.storeOptions()); err != nil {
		return w.inUse(err)
	}
	defer func() { err = w.absence.unsaved(errors.Join(err, w.db.Close())) }()
	w.warnServer()
	if err := w.claim(); err != nil {
		return err
	}
	w.ballots.Store(&w.db)
	if err := w.sync(w.signals.soft); err != nil {
		return err
	}
	w.job.Ask = w.asker()
	if w.runner, err = pipeline.NewRunner(ctx, w.arena, w.db, w.job); err != nil {
		return err
	}
	if text := w.runner.Warning(); text != "" {
		w.say(w.c, "warning: %s", text)
	}
	if err := w.preflight(w.signals.soft); err != nil {
		return err
	}
	if w.exporting() {
		if err := w.checkUploads(w.signals.soft); err != nil {
			return err
		}
	}
	w.running.Store(w.runner)
	if db, ok := w.db.(fleet.Database); ok {
		err = w.runMany(ctx, db)
	} else {
		err = w.run(ctx)
	}
	if err != nil {
		return err
	}
	unwritten := w.results(ctx)
	err = w.finish(ctx) // the work is done and worth showing, whatever became of its files
	if unwritten != nil {
		return unwritten
	}
	return err
}

// results writes and uploads the exports, where that is for this command to do.
func (w *work) results(ctx context.Context) error {
	switch {
	case w.outcome.Interrupted:
	case w.exporting():
		if err := w.exports(ctx); err != nil {
			return err
		}
		return w.uploads(w.signals.soft)
	case !w.arena.Trial.Shard.Whole():
		w.say(w.c, "shard %s: exports are written when all shards are merged", w.arena.Trial.Shard)
	case w.whole():
		w.say(w.c, "a trial: exports are not written; `openarena export` writes them")
	}
	return nil
}

// warnServer says what a database server's settings put at risk.
func (w *work) warnServer() {
	if server, ok := w.db.(interface{ Warnings() []string }); ok {
		for _, text := range server.Warnings() {
			w.say(w.c, "warning: %s", text)
		}
	}
}

// storeOptions let others look at the run and steer it.
func (w *work) storeOptions() store.Options {
	command := "openarena " + w.name
	if s := w.arena.Trial.Shard; !s.Whole() {
		command += " --shard " + s.String()
	}
	o := store.Options{Command: command, Info: w.info, Control: w.obey, Waiting: func(e *store.LockedError) {
		w.say(w.c, "waiting for who reads the database: %v", e)
	}, Away: w.away("records"), Timeout: w.c.Duration("store-timeout")}
	if w.observed.metrics != nil {
		o.Committed = w.observed.metrics.Committed
	}
	return o
}

// sync reads the prompts, and says what was found.
func (w *work) sync(ctx context.Context) error {
	all, err := w.arena.Sync(ctx, w.db)
	for _, s := range all {
		w.bad += s.Bad
		if !s.Unchanged || s.Bad > 0 {
			w.say(w.c, "%s", synced(s))
			for _, line := range dropped(s.Dropped) {
				w.say(w.c, "%s", line)
			}
			for _, why := range leftOut(s.Bad, s.Why) {
				w.say(w.c, "%s", why)
			}
		}
	}
	if err != nil && ctx.Err() != nil {
		return w.interrupted()
	}
	if err != nil {
		return notThere(err)
	}
	return w.inherit(ctx)
}

// synced is a sentence about a dataset.
func synced(s pipeline.Synced) string {
	text := fmt.Sprintf("%s: %s", s.Label, count(s.Prompts, "prompt"))
	if s.Commit != "" {
		text = fmt.Sprintf("%s at %.7s: %s", s.Label, s.Commit, count(s.Prompts, "prompt"))
	}
	if s.Duplicates > 0 {
		text += ", " + count(s.Duplicates, "duplicate row")
	}
	if s.Shared > 0 {
		text += ", " + count(s.Shared, "prompt") + " of earlier datasets"
	}
	if s.Bad > 0 {
		text += ", " + count(s.Bad, "row") + " left out"
	}
	return text
}

// run has the runner work, with its progress on the terminal.
func (w *work) run(ctx context.Context) (err error) {
	progress := terminal.NewProgress(w.err, terminal.Options{
		Color: terminal.Color(w.err, w.c.Bool("no-color")), Quiet: w.c.Bool("quiet"),
	})
	progress.Start(ctx, w.snapshot)
	w.outcome, err = w.runner.Run(ctx, w.signals.soft)
	progress.Stop()
	return err
}

func (w *work) interrupted() error {
	return &exitError{exitInterrupted, fmt.Errorf("interrupted; everything that had arrived is saved. Go on with: %s", typed(os.Args...))}
}
