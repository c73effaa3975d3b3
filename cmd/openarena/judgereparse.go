package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

// judgeReparse reads all stored replies of the judges once more.
func (e *environment) judgeReparse(c *cli.Context) (err error) {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.IsSet("limit") || c.IsSet("model") || c.IsSet("dataset") || c.IsSet("reuse") {
		return usage("judge --reparse reads all replies: --limit, --model, --dataset and --reuse do not go with it")
	}
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	ctx := e.signals.soft
	db, err := e.existing(ctx, a, "openarena judge --reparse")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := a.Sync(ctx, db); err != nil {
		return notThere(err)
	}
	report, err := a.Reparse(ctx, db)
	if err != nil && ctx.Err() != nil {
		return &exitError{exitInterrupted, errors.New("interrupted; what was read is saved, and the same command reads all again")}
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), report)
	}
	return e.printReparsed(c, report)
}

// rereading is a line of the report.
type rereading struct {
	judge string
	pipeline.Change
}

func (e *environment) printReparsed(c *cli.Context, report []pipeline.Reparsed) error {
	t := terminal.Table[rereading]{Columns: []terminal.Column[rereading]{
		{Title: "judge", Bold: true, Show: func(r rereading) string { return r.judge }},
		{Title: "from", Show: func(r rereading) string { return r.From }},
		{Title: "to", Show: func(r rereading) string { return r.To }},
		{Title: "verdicts", Align: terminal.Right, Show: func(r rereading) string { return terminal.Count(int64(r.Count)) }},
		{Title: "such as", Flex: true, Show: func(r rereading) string { return r.Examples[0] }},
	}}
	for _, one := range report {
		for _, change := range one.Changes {
			t.Rows = append(t.Rows, rereading{one.Judge, change})
		}
	}
	if len(t.Rows) > 0 {
		if err := t.Text(e.out, terminal.Columns(e.out), e.palette(c, e.out)); err != nil {
			return err
		}
	}
	w := &lines{w: e.out}
	for _, one := range report {
		w.print("%s: read %s once more, %s changed", one.Judge, count(one.Read, "verdict"), terminal.Count(int64(one.Changed)))
	}
	return w.err
}
