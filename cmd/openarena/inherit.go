package main

import (
	"context"

	"github.com/urfave/cli/v2"
)

func reuseFlag() cli.Flag {
	return &cli.StringFlag{Name: "reuse", Usage: "`finished`: after max_tokens was raised, keep the answers that had ended by themselves"}
}

func reusesFinished(c *cli.Context) bool { return c.String("reuse") == "finished" }

func checkReuse(c *cli.Context) error {
	if r := c.String("reuse"); r != "" && !reusesFinished(c) {
		return usage("--reuse %s: the only word it knows is finished", r)
	}
	return nil
}

// inherit lets what earlier runs paid for serve this one, where the file or the program has changed since.
func (w *work) inherit(ctx context.Context) error {
	err := w.reuse(ctx)
	if err == nil && w.job.Judge {
		err = w.reread(ctx)
	}
	if err != nil && ctx.Err() != nil {
		return w.interrupted()
	}
	return err
}

// reuse keeps finished answers of models whose max_tokens was raised, if that was asked for.
func (w *work) reuse(ctx context.Context) error {
	if !reusesFinished(w.c) {
		return nil
	}
	n, err := w.arena.ReuseFinished(ctx, w.db)
	if err == nil {
		w.say(w.c, "kept %s that had ended before the old max_tokens", count(n, "answer"))
	}
	return err
}

// reread reads the judges' stored replies with the parser of this program, where an older one has read them.
func (w *work) reread(ctx context.Context) error {
	n, err := w.arena.Reread(ctx, w.db)
	if err == nil && n > 0 {
		w.say(w.c, "read %s anew from the judges' stored replies, as this version reads them", count(n, "verdict"))
	}
	return err
}
