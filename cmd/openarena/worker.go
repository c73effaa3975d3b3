package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/fleet"
	"openarena/internal/secret"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
	"openarena/store/postgres"
)

const workerDescription = `It works on an arena in PostgreSQL that ` + "`openarena run`" + ` has published, beside any number of others. The
configuration comes from the database; keys come from this machine's environment alone.

SIGTERM, SIGUSR1 and ` + "`openarena ctl drain`" + ` drain it: no call starts, those in flight end and are saved, and what it
held is handed back; then it exits with 0, since nothing is left undone. SIGINT does the same and exits
with 130, and so does whatever ends before the calls in flight have (--grace, a second signal).`

func workerCommand(e *environment) *cli.Command {
	codes := []int{exitUsage, exitPartly, exitRefused, exitBudget, exitNewer, exitUnwritable, exitInterrupted}
	return &cli.Command{
		Name: "worker", Usage: "work on an arena in PostgreSQL, beside others", Description: withCodes(workerDescription, codes...),
		Flags: flags(slices.Concat(workerFlags(), besideFlags(), observeFlags())...),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			w := &workerRun{work: work{environment: e, c: c, name: "worker", job: pipeline.Job{Generate: true, Judge: true}, started: time.Now()}}
			return w.do()
		},
	}
}

func workerFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "store", EnvVars: []string{"OPENARENA_STORE"}, Usage: "`URL` of the arena's schema; in the environment no list of processes shows it"},
		&cli.StringFlag{Name: "run", Usage: "`NAME` of the arena's schema, in place of search_path in the URL"},
		&cli.StringSliceFlag{Name: "models", Usage: "work only for the models and judges of these `NAMES`, with commas between (default: all)"},
		&cli.StringSliceFlag{Name: "labels", Usage: "what this machine has, as `KEY=VALUE,…`: endpoints with labels are called by workers with the same"},
		&cli.StringSliceFlag{Name: "endpoint", Usage: "call an endpoint of the file elsewhere, as `NAME=URL` (repeatable)"},
		&cli.IntFlag{Name: "concurrency", DefaultText: "as the file says", Usage: "`N` calls at once at each endpoint"},
		&cli.DurationFlag{Name: "exit-when-idle", DefaultText: "never", Usage: "end when there was nothing to do for `TIME`, and at once when the arena is finished"},
		&cli.DurationFlag{Name: "grace", DefaultText: "as long as they take", Usage: "`TIME` for the calls in flight when it is told to end"},
	}
}

// besideFlags are those of whoever works beside others on a server.
func besideFlags() []cli.Flag {
	return []cli.Flag{
		&cli.DurationFlag{Name: "slice", Value: time.Minute, Usage: "on a server: `TIME` that a part is worked on before others have their turn"},
		&cli.DurationFlag{Name: "rescue", Value: time.Minute, Usage: "on a server: `TIME` without a word after which this process is taken for dead"},
		&cli.DurationFlag{Name: "store-timeout", Value: 15 * time.Minute, Usage: "`TIME` that a server that is away is waited for; then what is not saved goes into a file"},
	}
}

// checkBeside refuses what besideFlags cannot be.
func checkBeside(c *cli.Context) error {
	for _, name := range []string{"slice", "rescue", "store-timeout"} {
		if c.Duration(name) <= 0 {
			return usage("--%s %v: give a time above 0, such as 60s", name, c.Duration(name))
		}
	}
	return nil
}

// workerRun is one run of `worker`.
type workerRun struct {
	work
	store  *postgres.DB
	worker *fleet.Worker
}

func (w *workerRun) do() (err error) {
	drain := w.signals.alsoDrain()
	defer drain()
	address, err := w.address()
	if err != nil {
		return err
	}
	set, err := workerSettings(w.c)
	if err != nil {
		return err
	}
	if err := w.observeWorker(); err != nil {
		return err
	}
	defer func() { w.unobserve(err) }()
	ctx := w.signals.hard
	set.ID, set.Host, set.PID = workerID()
	var committed func(store.Commit)
	if w.observed.metrics != nil {
		committed = w.observed.metrics.Committed
	}
	w.store, err = postgres.Open(ctx, address, postgres.Options{
		Application: "openarena worker", StoreTimeout: w.c.Duration("store-timeout"), Committed: committed, Away: w.away("records"),
		Rescue: rescueFile(ctx, set.ID), Patient: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = w.absence.unsaved(errors.Join(err, w.store.Close())) }()
	for _, text := range w.store.Warnings() {
		w.say(w.c, "warning: %s", text)
	}
	if set.Fleet, err = fleet.Open(ctx, w.store); err != nil {
		return err
	}
	set.Store, set.Command, set.Observe, set.Env = w.store, "openarena worker", w.job.Observe, os.LookupEnv
	set.Away = w.away("work")
	set.Say = func(format string, args ...any) { w.say(w.c, format, args...) }
	w.worker = set
	return w.serve(ctx)
}

// serve works, with its progress on the terminal, and turns the end into an exit code.
func (w *workerRun) serve(ctx context.Context) error {
	w.say(w.c, "worker %s: at work on %s", w.worker.ID, w.store.Where())
	progress := terminal.NewProgress(w.err, terminal.Options{
		Color: terminal.Color(w.err, w.c.Bool("no-color")), Quiet: w.c.Bool("quiet"),
	})
	progress.Start(ctx, func() terminal.Snapshot { return w.snapshotOf(w.worker) })
	o, err := w.worker.Run(ctx, w.signals.soft)
	progress.Stop()
	w.outcome = o
	w.say(w.c, "%s, %s in %s", count(o.Answers, "new answer"), count(o.Judgments, "new judgment"), terminal.Duration(time.Since(w.started)))
	for _, note := range o.Notes {
		w.say(w.c, "%s", note)
	}
	w.sayStopped()
	if text := w.worker.Waiting(); text != "" && errors.Is(err, fleet.ErrIdle) {
		w.say(w.c, "there was nothing to do for %v: %s", w.c.Duration("exit-when-idle"), text)
	}
	return w.code(err)
}

// code is the error that stands for how a worker ended.
func (w *workerRun) code(err error) error {
	refused := slices.ContainsFunc(w.outcome.Stopped, func(s pipeline.Stopped) bool { return s.Refused })
	is := func(target error) bool { return errors.Is(err, target) }
	switch {
	case is(fleet.ErrGrace), w.signals.hard.Err() != nil:
		return &exitError{exitInterrupted, errors.New("calls in flight were given up: they are asked again by others")}
	case is(fleet.ErrStopped), err == nil && w.signals.first() == os.Interrupt:
		return &exitError{exitInterrupted, errors.New("interrupted; everything that had arrived is saved, and others go on with the rest")}
	case is(fleet.ErrDrained), err == nil && w.signals.soft.Err() != nil:
		w.say(w.c, "drained: everything that had arrived is saved, and what it held is handed back")
		return nil
	case err != nil && !is(fleet.ErrFinished) && !is(fleet.ErrIdle) && !is(fleet.ErrNothingLeft):
		return misconfigured(err)
	case w.outcome.Budget != nil:
		return &exitError{exitBudget, w.outcome.Budget}
	case refused:
		return &exitError{exitRefused, errors.New("a provider refused this worker; mend its environment, or leave the models to others with --models")}
	case len(w.outcome.Stopped) > 0:
		return &exitError{exitPartly, fmt.Errorf("%s: given up by this worker", stoppedNames(w.outcome.Stopped))}
	case w.worker.Failed() > 0:
		return &exitError{exitPartly, fmt.Errorf("%s failed: `openarena failures` says why, and when it is tried again", count(w.worker.Failed(), "item"))}
	}
	return nil
}

// misconfigured makes what is wrong with a published configuration, or the environment that it is read in, a matter of usage.
func misconfigured(err error) error {
	if exitCode(err) != exitFailure || !errors.Is(err, fleet.ErrConfiguration) {
		return err
	}
	return &exitError{exitUsage, err}
}

// address is the schema to work on.
func (w *workerRun) address() (secret.String, error) {
	text := cmp.Or(w.c.String("store"), w.c.String("db"))
	if text == "" {
		cfg, err := w.config(w.c)
		if err != nil || cfg.Store.URL.Empty() {
			return secret.String{}, usage("say which arena: OPENARENA_STORE=postgres://… in the environment, or --store")
		}
		text = cfg.Store.URL.Reveal()
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return secret.String{}, usage("--store: an address such as postgres://user@host/database?search_path=arena is expected")
	}
	if name := w.c.String("run"); name != "" {
		q := u.Query()
		q.Set("search_path", name)
		u.RawQuery = q.Encode()
	}
	return secret.New(u.String()), nil
}

// workerSettings are those of flags.
func workerSettings(c *cli.Context) (*fleet.Worker, error) {
	w := &fleet.Worker{
		Models: commaSeparated(c.StringSlice("models")), Concurrency: c.Int("concurrency"), Generate: true, Judge: true,
		Slice: c.Duration("slice"), Rescue: c.Duration("rescue"), Grace: c.Duration("grace"), Idle: c.Duration("exit-when-idle"),
		StoreTimeout: c.Duration("store-timeout"), Endpoints: map[string]string{},
	}
	if err := checkBeside(c); err != nil {
		return nil, err
	}
	if w.Concurrency < 0 || w.Grace < 0 || w.Idle < 0 {
		return nil, usage("--concurrency, --grace and --exit-when-idle take nothing below 0")
	}
	var err error
	if w.Labels, err = pairs("labels", commaSeparated(c.StringSlice("labels"))); err != nil {
		return nil, err
	}
	w.Endpoints, err = pairs("endpoint", c.StringSlice("endpoint"))
	return w, err
}

// commaSeparated splits at commas.
func commaSeparated(texts []string) (all []string) {
	for _, text := range texts {
		for _, name := range strings.Split(text, ",") {
			if name = strings.TrimSpace(name); name != "" {
				all = append(all, name)
			}
		}
	}
	return all
}

func pairs(flag string, texts []string) (map[string]string, error) {
	m := map[string]string{}
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" || value == "" {
			return nil, usage("--%s: NAME=VALUE is expected", flag)
		}
		m[key] = value
	}
	return m, nil
}

// hostName is what this machine is called, for people.
func hostName() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "unknown"
}

// workerID is unlike that of any other process, and tells people where it is.
func workerID() (id, host string, pid int) {
	host = hostName()
	clean := strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, host[:min(len(host), 50)])
	var lot [4]byte
	rand.Read(lot[:])
	return fmt.Sprintf("%s-%d-%s", clean, os.Getpid(), hex.EncodeToString(lot[:])), host, os.Getpid()
}

// snapshotOf is the whole arena, as a worker knows it.
func (w *work) snapshotOf(of *fleet.Worker) terminal.Snapshot {
	p, ok := of.Progress()
	t := terminal.Snapshot{Elapsed: time.Since(w.started)}
	if !ok {
		t.Message = "waiting for a configuration"
		return t
	}
	t = w.shown(p)
	if text := of.Waiting(); text != "" && t.Message == "" {
		t.Message = text
	}
	return t
}

// observeWorker is observe, of whatever Runner is at work.
func (w *workerRun) observeWorker() error {
	return w.observeOf(func() (p pipeline.Progress, ok bool) {
		if w.worker == nil {
			return p, false
		}
		return w.worker.Progress()
	})
}
