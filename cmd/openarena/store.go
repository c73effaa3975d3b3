package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/store"
)

func storeCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "store", Usage: "move a database, and compare two",
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return cli.ShowSubcommandHelp(c)
			}
			return unknownCommand("openarena store", c.Args().First(), c.Command.Subcommands)
		},
		Subcommands: []*cli.Command{
			{
				Name: "copy", Usage: "a whole database into an empty one: from a file to PostgreSQL, and back",
				Description: withCodes("Everything as it is, then compared record by record. One that was stopped or killed is gone on with by the same\n"+
					"command. Nobody may work on either meanwhile.", changeCodes...),
				Flags: flags(jsonFlag(),
					&cli.StringFlag{Name: "from", Usage: "`DATABASE` that is read: a file, or a postgres:// URL"},
					&cli.StringFlag{Name: "to", Usage: "`DATABASE` that is made"}),
				Action: e.storeCopy,
			},
			{
				Name: "verify", Usage: "whether two databases hold the same", ArgsUsage: "A B",
				Description: withCodes("Per bucket the number of records and the sum of the SHA-256 of each, and some of the keys that differ: exit 1 if\n"+
					"any do.", exitUsage, exitNoDatabase, exitDamaged, exitNewer),
				Flags: flags(jsonFlag()), Action: e.storeVerify,
			},
		},
	}
}

func (e *environment) storeCopy(c *cli.Context) (err error) {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.String("from") == "" || c.String("to") == "" {
		return usage("store copy: say --from which database, and --to which")
	}
	from, err := databaseNamed(c.String("from"))
	if err != nil {
		return err
	}
	to, err := databaseNamed(c.String("to"))
	if err != nil {
		return err
	}
	if sameDatabase(from, to) {
		return usage("%s and %s are one database", from, to)
	}
	ctx := e.signals.soft
	open := sources{}
	defer func() { open.close() }()
	if err := open.add(ctx, from); err != nil {
		return e.stopped(err)
	}
	if w, err := to.FindRunning(ctx); err == nil {
		w.Close()
		return &store.LockedError{Path: to.String()}
	}
	target, err := openTarget(ctx, to, "openarena store copy")
	if err != nil {
		return e.stopped(err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if err := e.copying(c, open.snapshots[0], target); err != nil {
		return e.stopped(copyError(from, to, err))
	}
	return e.compareStores(ctx, c, from, to, open.snapshots[0], target)
}

// copyError says which database is meant, and that a target that is no empty one is a mistake in the command.
func copyError(from, to store.Database, err error) error {
	switch {
	case errors.Is(err, store.ErrNotEmpty):
		return usage("%s: %v", to, err)
	case errors.Is(err, store.ErrUnfinished):
		return usage("%s: %v", from, err)
	}
	return err
}

// copying copies, with its progress on the terminal.
func (e *environment) copying(c *cli.Context, from store.Reader, to store.Store) error {
	var now atomic.Pointer[store.Copied]
	stop := e.counting(c, func() terminal.Stage {
		if done := now.Load(); done != nil {
			return terminal.Stage{Name: "copy", Done: done.Records}
		}
		return terminal.Stage{Name: "copy"}
	})
	defer stop()
	done, err := store.Copy(e.signals.soft, from, to, func(done store.Copied) { now.Store(&done) })
	if err == nil && done.Records > 0 {
		e.say(c, "%s copied, %s", count(done.Records, "record"), terminal.Bytes(done.Bytes))
	}
	return err
}

func (e *environment) storeVerify(c *cli.Context) error {
	if c.NArg() != 2 {
		return usage("store verify: name two databases, files or postgres:// URLs")
	}
	ctx := e.signals.soft
	var dbs [2]store.Database
	var frozen [2]store.Snapshot
	for i, text := range c.Args().Slice() {
		db, err := databaseNamed(text)
		if err != nil {
			return err
		}
		r, err := db.OpenReader(ctx)
		if err != nil {
			return naming(db, err)
		}
		defer r.Close()
		if frozen[i], err = r.Snapshot(ctx); err != nil {
			return naming(db, err)
		}
		defer frozen[i].Close()
		dbs[i] = db
	}
	return e.compareStores(ctx, c, dbs[0], dbs[1], frozen[0], frozen[1])
}

// compared is what --json prints.
type compared struct {
	A       string           `json:"a"`
	B       string           `json:"b"`
	Equal   bool             `json:"equal"`
	Buckets []store.Compared `json:"buckets"`
}

// compareStores reads two databases and says where they differ, which is exit 1.
func (e *environment) compareStores(ctx context.Context, c *cli.Context, a, b store.Database, x, y store.Reader) error {
	var read atomic.Int64
	stop := e.counting(c, func() terminal.Stage { return terminal.Stage{Name: "compare: MB", Done: read.Load() / 1e6} })
	all, err := store.Compare(ctx, x, y, read.Store)
	stop()
	if err != nil {
		return e.stopped(err)
	}
	found := compared{a.String(), b.String(), true, all}
	var differ []string
	for _, one := range all {
		if !one.Equal() {
			differ = append(differ, one.Bucket.String())
		}
	}
	found.Equal = len(differ) == 0
	if c.Bool("json") {
		err = printJSON(e.data(), found)
	} else {
		err = e.printCompared(c, found)
	}
	if err == nil && !found.Equal {
		err = fmt.Errorf("%s and %s differ in %s", a, b, strings.Join(differ, ", "))
	}
	return err
}

var bucketColumns = []terminal.Column[store.Compared]{
	{Title: "bucket", Show: func(c store.Compared) string { return c.Bucket.String() }},
	{Title: "A", Align: terminal.Right, Show: func(c store.Compared) string { return terminal.Count(c.A.Records) }},
	{Title: "B", Align: terminal.Right, Show: func(c store.Compared) string { return terminal.Count(c.B.Records) }},
	{Title: "sum of A", Drop: 1, Show: func(c store.Compared) string { return c.A.Sum.String() }},
	{Title: "sum of B", Drop: 1, Show: func(c store.Compared) string { return c.B.Sum.String() }},
	{Title: "", Show: func(c store.Compared) string {
		if c.Equal() {
			return "same"
		}
		return "differs"
	}},
}

func (e *environment) printCompared(c *cli.Context, found compared) error {
	w := &lines{w: e.out}
	w.print("A is %s, B is %s", found.A, found.B)
	w.print("")
	t := terminal.Table[store.Compared]{Columns: bucketColumns, Rows: found.Buckets}
	if w.err == nil {
		w.err = t.Text(e.out, terminal.Columns(e.out), e.palette(c, e.out))
	}
	for _, b := range found.Buckets {
		for _, d := range b.Keys {
			w.print("%s %s: %s", b.Bucket, d.Key, d.How)
		}
		if b.More > 0 {
			w.print("%s: and %d more", b.Bucket, b.More)
		}
	}
	return w.err
}
