package main

import (
	"errors"
	"fmt"
	"os/user"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/fleet"
	"openarena/pipeline"
	"openarena/store"
)

// ctlMany gives an order to all who work on an arena in PostgreSQL.
func (e *environment) ctlMany(c *cli.Context, at store.Database, d pipeline.Directive) error {
	ctx := e.signals.soft
	db, err := at.OpenReader(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	tables, ok := db.(fleet.Database)
	if !ok {
		return usage("%s cannot be worked on by many", at)
	}
	f, known, err := fleet.Known(ctx, tables)
	if err != nil {
		return err
	}
	if !known {
		return &exitError{exitNoDatabase, fmt.Errorf("%s: nobody has worked on it yet; `openarena run` and `openarena worker` do", at)}
	}
	force, err := f.Steer(ctx, whoami(), d)
	switch {
	case errors.Is(err, fleet.ErrNobody), errors.Is(err, fleet.ErrUnpublished):
		return &exitError{exitNoDatabase, fmt.Errorf("%s: %w", at, err)}
	case errors.Is(err, pipeline.ErrDirective):
		return &exitError{exitUsage, err}
	case err != nil:
		return err
	case c.Bool("json"):
		return printJSON(e.data(), force)
	}
	w := &lines{w: e.out}
	w.print("%s", orderedAll(d, force))
	for _, m := range force.Workers {
		w.print("  %s  %s, %d in flight", m.ID, m.Command, m.Info.InFlight)
	}
	if len(force.Held) > 0 {
		w.print("paused: %s", strings.Join(force.Held, ", "))
	}
	return w.err
}

// orderedAll is a sentence about what was done.
func orderedAll(d pipeline.Directive, f fleet.Force) string {
	whole, all := d.Endpoint, count(len(f.Workers), "worker")
	if whole == "" {
		whole = "the arena"
	}
	switch d.Do {
	case pipeline.DoPause:
		return fmt.Sprintf("%s is paused for %s and for whoever comes: no call starts, those in flight are finished and saved. `openarena ctl resume` goes on", whole, all)
	case pipeline.DoResume:
		return fmt.Sprintf("%s goes on, for %s", whole, all)
	case pipeline.DoRetry:
		return fmt.Sprintf("told %s to try now what waits, with the next heartbeat; `openarena status` shows what still waits", all)
	case pipeline.DoStop:
		return fmt.Sprintf("stopping %s: no call starts, those in flight are finished and saved", all)
	case fleet.DoDrain:
		return fmt.Sprintf("draining %s: no call starts, those in flight are finished and saved, the rest is handed back", all)
	}
	return fmt.Sprintf("in force for %s, until another file is published", all)
}

// whoami is who gives an order, for those who look at it later.
func whoami() string {
	name := "somebody"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return name + "@" + hostName()
}
