package main

import (
	"cmp"
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

// tellFiltered says what became of the rows that are not there, and what a trainer may learn from those that are.
func (e *environment) tellFiltered(c *cli.Context, s export.Summary) {
	if left := s.Filtered(); left != "" {
		e.say(c, "%s of %s", left, count(s.Candidates, "candidate"))
	}
	if s.Pairs && s.Rows > 0 {
		e.say(c, "the chosen answer is the longer one in %.0f %% of the pairs", 100*float64(s.LongerChosen)/float64(s.Rows))
	}
}
