package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/store"
)

func (e *environment) dbCheck(c *cli.Context) error {
	at, err := e.database(c)
	if err != nil {
		return err
	}
	path, is := at.(store.File)
	if !is {
		return e.serverCheck(c, at)
	}
	report, err := store.Check(e.signals.soft, string(path))
	live := errors.Is(err, store.ErrLocked)
	if live {
		report, err = survey(e.signals.soft, path)
	}
	if err != nil {
		return err
	}
	if err := e.printReport(c, &report, live); err != nil {
		return err
	}
	if live {
		e.say(c, "checked %s through the running process; pages are not checked while it runs", count(records(&report), "record"))
	}
	if !report.OK() {
		return &exitError{exitDamaged, fmt.Errorf("%s is damaged; `openarena db repair` saves what can be saved, the next run asks for the rest", path)}
	}
	return nil
}

// checked is a report as programs read it.
type checked struct {
	Path    string                       `json:"path"`
	OK      bool                         `json:"ok"`
	Buckets map[store.Bucket]store.Usage `json:"buckets"`
	Bad     []string                     `json:"bad"`             // records, and what is wrong with them
	Lost    []string                     `json:"lost"`            // pages
	Saved   string                       `json:"saved,omitempty"` // where repair left the old file
	Orphans int64                        `json:"orphans"`         // texts that belong to no record
	Live    bool                         `json:"live,omitempty"`  // through the process that has it open: no pages
}

func (e *environment) printReport(c *cli.Context, r *store.Report, live bool) error {
	if c.Bool("json") {
		out := checked{Path: r.Path, OK: r.OK(), Buckets: r.Buckets, Bad: []string{}, Lost: []string{}, Saved: r.Saved, Orphans: r.Orphans, Live: live}
		for _, b := range r.Bad {
			out.Bad = append(out.Bad, b.Error())
		}
		for _, l := range r.Damage {
			out.Lost = append(out.Lost, fmt.Sprint(l))
		}
		return printJSON(e.data(), out)
	}
	w := &lines{w: e.out}
	w.buckets(r.Buckets)
	for _, b := range r.Bad {
		w.print("bad: %v", b)
	}
	for _, l := range r.Damage {
		w.print("lost: %v", l)
	}
	if r.Orphans > 0 {
		w.print("%s without a record: a bad one was replaced, or the disk has lost a write", count(r.Orphans, "text"))
	}
	if r.OK() {
		w.print("every record is well")
	}
	return w.err
}

// buckets prints lines of columns, which count as they are.
func (l *lines) buckets(of map[store.Bucket]store.Usage) {
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		l.print("%-10s %12s records  %10s", bk, terminal.Count(of[bk].Records), terminal.Bytes(of[bk].Bytes))
	}
}

func (e *environment) dbStats(c *cli.Context) error {
	at, err := e.database(c)
	if err != nil {
		return err
	}
	path, is := at.(store.File)
	if !is {
		return e.serverStats(c, at)
	}
	s, err := store.StatsOf(e.signals.soft, string(path))
	if errors.Is(err, store.ErrLocked) {
		return e.liveStats(c, path)
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), s)
	}
	w := &lines{w: e.out}
	w.print("%s: %s, %s free", s.Path, terminal.Bytes(s.Size), terminal.Bytes(s.FreePages*s.PageSize))
	w.buckets(s.Buckets)
	return w.err
}
