package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/store"
	"openarena/store/postgres"
)

// serverCheck verifies the checksum of every record that a server keeps; its pages are its own matter.
func (e *environment) serverCheck(c *cli.Context, at store.Database) error {
	report, err := survey(e.signals.soft, at)
	if err != nil {
		return err
	}
	if err := e.printReport(c, &report, true); err != nil {
		return err
	}
	e.say(c, "checked %s; the server's own pages are checked by its pg_amcheck and by data checksums (initdb --data-checksums)", count(records(&report), "record"))
	if !report.OK() {
		return &exitError{exitDamaged, fmt.Errorf("%s is damaged; `openarena db repair` removes what is bad, and the next run asks for it again", at)}
	}
	return nil
}

// serverRepair removes the records whose checksums do not hold, and has the next run see what is missing.
func (e *environment) serverRepair(c *cli.Context, at store.Database) (err error) {
	ctx := e.signals.soft
	if err := at.(*server).unattended(ctx); err != nil {
		return err
	}
	s, err := at.Open(ctx, store.Options{Command: "openarena db repair"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	report, err := s.(*postgres.DB).Repair(ctx)
	if err != nil {
		return err
	}
	if _, err = pipeline.Mend(ctx, s); err == nil {
		err = anew(ctx, s, "db repair")
	}
	if err != nil {
		return err
	}
	if report.OK() {
		e.say(c, "every record is well, and nothing was changed")
		return nil
	}
	e.say(c, "%s removed; `openarena run` asks again for what was lost", count(report.BadCount, "bad record"))
	return nil
}

// serverStats is what takes the space on a server. Nothing is counted: the server's own estimates are told.
func (e *environment) serverStats(c *cli.Context, at store.Database) error {
	ctx := e.signals.soft
	r, err := at.OpenReader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	s, err := r.(*serverReader).Sizes(ctx)
	if err != nil {
		return err
	}
	s.Path = at.String()
	if c.Bool("json") {
		return printJSON(e.data(), s)
	}
	w := &lines{w: e.out}
	w.print("%s: %s, indexes and the tables of workers included", s.Path, terminal.Bytes(s.Size))
	w.buckets(s.Buckets)
	w.print("%-10s %12s          %10s", "workers", "", terminal.Bytes(s.Workers))
	e.say(c, "records are the server's estimates, which its ANALYZE renews; bytes are those on its disk")
	return w.err
}
