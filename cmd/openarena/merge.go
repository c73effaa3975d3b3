package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
)

const mergeDescription = `Takes the databases of shards, rescue files of workers and whole databases of one arena; each is a file or a
postgres:// URL. Of different texts under the same key the first stays, in the order given, and what the target has
is before all; judgments of the others are kept and not counted. It may be stopped and repeated at any moment, with
more databases, too: nothing is there twice and no call counts twice. ` + "`openarena run`" + ` writes the exports then.`

func mergeCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "merge", Usage: "many databases of one arena into one", ArgsUsage: "DATABASE...",
		Description: withCodes(mergeDescription, changeCodes...),
		Flags: flags(jsonFlag(),
			&cli.StringFlag{Name: "to", Usage: "`DATABASE` that they are merged into, made if need be (default: as the arena says)"}),
		Action: e.merge,
	}
}

func (e *environment) merge(c *cli.Context) (err error) {
	if c.NArg() == 0 {
		return usage("merge: name the databases to be merged, as in `openarena merge arena.shard-*.db --to arena.db`")
	}
	ctx := e.signals.soft
	to, err := e.mergeTarget(c)
	if err != nil {
		return err
	}
	var names []store.Database
	for _, text := range c.Args().Slice() {
		db, err := databaseNamed(text)
		if err != nil {
			return err
		}
		names = append(names, db)
	}
	if err := distinct(to, names); err != nil {
		return err
	}
	open := sources{}
	defer func() { open.close() }()
	for _, db := range names {
		if err := open.add(ctx, db); err != nil {
			return e.stopped(err)
		}
	}
	target, err := openTarget(ctx, to, "openarena merge")
	if err != nil {
		return e.stopped(err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	report, err := e.merging(c, target, open.merged())
	if errors.Is(err, pipeline.ErrOtherArena) || errors.Is(err, store.ErrUnfinished) {
		return &exitError{exitUsage, err}
	}
	if err != nil {
		return e.stopped(err)
	}
	if c.Bool("json") {
		return printJSON(e.data(), report)
	}
	return e.printMerged(c, to, report)
}

// mergeTarget is what --to names, else the arena's database.
func (e *environment) mergeTarget(c *cli.Context) (store.Database, error) {
	if c.IsSet("to") {
		return databaseNamed(c.String("to"))
	}
	cfg, err := e.config(c)
	if err != nil {
		return nil, err
	}
	return databaseOf(cfg), nil
}

// databaseNamed is the database that an argument names: a file or a URL.
func databaseNamed(text string) (store.Database, error) {
	if text == "" {
		return nil, usage("the name of a database is empty: give a file or a postgres:// URL")
	}
	place, err := placeOf(text)
	return databaseOf(&configs.Config{Store: place}), err
}

// openTarget opens a database to be written to.
func openTarget(ctx context.Context, to store.Database, command string) (store.Store, error) {
	if f, is := to.(store.File); is {
		if err := folderOf(string(f)); err != nil {
			return nil, err
		}
	}
	return to.Open(ctx, store.Options{Command: command, Bulk: true})
}

// distinct refuses a database that is named twice.
func distinct(to store.Database, names []store.Database) error {
	all := append([]store.Database{to}, names...)
	for i, a := range all {
		for j, b := range all[:i] {
			switch {
			case !sameDatabase(a, b):
			case j == 0:
				return usage("%s is the target and is to be merged into it, too: leave it out of one of them", a)
			default:
				return usage("%s and %s are one database: name it once", b, a)
			}
		}
	}
	return nil
}

func sameDatabase(a, b store.Database) bool {
	x, isX := a.(store.File)
	y, isY := b.(store.File)
	if !isX || !isY {
		return isX == isY && a.String() == b.String()
	}
	there, err := os.Stat(string(x))
	here, err2 := os.Stat(string(y))
	return x == y || err == nil && err2 == nil && os.SameFile(there, here)
}

// sources are databases that are read while nobody works on them.
type sources struct {
	names     []string
	readers   []store.ReadStore
	snapshots []store.Snapshot
}

// add opens one more. One that a run or workers write to is an error of store.ErrLocked.
func (s *sources) add(ctx context.Context, db store.Database) error {
	if at, is := db.(*server); is { // which tells who works there
		if err := at.unattended(ctx); err != nil {
			return naming(db, err)
		}
	}
	if w, err := db.FindRunning(ctx); err == nil {
		w.Close()
		return &store.LockedError{Path: db.String()}
	}
	r, err := db.OpenReader(ctx)
	if err != nil {
		return naming(db, err)
	}
	s.readers = append(s.readers, r)
	if r.Live() {
		return &store.LockedError{Path: db.String()}
	}
	frozen, err := r.Snapshot(ctx)
	if err != nil {
		return naming(db, err)
	}
	s.names, s.snapshots = append(s.names, db.String()), append(s.snapshots, frozen)
	return nil
}

// naming says in which database something went wrong, unless the error does.
func naming(db store.Database, err error) error {
	if strings.Contains(err.Error(), db.String()) {
		return err
	}
	return fmt.Errorf("%s: %w", db, err)
}

func (s *sources) merged() (all []pipeline.MergeSource) {
	for i, r := range s.snapshots {
		all = append(all, pipeline.MergeSource{Name: s.names[i], Reader: r})
	}
	return all
}

func (s *sources) close() {
	for _, one := range s.snapshots {
		one.Close()
	}
	for _, one := range s.readers {
		one.Close()
	}
}

// merging merges, with its progress on the terminal.
func (e *environment) merging(c *cli.Context, to store.Store, from []pipeline.MergeSource) (*pipeline.Merged, error) {
	var now atomic.Pointer[pipeline.MergedSource]
	stop := e.counting(c, func() terminal.Stage {
		s := now.Load()
		if s == nil {
			return terminal.Stage{Name: "merge"}
		}
		return terminal.Stage{Name: "merge " + s.Name, Done: s.Records}
	})
	defer stop()
	return pipeline.Merge(e.signals.soft, to, from, func(s pipeline.MergedSource) { now.Store(&s) })
}

// counting shows a count on the terminal until stop is called.
func (e *environment) counting(c *cli.Context, stage func() terminal.Stage) (stop func()) {
	began := time.Now()
	p := terminal.NewProgress(e.err, terminal.Options{
		Color: terminal.Color(e.err, c.Bool("no-color")), Quiet: c.Bool("quiet") || !terminal.IsTerminal(e.err),
	})
	p.Start(e.signals.hard, func() terminal.Snapshot {
		return terminal.Snapshot{Elapsed: time.Since(began), Stages: []terminal.Stage{stage()}}
	})
	return p.Stop
}

// stopped says of work that a signal ended how it goes on.
func (e *environment) stopped(err error) error {
	if e.signals.soft.Err() == nil {
		return err
	}
	args := slices.Clone(os.Args)
	for i, arg := range args[1:] {
		name, value, flag := strings.Cut(arg, "=")
		if configs.IsStoreURL(arg) {
			args[i+1] = "URL"
		} else if flag && configs.IsStoreURL(value) {
			args[i+1] = name + "=URL"
		}
	}
	return &exitError{exitInterrupted, fmt.Errorf("interrupted; what was brought over is kept. Go on with: %s", typed(args...))}
}

var mergedColumns = []terminal.Column[pipeline.MergedBucket]{
	{Title: "records", Show: func(b pipeline.MergedBucket) string { return b.Bucket.String() }},
	{Title: "copied", Align: terminal.Right, Show: func(b pipeline.MergedBucket) string { return terminal.Count(b.Copied) }},
	{Title: "already there", Align: terminal.Right, Show: func(b pipeline.MergedBucket) string { return terminal.Count(b.There) }},
	{Title: "others there", Align: terminal.Right, Show: func(b pipeline.MergedBucket) string { return terminal.Count(b.Conflicts) }},
}

func (e *environment) printMerged(c *cli.Context, to store.Database, m *pipeline.Merged) error {
	t := terminal.Table[pipeline.MergedBucket]{Columns: mergedColumns, Rows: m.Buckets}
	if err := t.Text(e.out, terminal.Columns(e.out), e.palette(c, e.out)); err != nil {
		return err
	}
	w := &lines{w: e.out}
	if n := conflicts(m); n > 0 {
		w.print("%s: another one was there under the same key, which stays", count(n, "record"))
	}
	if m.Uncounted > 0 {
		w.print("%s of texts that did not stay: kept, not counted", count(m.Uncounted, "judgment"))
	}
	if m.Settled > 0 {
		w.print("%s dropped: another database has what they are about", count(m.Settled, "failure"))
	}
	for _, n := range m.Notes {
		if w.err == nil {
			w.err = paragraph(e.out, n)
		}
	}
	e.say(c, "%s merged into %s; `openarena run` there writes the exports", count(len(m.Sources), "database"), to)
	return w.err
}

func conflicts(m *pipeline.Merged) (n int64) {
	for _, b := range m.Buckets {
		n += b.Conflicts
	}
	return n
}
