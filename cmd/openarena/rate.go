package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
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
			"the file's `rating:`, or what the flags say.\n\n  openarena rate --csv > leaderboard.csv\n\n"+battlesDescription, slices.Concat(readCodes, []int{exitUnwritable, exitInterrupted})...),
		Flags: flags(append(ratingFlags(), jsonFlag(),
			&cli.StringFlag{Name: "battles", Usage: "rate the battles of `FILE`, without a database"},
			toggle("csv", "print CSV"),
			toggle("markdown", "print a Markdown table"),
			&cli.StringFlag{Name: "plot", Usage: "draw the ratings and their intervals into `FILE`, an SVG"},
			&cli.StringSliceFlag{Name: "what-if", Usage: "rate as if a judge had another weight, or were not there (0): `JUDGE=WEIGHT` (repeatable)"},
			&cli.StringFlag{Name: "compare", Usage: "what moved beside `OTHER`, a database of this arena or the .yaml of another, and whether it is chance"},
			toggle("progression", "print the Elo ratings after every prompt, as JSON lines (or --csv)"),
		)...),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if form := formats(c); len(form) > 1 {
				return usage("--%s: choose one of them", strings.Join(form, " and --"))
			}
			if err := errors.Join(oneTable(c), checkPlot(c), aloneWith(c, "what-if"), aloneWith(c, "compare")); err != nil {
				return err
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

// oneTable refuses what would be two tables in one output that can hold only one.
func oneTable(c *cli.Context) error {
	for _, other := range []string{"pairs", "matrix", "by", "control", "anchor", "permutations", "plot"} {
		if c.Bool("progression") && c.IsSet(other) {
			return usage("--progression and --%s: choose one of them", other)
		}
	}
	switch {
	case c.Bool("progression") && c.Bool("markdown"):
		return usage("--progression has no --markdown: it prints JSON lines, or --csv")
	case c.Bool("csv") && c.Bool("pairs") && c.Bool("matrix"):
		return usage("--pairs and --matrix: choose one of them, since CSV holds one table")
	case c.Bool("csv") && c.Bool("matrix") && c.String("by") != "":
		return usage("--matrix has no --by as CSV, which holds one table: take --pairs")
	}
	return nil
}

func (e *environment) rate(c *cli.Context) error {
	if c.IsSet("battles") {
		return e.rateFile(c)
	}
	ctx := e.signals.soft
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	if a.Rating, err = ratingSettings(c, a.Rating); err != nil {
		return err
	}
	if path := c.String("plot"); path != "" {
		if err := exportable(a.Config, path); err != nil {
			return err
		}
	}
	switch {
	case c.IsSet("what-if"):
		return e.whatIf(c, a)
	case c.IsSet("compare"):
		return e.compare(c, a)
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
	var models []string
	for _, m := range a.Contestants {
		models = append(models, m.Name)
	}
	return e.printSteps(c, "prompt", models, func(yield func(step, error) bool) {
		for s, err := range steps {
			if !yield(step{s.Prompt, s.Ratings}, err) {
				return
			}
		}
	})
}

// step is the state of Elo ratings at one place.
type step struct {
	at      any
	ratings []float64 // by model
}

// printSteps prints a line per step: where it is, under a title, and a rating for each model.
func (e *environment) printSteps(c *cli.Context, title string, models []string, steps iter.Seq2[step, error]) error {
	t := terminal.Table[step]{Columns: []terminal.Column[step]{
		{Title: title, Show: func(s step) string { return fmt.Sprint(s.at) }},
	}}
	for i, m := range models {
		t.Columns = append(t.Columns, terminal.Column[step]{Title: m,
			Show: func(s step) string { return strconv.FormatFloat(s.ratings[i], 'g', -1, 64) }})
	}
	lines := json.NewEncoder(e.data())
	for s, err := range steps {
		if err != nil {
			return err
		}
		if c.Bool("csv") {
			s.ratings = slices.Clone(s.ratings)
			t.Rows = append(t.Rows, s)
			continue
		}
		named := make(map[string]float64, len(models))
		for i, m := range models {
			named[m] = s.ratings[i]
		}
		if err := lines.Encode(map[string]any{title: s.at, "ratings": named}); err != nil {
			return fmt.Errorf("progression: %w", err)
		}
	}
	if c.Bool("csv") {
		return t.CSV(e.data())
	}
	return nil
}
