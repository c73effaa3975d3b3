package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
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
		return &exitError{exitDamaged, fmt.Errorf("%s is damaged; restore it from a backup, or `openarena store copy` what can be read into another database, and the next run asks for the rest", at)}
	}
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
	s, err := r.(interface {
		Stats(context.Context) (postgres.Stats, error)
	}).Stats(ctx)
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
