package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"openarena/pipeline"
)

func redoCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "redo", Usage: "ask again for chosen answers or judgments",
		Description: withCodes("The old ones are kept in the database, but not counted any more. The next run asks again.\n\n"+
			"  openarena redo --model Mistral              all its answers, and with them their battles\n"+
			"  openarena redo --prompt 3f9a --judge main   what this judge said of this prompt", changeCodes...),
		Flags: flags(
			&cli.StringFlag{Name: "model", Usage: "answers of the model called `NAME`; with --judge its battles"},
			&cli.StringFlag{Name: "prompt", Usage: "only this prompt: the beginning of its `HASH`"},
			&cli.StringFlag{Name: "judge", Usage: "judgments of the judge called `NAME`, not answers"},
		),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return e.redo(c)
		},
	}
}

func (e *environment) redo(c *cli.Context) (err error) {
	ctx := e.signals.hard
	prompt, err := chosenPrompt(c.String("prompt"))
	if err != nil {
		return err
	}
	sel := pipeline.Selection{Model: c.String("model"), Judge: c.String("judge"), Prompt: prompt}
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	if err := a.CheckSelection(sel); err != nil {
		return &exitError{exitUsage, err}
	}
	db, err := e.unattended(ctx, a, "openarena redo")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	n, err := a.Redo(ctx, db, sel)
	if err == nil && n > 0 {
		err = anew(ctx, db, "redo")
	}
	if err != nil {
		return err
	}
	what := "answer"
	if sel.Judge != "" {
		what = "judgment"
	}
	if n == 0 {
		e.say(c, "there was no %s to take back", what)
		return nil
	}
	e.say(c, "%s taken back; `openarena run` asks again", count(n, what))
	return nil
}
