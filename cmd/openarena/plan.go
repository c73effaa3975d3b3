package main

import (
	"errors"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

func planCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "what a run would reuse, call and cost",
		Description: withCodes("It calls no model and writes nothing. Tokens and cost are expected from the calls so far. With the flags of a\n"+
			"trial (--limit, --model, --dataset) it is the plan of that trial.", exitUsage, exitDamaged, exitNewer),
		Flags: flags(append(trialFlags(), reuseFlag(), jsonFlag())...),
		Action: func(c *cli.Context) error {
			if err := errors.Join(noArguments(c), checkReuse(c)); err != nil {
				return err
			}
			return e.plan(c)
		},
	}
}

func (e *environment) plan(c *cli.Context) error {
	ctx := e.signals.soft
	trial, err := trialOf(c)
	if err != nil {
		return err
	}
	a, err := e.arena(c, trial)
	if err != nil {
		return err
	}
	e.warn(c, a)
	r, err := e.read(ctx, a, true)
	if err != nil {
		return err
	}
	defer r.close()
	p, err := a.Plan(ctx, r.reader, reusesFinished(c))
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), p)
	}
	t := terminal.Table[pipeline.PlanLine]{Columns: planColumns}
	t.Rows = append(append(append(t.Rows, p.Models...), p.Judges...), p.Total)
	w := &lines{w: e.out}
	w.print("%s", count(p.Prompts, "prompt"))
	w.print("")
	if err := t.Text(e.out, terminal.Columns(e.out), e.palette(c, e.out)); err != nil {
		return err
	}
	if left := orphans(p); left != "" {
		w.print("")
		w.print("The database also holds %s beyond what is wanted now; `openarena db prune` removes them.", left)
	}
	for _, n := range p.Notes {
		if w.err == nil {
			w.err = paragraph(e.out, n)
		}
	}
	return w.err
}

// orphans counts what the file does not want; empty if there is nothing.
func orphans(p *pipeline.Plan) string {
	var parts []string
	if p.OrphanAnswers > 0 {
		parts = append(parts, count(p.OrphanAnswers, "answer"))
	}
	if p.OrphanJudgments > 0 {
		parts = append(parts, count(p.OrphanJudgments, "judgment"))
	}
	return strings.Join(parts, " and ")
}

// plannedCalls is a number, or from where to where it may be.
func plannedCalls(l pipeline.PlanLine) string {
	if l.Most > l.Calls {
		return terminal.Count(l.Calls) + "–" + terminal.Count(l.Most)
	}
	return terminal.Count(l.Calls)
}

var planColumns = []terminal.Column[pipeline.PlanLine]{
	{Title: "model", Flex: true, Show: func(l pipeline.PlanLine) string { return l.Model }},
	{Title: "endpoint", Flex: true, Drop: 1, Show: func(l pipeline.PlanLine) string { return l.Endpoint }},
	{Title: "reuse", Align: terminal.Right, Show: func(l pipeline.PlanLine) string { return terminal.Count(l.Reuse) }},
	{Title: "calls", Align: terminal.Right, Show: plannedCalls},
	{Title: "tokens in", Align: terminal.Right, Drop: 3, Show: func(l pipeline.PlanLine) string {
		if l.Tokens == nil {
			return "unknown"
		}
		return terminal.Tokens(l.Tokens.Input)
	}},
	{Title: "tokens out", Align: terminal.Right, Drop: 2, Show: func(l pipeline.PlanLine) string {
		if l.Tokens == nil {
			return "unknown"
		}
		return terminal.Tokens(l.Tokens.Output)
	}},
	{Title: "cost", Align: terminal.Right, Show: func(l pipeline.PlanLine) string { return terminal.Money(l.CostUSD) }},
}
