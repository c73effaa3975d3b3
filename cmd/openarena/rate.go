package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

func rateCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "rate", Usage: "rate the models from the stored verdicts",
		Description: withCodes("It calls no model and changes nothing; it works while a run is active. How battles become ratings is\n"+
			"the file's `rating:`.\n\n  openarena rate --csv > leaderboard.csv", readCodes...),
		Flags: flags(append(ratingFlags(), jsonFlag(),
			toggle("csv", "print CSV"),
			toggle("markdown", "print a Markdown table"),
			toggle("progression", "print the Elo ratings after every prompt, as JSON lines (or --csv)"),
		)...),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if form := formats(c); len(form) > 1 {
				return usage("--%s: choose one of them", strings.Join(form, " and --"))
			}
			if c.Bool("progression") && c.Bool("markdown") {
				return usage("--progression has no --markdown: it prints JSON lines, or --csv")
			}
			return e.rate(c)
		},
	}
}

// formats are those that were asked for.
func formats(c *cli.Context) (names []string) {
	for _, name := range []string{"json", "csv", "markdown"} {
		if c.Bool(name) {
			names = append(names, name)
		}
	}
	return names
}

func (e *environment) rate(c *cli.Context) error {
	ctx := e.signals.soft
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	if a.Rating, err = ratingSettings(c, a.Rating); err != nil {
		return err
	}
	r, err := e.read(ctx, a, false)
	if err != nil {
		return err
	}
	defer r.close()
	if c.Bool("progression") {
		return e.progression(c, a, r)
	}
	board, err := a.Rate(ctx, r.reader)
	if err != nil {
		return err
	}
	if err := anchored(board, a.Rating.Anchor); err != nil {
		return err
	}
	return e.showBoard(c, board)
}

// progression prints one line per prompt: its hash, then a rating for each model.
func (e *environment) progression(c *cli.Context, a *pipeline.Arena, r *reading) error {
	steps, err := a.Progression(e.signals.soft, r.reader)
	if err != nil {
		return err
	}
	t := terminal.Table[pipeline.Step]{Columns: []terminal.Column[pipeline.Step]{
		{Title: "prompt", Show: func(s pipeline.Step) string { return s.Prompt }},
	}}
	for i, m := range a.Contestants {
		t.Columns = append(t.Columns, terminal.Column[pipeline.Step]{Title: m.Name,
			Show: func(s pipeline.Step) string { return strconv.FormatFloat(s.Ratings[i], 'g', -1, 64) }})
	}
	lines := json.NewEncoder(e.data())
	for step, err := range steps {
		if err != nil {
			return err
		}
		if c.Bool("csv") {
			step.Ratings = append([]float64(nil), step.Ratings...)
			t.Rows = append(t.Rows, step)
			continue
		}
		named := make(map[string]float64, len(a.Contestants))
		for i, m := range a.Contestants {
			named[m.Name] = step.Ratings[i]
		}
		if err := lines.Encode(map[string]any{"prompt": step.Prompt, "ratings": named}); err != nil {
			return fmt.Errorf("progression: %w", err)
		}
	}
	if c.Bool("csv") {
		return t.CSV(e.data())
	}
	return nil
}
