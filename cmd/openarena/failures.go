package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

func failuresCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "failures", Usage: "what failed and why",
		Description: withCodes("Temporary failures are tried again by the next run. --retry puts the permanent ones back too.", changeCodes...),
		Flags: flags(
			toggle("json", "print JSON lines"),
			toggle("retry", "have the next run try them again"),
			&cli.StringFlag{Name: "reason", Usage: "only those with this `REASON`"},
		),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			a, err := e.arena(c, pipeline.Trial{})
			if err != nil {
				return err
			}
			if c.Bool("retry") {
				return e.retry(c, a)
			}
			return e.failures(c, a)
		},
	}
}

func (e *environment) retry(c *cli.Context, a *pipeline.Arena) (err error) {
	ctx := e.signals.hard
	db, err := e.existing(ctx, a, "openarena failures --retry")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := a.Sync(ctx, db); err != nil { // what is wanted, and so is a failure, lies in files
		return notThere(err)
	}
	n, err := a.Retry(ctx, db, c.String("reason"))
	if err == nil && n > 0 {
		err = anew(ctx, db, "failures --retry")
	}
	if err != nil {
		return err
	}
	if n == 0 {
		e.say(c, "%s: there is nothing to put back", nothingFailed(c))
		return nil
	}
	e.say(c, "%s will be asked for again by the next `openarena run`", count(n, "item"))
	return nil
}

func (e *environment) failures(c *cli.Context, a *pipeline.Arena) error {
	r, err := e.read(e.signals.soft, a, false)
	if err != nil {
		return err
	}
	defer r.close()
	all := withReason(a.Failures(e.signals.soft, r.reader), c.String("reason"))
	if c.Bool("json") {
		lines := json.NewEncoder(e.data())
		for f, err := range all {
			if err == nil {
				err = lines.Encode(f)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	first, more, err := listed(all)
	if err != nil {
		return err
	}
	if len(first) == 0 {
		e.say(c, "%s", nothingFailed(c))
		return e.sayLastStopped(c, r)
	}
	table := terminal.Table[pipeline.Failure]{Columns: failureColumns, Rows: first}
	if err := table.Text(e.out, terminal.Columns(e.out), e.palette(c, e.out)); err != nil {
		return err
	}
	if more > 0 {
		e.say(c, "not shown: %s more; --json prints all, --reason chooses", count(more, "failure"))
	}
	return e.sayLastStopped(c, r)
}

// nothingFailed says that no failure was found where it was looked for.
func nothingFailed(c *cli.Context) string {
	if reason := c.String("reason"); reason != "" {
		return fmt.Sprintf("no item failed with the reason %q", reason)
	}
	return "no item failed"
}

// sayLastStopped tells of models that the last run gave up on: what they were not asked is missing, not failed.
func (e *environment) sayLastStopped(c *cli.Context, r *reading) error {
	stopped, err := pipeline.LastStopped(e.signals.soft, r.reader)
	for _, s := range stopped {
		e.say(c, "%s", s)
	}
	return err
}

// withReason leaves out failures with another reason; "" leaves out none.
func withReason(all iter.Seq2[pipeline.Failure, error], reason string) iter.Seq2[pipeline.Failure, error] {
	return func(yield func(pipeline.Failure, error) bool) {
		for f, err := range all {
			if err == nil && reason != "" && f.Reason != reason {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// mostListed bounds the table: its columns are as wide as the widest cell, so that it has to be held as a whole.
const mostListed = 1000

// listed returns the first failures, and how many there are beside them.
func listed(all iter.Seq2[pipeline.Failure, error]) (first []pipeline.Failure, more int, err error) {
	for f, err := range all {
		switch {
		case err != nil:
			return nil, 0, err
		case len(first) < mostListed:
			first = append(first, f)
		default:
			more++
		}
	}
	return first, more, nil
}

var failureColumns = []terminal.Column[pipeline.Failure]{
	{Title: "stage", Drop: 2, Show: func(f pipeline.Failure) string { return f.Stage }},
	{Title: "prompt", Show: func(f pipeline.Failure) string { return f.Prompt[:12] }},
	{Title: "model", Flex: true, Show: func(f pipeline.Failure) string { return f.Model }},
	{Title: "battle", Flex: true, Drop: 3, Show: func(f pipeline.Failure) string { return f.Battle }},
	{Title: "again", Drop: 1, Show: func(f pipeline.Failure) string {
		if f.Permanent {
			return "--retry"
		}
		return "next run"
	}},
	{Title: "reason", Show: func(f pipeline.Failure) string { return f.Reason }},
	{Title: "what happened", Flex: true, Show: func(f pipeline.Failure) string { return f.Message }},
}
