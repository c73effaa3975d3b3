package main

import (
	"testing"

	"openarena/pipeline"
)

func TestPlanSaysWhetherTheBudgetSuffices(t *testing.T) {
	total := pipeline.PlanLine{
		Calls: 80, Most: 90, Input: &pipeline.Range{Low: 1000, High: 2000}, Output: &pipeline.Range{Low: 500, High: 3000}, Cost: &pipeline.Range{Low: 0.5, High: 2},
	}
	unknown := total
	unknown.Cost, unknown.Input = nil, nil
	line := func(what string, limit, left float64) pipeline.BudgetLine {
		return pipeline.BudgetLine{What: what, Limit: limit, Left: left}
	}
	for _, c := range []struct {
		why   string
		total pipeline.PlanLine
		lines []pipeline.BudgetLine
		want  string
	}{
		{"none", total, nil, ""},
		{"enough", total, []pipeline.BudgetLine{line("calls", 200, 90)}, "Budget left: 90 of 200 calls."},
		{"perhaps", total, []pipeline.BudgetLine{line("calls", 200, 89), line("cost_usd", 9, 3)},
			"Budget left: 89 of 200 calls, $3.00 of $9.00. That may be too little: what is planned takes up to 90 calls."},
		{"too little", total, []pipeline.BudgetLine{line("calls", 200, 79), line("cost_usd", 9, 0.25), line("tokens", 9000, 4000)},
			"Budget left: 79 of 200 calls, $0.2500 of $9.00, 4k of 9k tokens. That is too little: what is planned takes at least 80 calls and $0.5000."},
		{"unknown", unknown, []pipeline.BudgetLine{line("cost_usd", 9, 0.25), line("tokens", 9000, 1)}, "Budget left: $0.2500 of $9.00, 1 of 9k tokens."},
	} {
		if got := budgetSuffices(&pipeline.Plan{Total: c.total, Budget: c.lines}); got != c.want {
			t.Errorf("%s: %q; want %q", c.why, got, c.want)
		}
	}
}
