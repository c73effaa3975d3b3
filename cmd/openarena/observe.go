package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/internal/telemetry"
	"openarena/internal/terminal"
	"openarena/pipeline"
)

// observeFlags are for commands that call models.
func observeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "log", Usage: "add a JSON line for each call and event to `FILE`; no texts, no keys"},
		&cli.StringFlag{Name: "metrics-addr", Usage: "serve metrics for Prometheus at `HOST:PORT`, on this machine alone without HOST, until the exports are written"},
	}
}

// observation is what looks at a run from outside.
type observation struct {
	log     *telemetry.Log
	metrics *telemetry.Metrics
	server  *telemetry.Server
}

// observe opens the log and the metrics that were asked for, before anything is called.
func (w *work) observe() error {
	return w.observeOf(func() (p pipeline.Progress, ok bool) {
		if w.many != nil {
			return w.many.Progress()
		}
		r := w.running.Load()
		if r == nil {
			return p, false
		}
		return r.Progress(), true
	})
}

// observeOf is observe, of whatever tells how far it is.
func (w *work) observeOf(look func() (pipeline.Progress, bool)) error {
	if name := w.c.String("log"); name != "" {
		if err := w.openLog(name); err != nil {
			return err
		}
		w.job.Observe = w.observed.log
	}
	address := w.c.String("metrics-addr")
	if address == "" {
		return nil
	}
	release, commit := built()
	m := telemetry.NewMetrics(release, commit, look)
	s, err := m.Serve(address)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--metrics-addr: %w", err)}
	}
	w.observed.metrics, w.observed.server = m, s
	w.say(w.c, "metrics: %s", s.URL)
	if w.observed.log != nil {
		w.job.Observe = &telemetry.Both{A: w.observed.log, B: m}
	} else {
		w.job.Observe = m
	}
	return nil
}

func (w *work) openLog(name string) error {
	if err := w.free(name); err != nil {
		return err
	}
	release, commit := built()
	l, err := telemetry.OpenLog(w.signals.soft, name,
		slog.String("service.name", "openarena"), slog.String("service.version", release), slog.String("openarena.commit", commit),
		slog.String("openarena.command", w.name), slog.Int("process.pid", os.Getpid()))
	switch {
	case errors.Is(err, telemetry.ErrNotALog):
		return &exitError{exitUsage, fmt.Errorf("--log %w; give a file of its own", err)}
	case errors.Is(err, context.Canceled):
		return w.interrupted()
	case err != nil:
		return &exitError{exitUnwritable, fmt.Errorf("--log: %w", err)}
	}
	w.observed.log = l
	return nil
}

// free refuses a name that this run writes something else to.
func (w *work) free(name string) error {
	name, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	var taken []string
	if w.arena == nil { // a worker writes nothing else
		return nil
	}
	if path := w.arena.Config.StorePath(); path != "" {
		taken = append(taken, path)
	}
	for _, x := range w.arena.Config.Export {
		taken = append(taken, w.arena.Config.Resolve(x.Path))
	}
	for _, other := range taken {
		if other, err := filepath.Abs(other); err == nil && other == name {
			return usage("--log %s: this run keeps something else there; give a file of its own", w.c.String("log"))
		}
	}
	return nil
}

// unobserve ends what observe began. What is missing in a log is said, and is no reason to fail.
func (w *work) unobserve(err error) {
	if w.observed.server != nil {
		w.observed.server.Close()
	}
	if w.observed.log == nil {
		return
	}
	ended := []slog.Attr{
		slog.Int("process.exit.code", exitCode(err)), slog.Int64("openarena.answers", w.outcome.Answers),
		slog.Int64("openarena.judgments", w.outcome.Judgments), slog.Int64("openarena.failed", w.outcome.Failed),
	}
	patience := 5 * time.Second
	if w.signals.hard.Err() != nil { // to leave at once
		patience = time.Second / 2
	}
	if err := w.observed.log.Close(patience, ended...); err != nil {
		fmt.Fprintln(w.err, "warning: "+terminal.Sanitize(err.Error()))
	}
}
