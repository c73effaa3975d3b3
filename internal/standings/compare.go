package standings

import (
	"fmt"

	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// surely is below what chance a change is told as more than chance.
const surely = 0.05

// Compared says in sentences whether what moved is more than chance, what that rests on, and who is in one only.
func Compared(c *rating.Comparison) []string {
	all := []string{verdict(c), prompts(c), "Here: " + What(c.Board), "Other: " + What(c.Other)}
	all = append(all, c.Notes...)
	const most = 12
	if len(c.Only) > 0 {
		all = append(all, fmt.Sprintf("Only here: %s.", rating.Enumerate(c.Only, most)))
	}
	if len(c.OnlyOther) > 0 {
		all = append(all, fmt.Sprintf("Only in the other: %s.", rating.Enumerate(c.OnlyOther, most)))
	}
	return all
}

// verdict is what all changes come to.
func verdict(c *rating.Comparison) string {
	if c.Same() {
		return "Both rest on the same verdicts: nothing has changed."
	}
	var moved []string
	for _, m := range c.Models {
		if m.Holm != nil && *m.Holm < surely {
			moved = append(moved, fmt.Sprintf("%s %s", m.Model, Signed(*m.Change)))
		}
	}
	single := "No single model moved more than chance allows for."
	if len(moved) > 0 {
		single = fmt.Sprintf("More than chance (p by Holm below %g): %s.", surely, rating.Enumerate(moved, 12))
	}
	t := c.Test
	if t.P == nil {
		return single
	}
	text := "Taken together the changes are no more than chance makes them"
	if *t.P < surely {
		text = "Taken together the changes are more than chance"
	}
	return fmt.Sprintf("%s (p %s; Wald %.1f of %s). %s", text, Chance(t.P), *t.Statistic, count(t.Differences, "difference"), single)
}

func prompts(c *rating.Comparison) string {
	p := c.Prompts
	switch {
	case !c.Paired:
		return "A change is the rating here less the other, each from the mean of the models of both."
	case p.Shared == 0:
		return "A change is the rating here less the other, each from the mean of the models of both; no prompt is in both, so that their errors are independent."
	}
	return fmt.Sprintf("A change is the rating here less the other, each from the mean of the models of both; errors allow for the %s of both (%s here only, %s in the other only).",
		count(p.Shared, "prompt"), terminal.Count(int64(p.Only)), terminal.Count(int64(p.OnlyOther)))
}

// Matched reports whether a model goes by another name there, or is known by its name alone.
func Matched(c *rating.Comparison) bool {
	for _, m := range c.Models {
		if m.Model != m.Other || m.Matched != rating.ByIdentity {
			return true
		}
	}
	return false
}

// Chance is a probability for people: three digits, and nothing that looks like certainty.
func Chance(p *float64) string {
	switch {
	case p == nil:
		return "–"
	case *p < 0.001:
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", *p)
}

// Span is an interval of points with their signs.
func Span(lower, upper *float64) string {
	if lower == nil || upper == nil {
		return "–"
	}
	return fmt.Sprintf("%s to %s", Signed(*lower), Signed(*upper))
}

// Overlap says whether two intervals have something in common; nil: one of them is not known.
func Overlap(yes *bool) string {
	switch {
	case yes == nil:
		return "–"
	case *yes:
		return "overlap"
	}
	return "apart"
}
