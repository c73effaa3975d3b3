package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"openarena/fleet"
	"openarena/internal/terminal"
)

// runMany publishes the arena and works on it beside others, until nothing is left of what this command is about.
func (w *work) runMany(ctx context.Context, db fleet.Database) error {
	f, err := fleet.Open(ctx, db)
	if err != nil {
		return err
	}
	if w.arena.Trial.Narrows() {
		return w.runTrial(ctx, f)
	}
	o := fleet.Options{AllowUnknownCost: w.job.AllowUnknownCost, Wait: w.job.Wait}
	e, err := f.Publish(ctx, w.arena.Config, o, w.name)
	if err != nil {
		if len(w.arena.Config.Secrets) > 0 {
			return &exitError{exitUsage, err}
		}
		return err
	}
	many := &fleet.Worker{
		Fleet: f, Store: w.db, Command: "openarena " + w.name, Generate: w.job.Generate, Judge: w.job.Judge, Finish: true, Published: e.Config,
		Slice: w.c.Duration("slice"), Rescue: w.c.Duration("rescue"), StoreTimeout: w.c.Duration("store-timeout"),
		Env: os.LookupEnv, Observe: w.job.Observe, Ask: w.job.Ask, Away: w.away("work"),
		Say: func(format string, args ...any) { w.say(w.c, format, args...) },
	}
	many.ID, many.Host, many.PID = workerID()
	w.many = many
	progress := terminal.NewProgress(w.err, terminal.Options{
		Color: terminal.Color(w.err, w.c.Bool("no-color")), Quiet: w.c.Bool("quiet"),
	})
	progress.Start(ctx, w.snapshot)
	w.outcome, err = many.Run(ctx, w.signals.soft)
	progress.Stop()
	w.outcome.Interrupted = w.signals.soft.Err() != nil
	switch {
	case errors.Is(err, fleet.ErrFinished):
		return nil
	case errors.Is(err, fleet.ErrStopped), errors.Is(err, fleet.ErrDrained), errors.Is(err, fleet.ErrGrace):
		w.outcome.Interrupted = true
		return nil
	case errors.Is(err, fleet.ErrReplaced):
		return &exitError{exitInterrupted, fmt.Errorf("%w; everything that had arrived is saved, and workers go on with that file. To have them work on this one again: %s",
			err, typed(os.Args...))}
	}
	return misconfigured(err)
}

// runTrial works alone, and on nothing that others may be at: a trial is a part of the arena that they know nothing of.
func (w *work) runTrial(ctx context.Context, f *fleet.Fleet) error {
	if err := f.Permitted(ctx); err != nil {
		return err
	}
	members, err := f.Members(ctx)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Alive {
			return usage("a trial works alone, and %s is at work on this arena: wait for it, or `openarena ctl drain`", m.ID)
		}
	}
	if err := w.run(ctx); err != nil {
		return err
	}
	return f.Touch(ctx, fmt.Sprintf("a trial of %s", w.name))
}
