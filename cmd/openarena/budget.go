package main

import (
	"strings"
	"time"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

// budgetLeft says how much of a budget is left; "" without one.
func budgetLeft(lines []pipeline.BudgetLine) string {
	var parts []string
	for _, l := range lines {
		show, unit := budgetUnit(l.What)
		parts = append(parts, show(l.Left)+" of "+show(l.Limit)+unit)
	}
	if len(parts) == 0 {
		return ""
	}
	return "budget left: " + strings.Join(parts, ", ")
}

// budgetUnit is how amounts of a limit are shown, and of what they are.
func budgetUnit(what string) (show func(float64) string, unit string) {
	switch what {
	case "cost_usd":
		return func(v float64) string { return terminal.Money(&v) }, ""
	case "tokens":
		return func(v float64) string { return terminal.Tokens(int64(v)) }, " tokens"
	case "seconds":
		return func(v float64) string {
			return terminal.Duration(time.Duration(v * float64(time.Second)).Truncate(time.Second))
		}, ""
	}
	return func(v float64) string { return terminal.Count(int64(v)) }, " " + what
}

// budgetSuffices says whether a budget lasts for what is planned; "" without one.
func budgetSuffices(p *pipeline.Plan) string {
	text := budgetLeft(p.Budget)
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:] + "."
	var short, maybe []string
	for _, l := range p.Budget {
		need := planned(p.Total, l.What)
		show, unit := budgetUnit(l.What)
		switch {
		case need == nil:
		case need.Low > l.Left:
			short = append(short, show(need.Low)+unit)
		case need.High > l.Left:
			maybe = append(maybe, show(need.High)+unit)
		}
	}
	switch {
	case len(short) > 0:
		return text + " That is too little: what is planned takes at least " + strings.Join(short, " and ") + "."
	case len(maybe) > 0:
		return text + " That may be too little: what is planned takes up to " + strings.Join(maybe, " and ") + "."
	}
	return text
}

// planned is what a plan takes of a limit; nil: that is unknown.
func planned(total pipeline.PlanLine, what string) *pipeline.Range {
	switch {
	case what == "cost_usd":
		return total.Cost
	case what == "calls":
		return &pipeline.Range{Low: float64(total.Calls), High: float64(total.Most)}
	case what == "tokens" && total.Input != nil && total.Output != nil:
		return &pipeline.Range{Low: total.Input.Low + total.Output.Low, High: total.Input.High + total.Output.High}
	}
	return nil
}
