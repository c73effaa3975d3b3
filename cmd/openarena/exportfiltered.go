package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/spelling"
	"openarena/pipeline"
	"openarena/pipeline/export"
)

// knownModel refuses the name of a model that is no contestant.
func knownModel(a *pipeline.Arena, name string) error {
	var names []string
	for _, m := range a.Contestants {
		names = append(names, m.Name)
	}
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	return usage("--model: there is no model %q%s", name, cmp.Or(spelling.Hint(name, names), "; there are "+strings.Join(names, ", ")))
}

// beside writes what the trainer needs beside a file, and says how the file is loaded.
func (e *environment) beside(c *cli.Context, path string, o export.Options) error {
	names, err := export.WriteBeside(path, o)
	if err != nil {
		return fmt.Errorf("export: %w", unwritable(err))
	}
	for _, name := range names {
		e.say(c, "wrote %s, which %s needs", name, o.For)
	}
	if line := export.LoadingLine(path, o); line != "" {
		e.say(c, "to load it: %s", line)
	}
	if caution := export.Caution(o); caution != "" {
		e.say(c, "warning: %s", caution)
	}
	return nil
}

// wrote says what was written, and what was not.
func (e *environment) wrote(c *cli.Context, path string, o export.Options, s export.Summary) {
	e.say(c, "wrote %s (%s, %s)", path, o.Type, count(s.Rows-s.EvalRows, "row"))
	if o.EvalSplit > 0 {
		e.say(c, "wrote %s (%s, %s)", export.EvalPath(path), o.Type, count(s.EvalRows, "row"))
		e.oneSided(c, path, s)
	}
	e.tellFiltered(c, s)
}

// oneSided warns where all rows fell into one of two files: prompts fall by their hashes, and few of them fall unevenly.
func (e *environment) oneSided(c *cli.Context, path string, s export.Summary) {
	const advice = "warning: %s has no row, which some trainers refuse: with so few prompts choose a %s --eval-split"
	switch {
	case s.Rows > 0 && s.EvalRows == 0:
		e.say(c, advice, export.EvalPath(path), "larger")
	case s.Rows > 0 && s.EvalRows == s.Rows:
		e.say(c, advice, path, "smaller")
	}
}

// tellFiltered says what became of the rows that are not there, and what a trainer may learn from those that are.
func (e *environment) tellFiltered(c *cli.Context, s export.Summary) {
	if left := s.Filtered(); left != "" {
		e.say(c, "%s of %s", left, count(s.Candidates, "candidate"))
	}
	if s.Pairs && s.Rows > 0 {
		e.say(c, "the chosen answer is the longer one in %.0f %% of the pairs", 100*float64(s.LongerChosen)/float64(s.Rows))
	}
}
