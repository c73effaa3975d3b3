package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
)

func dbCommand(e *environment) *cli.Command {
	sub := func(name, purpose, more string, codes []int, own []cli.Flag, act func(*cli.Context) error) *cli.Command {
		return &cli.Command{Name: name, Usage: purpose, Description: withCodes(more, codes...), Flags: flags(own...), Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return act(c)
		}}
	}
	return &cli.Command{
		Name: "db", Usage: "care for the database",
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return cli.ShowSubcommandHelp(c)
			}
			return unknownCommand("openarena db", c.Args().First(), c.Command.Subcommands)
		},
		Subcommands: []*cli.Command{
			sub("check", "verify every page and every record's checksum",
				"While a run is active it verifies the records through it, and no pages.", readCodes, []cli.Flag{jsonFlag()}, e.dbCheck),
			sub("stats", "what takes the space", "", readCodes, []cli.Flag{jsonFlag()}, e.dbStats),
			sub("dump", "everything as JSON lines, in one order",
				"Texts inline, no times, no ids: two databases with the same dump hold the same work.", readCodes, nil, e.dbDump),
			sub("compact", "give freed space back", "", changeCodes, nil, e.dbCompact),
			sub("repair", "save what can be saved into a new file", "The damaged file is kept beside it.", changeCodes, nil, e.dbRepair),
			sub("prune", "remove what the file does not want any more",
				"Answers and judgments of models, prompts and settings that left the file, and what `redo` took back.\n"+
					"Without --yes it only counts, which works while a run is active, too.", changeCodes, []cli.Flag{jsonFlag(), toggle("yes", "do it")}, e.dbPrune),
		},
	}
}

func (e *environment) dbDump(c *cli.Context) error {
	at, err := e.database(c)
	if err != nil {
		return err
	}
	ctx := e.signals.soft
	db, err := at.OpenReader(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	snapshot, err := db.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	out := bufio.NewWriterSize(e.data(), 1<<16)
	if err := pipeline.Dump(ctx, out, snapshot); err != nil {
		return err
	}
	return out.Flush()
}

func (e *environment) dbCompact(c *cli.Context) error {
	path, err := e.databaseFile(c, "PostgreSQL gives freed space back by itself (autovacuum); VACUUM FULL gives it back to the disk")
	if err != nil {
		return err
	}
	before, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := store.Compact(e.signals.soft, path); err != nil {
		return err
	}
	after, err := os.Stat(path)
	if err != nil {
		return err
	}
	e.say(c, "%s: %s, before %s", path, terminal.Bytes(after.Size()), terminal.Bytes(before.Size()))
	return nil
}

func (e *environment) dbRepair(c *cli.Context) error {
	at, err := e.database(c)
	if err != nil {
		return err
	}
	file, is := at.(store.File)
	if !is {
		return e.serverRepair(c, at)
	}
	path := string(file)
	report, err := store.Repair(e.signals.soft, path)
	if errors.Is(err, store.ErrDamaged) { // its own advice is to repair
		return &exitError{exitDamaged, fmt.Errorf("%s: too much is gone, nothing can be saved and nothing was changed; move the file away, "+
			"and `openarena run` begins anew", path)}
	}
	if err != nil {
		return err
	}
	if err := e.mend(path); err != nil {
		return err
	}
	if err := e.printReport(c, &report, false); err != nil {
		return err
	}
	if report.OK() {
		e.say(c, "nothing was lost; the old file is %s", report.Saved)
		return nil
	}
	e.say(c, "the old file is %s; `openarena run` asks again for what was lost", report.Saved)
	return nil
}

// mend has the next run see what is missing. It follows on every repair: an earlier one may have died before it.
func (e *environment) mend(path string) (err error) {
	db, err := store.Open(e.signals.soft, path, store.Options{Command: "openarena db repair"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = pipeline.Mend(e.signals.soft, db)
	return err
}

func (e *environment) dbPrune(c *cli.Context) error {
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	if !c.Bool("yes") {
		return e.countPruned(c, a)
	}
	ctx := e.signals.soft
	db, err := e.unattended(ctx, a, "openarena db prune")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := a.Sync(ctx, db); err != nil {
		return notThere(err)
	}
	n, err := a.Prune(ctx, db, false)
	if err == nil {
		err = anew(ctx, db, "db prune")
	}
	if err != nil {
		return err
	}
	return e.printPruned(c, n)
}

// countPruned changes nothing and works while a run is active.
func (e *environment) countPruned(c *cli.Context, a *pipeline.Arena) error {
	ctx := e.signals.soft
	r, err := e.read(ctx, a, false)
	if err != nil {
		return err
	}
	defer r.close()
	n, err := a.PruneCount(ctx, r.reader)
	if err != nil {
		return err
	}
	return e.printPruned(c, n)
}

func (e *environment) printPruned(c *cli.Context, n pipeline.Pruned) error {
	if c.Bool("json") {
		return printJSON(e.data(), n)
	}
	w := &lines{w: e.out}
	for _, l := range []struct {
		n    int
		noun string
	}{
		{n.Prompts, "prompt"}, {n.Answers, "answer"}, {n.Judgments, "judgment"}, {n.Verdicts, "verdict"},
		{n.Failures, "failure"}, {n.Retired, "retired record"}, {n.Listings, "dataset record"},
	} {
		if l.n > 0 {
			w.print("%s", count(l.n, l.noun))
		}
	}
	switch {
	case n == (pipeline.Pruned{}):
		e.say(c, "there is nothing to remove")
	case c.Bool("yes"):
		e.say(c, "removed; `openarena db compact` gives the space back")
	default:
		e.say(c, "nothing was removed yet; say --yes to remove this")
	}
	return w.err
}
