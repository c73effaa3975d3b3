package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"openarena/pipeline/battlefile"
	"openarena/pipeline/rating"
)

const battlesDescription = `With --battles it rates battles from anywhere, and needs neither arena nor database. FILE is JSON Lines or CSV,
also .gz or .zst, "-" is standard input. A line names model_a, model_b, and winner (a, b or tie) or p_a (points of
model_a, 0 to 1); and where there are any weight, prompt, judge, dataset, category, len_a and len_b, and
shown_first (a, which is usual, or b). Other fields are ignored. It also reads what
openarena export --type battles writes.

  openarena rate --battles votes.jsonl --interval sandwich`

// rateFile rates the battles of a file.
func (e *environment) rateFile(c *cli.Context) error {
	for _, name := range []string{"config", "db"} {
		if c.IsSet(name) {
			return usage("--battles needs no arena: leave out --%s", name)
		}
	}
	if c.String("battles") == "" {
		return usage("--battles: give a file, or - for standard input")
	}
	s, err := ratingSettings(c, rating.Default())
	if err != nil {
		return err
	}
	f, err := e.openBattles(c.String("battles"))
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer f.Close()
	if c.Bool("progression") {
		ballots, err := f.Collect(e.signals.soft, s)
		if err != nil {
			return e.unread(err)
		}
		return e.printSteps(c, "battles", f.Models(), func(yield func(step, error) bool) {
			for p, err := range ballots.All.Progression() {
				if !yield(step{p.Battles, p.Ratings}, err) {
					return
				}
			}
		})
	}
	board, err := f.Rate(e.signals.soft, s)
	if err != nil {
		return e.unread(err)
	}
	if err := anchored(board, s.Anchor); err != nil {
		return err
	}
	return e.showBoard(c, board)
}

func (e *environment) openBattles(name string) (*battlefile.File, error) {
	if name == "-" {
		return battlefile.New("standard input", interruptible{e.signals.soft, e.in}), nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() { // such as a pipe
		return battlefile.New(name, interruptible{e.signals.soft, &late{name: name}}), nil
	}
	return battlefile.Open(name)
}

// unread is an error of a file that cannot be used, unless it was a signal.
func (e *environment) unread(err error) error {
	if e.signals.soft.Err() != nil {
		return err
	}
	return &exitError{exitUsage, err}
}
