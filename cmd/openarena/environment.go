package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/hub"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
)

// environment is what all commands share.
type environment struct {
	streams
	signals *signals
}

// flags are a command's own flags and those that every command has.
func flags(own ...cli.Flag) []cli.Flag {
	return append(own,
		&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "`FILE` of the arena (default: arena.yaml, else arena_config.yaml)"},
		&cli.StringFlag{Name: "db", Usage: "database `FILE|URL` (default: as the arena says)"},
		toggle("quiet", "say nothing but errors and results", "q"),
		toggle("no-color", "no colour; so does NO_COLOR in the environment"),
	)
}

// toggle is a flag that is on or off; help does not say that it is off.
func toggle(name, purpose string, aliases ...string) cli.Flag {
	return &cli.BoolFlag{Name: name, Aliases: aliases, Usage: purpose, DisableDefaultText: true}
}

func jsonFlag() cli.Flag { return toggle("json", "print JSON") }

// config loads the arena's file.
func (e *environment) config(c *cli.Context) (*configs.Config, error) {
	path := c.String("config")
	if path == "" {
		found, err := configs.Find(".")
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		path = found
	}
	cfg, err := configs.Load(path, os.LookupEnv)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if db := c.String("db"); db != "" {
		cfg.Store, err = placeOf(db)
	}
	return cfg, err
}

// arena is the file as work.
func (e *environment) arena(c *cli.Context, t pipeline.Trial) (*pipeline.Arena, error) {
	cfg, err := e.config(c)
	if err != nil {
		return nil, err
	}
	for _, w := range cfg.Warnings {
		e.say(c, "warning: %s", w)
	}
	if err := placeShard(c, cfg, t.Shard); err != nil {
		return nil, err
	}
	a, err := newArena(cfg, t)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return a, nil
}

// warn tells what a reader of the results should know.
func (e *environment) warn(c *cli.Context, a *pipeline.Arena) {
	for _, text := range a.Warnings() {
		e.say(c, "warning: %s", text)
	}
}

// say prints a line for people, unless they asked for quiet.
func (e *environment) say(c *cli.Context, format string, args ...any) {
	if !c.Bool("quiet") {
		fmt.Fprintln(e.err, fitting(e.err, fmt.Sprintf(format, args...)))
	}
}

// data is where JSON and rows go: stdout as it is, unless people look at it.
func (e *environment) data() io.Writer { return terminal.Data(e.out) }

func (e *environment) palette(c *cli.Context, f *os.File) terminal.Palette {
	return terminal.NewPalette(terminal.Color(f, c.Bool("no-color")))
}

// reading is a database opened to be looked at. It is the same whether a run is active or not.
type reading struct {
	db       store.ReadStore // nil: there is none
	snapshot store.Snapshot
	reader   store.Reader // the snapshot, with the prompts as their files are now
	scratch  string
	temp     *store.DB
}

// read opens the database. Where missing is true, a database that is not there reads as an empty one.
func (e *environment) read(ctx context.Context, a *pipeline.Arena, missing bool) (r *reading, err error) {
	r = &reading{}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	var found store.Reader = pipeline.Empty{}
	r.db, err = a.Database.OpenReader(ctx)
	switch {
	case errors.Is(err, store.ErrNoDatabase) && missing:
		r.db = nil
	case errors.Is(err, store.ErrNoDatabase):
		return r, fmt.Errorf("%w, --db names another", err)
	case err != nil:
		return r, err
	default:
		found = r.db
	}
	current, err := a.Current(ctx, found, func() (store.Store, error) { return r.openScratch(ctx) })
	if err != nil {
		return r, notThere(err)
	}
	if r.db != nil {
		if r.snapshot, err = r.db.Snapshot(ctx); err != nil {
			return r, err
		}
		found = r.snapshot
	}
	r.reader = current.Over(found)
	return r, nil
}

// view opens the database as exports and show see it; the caller closes the reading.
func (e *environment) view(ctx context.Context, a *pipeline.Arena) (*reading, *pipeline.View, error) {
	r, err := e.read(ctx, a, false)
	if err != nil {
		return nil, nil, err
	}
	v, err := a.View(ctx, r.reader)
	if err != nil {
		r.close()
	}
	return r, v, err
}

// notThere makes a dataset that cannot be read a mistake in the file, not a failure of ours or of the network.
func notThere(err error) error {
	var unread *hub.Error
	if exitCode(err) != exitFailure || errors.As(err, &unread) {
		return err
	}
	return &exitError{exitUsage, err}
}

// openScratch makes a database that lives as long as the reading.
func (r *reading) openScratch(ctx context.Context) (store.Store, error) {
	dir, err := os.MkdirTemp("", "openarena-*")
	if err != nil {
		return nil, unwritable(fmt.Errorf("a place to read the prompts into: %w", err))
	}
	r.scratch = dir
	r.temp, err = store.Open(ctx, filepath.Join(dir, "prompts.db"), store.Options{})
	return r.temp, err
}

// live reports whether a run has the database open.
func (r *reading) live() bool { return r.db != nil && r.db.Live() }

func (r *reading) close() {
	if r.snapshot != nil {
		r.snapshot.Close()
	}
	if r.temp != nil {
		r.temp.Close()
	}
	if r.scratch != "" {
		os.RemoveAll(r.scratch)
	}
	if r.db != nil {
		r.db.Close()
	}
}
