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
		show, unit := func(v float64) string { return terminal.Count(int64(v)) }, " "+l.What
		switch l.What {
		case "cost_usd":
			show, unit = func(v float64) string { return terminal.Money(&v) }, ""
		case "tokens":
			show = func(v float64) string { return terminal.Tokens(int64(v)) }
		case "seconds":
			show = func(v float64) string {
				return terminal.Duration(time.Duration(v * float64(time.Second)).Truncate(time.Second))
			}
			unit = ""
		}
		parts = append(parts, show(l.Left)+" of "+show(l.Limit)+unit)
	}
	if len(parts) == 0 {
		return ""
	}
	return "budget left: " + strings.Join(parts, ", ")
}
