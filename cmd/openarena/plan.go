package main

import (
	"errors"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

func planCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "what a run would reuse, call and cost",
		Description: withCodes("It calls no model and writes nothing. Tokens and cost are where they most likely will be, from the calls so\n"+
			"far; before any from the lengths of what will be sent. With the flags of a trial (--limit, --model,\n"+
			"--dataset) it is the plan of that trial.", exitUsage, exitDamaged, exitNewer),
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
	a, err := e.arenaOfRun(c, trial)
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
	for _, text := range planTexts(p) {
		if w.err == nil {
			w.err = paragraph(e.out, text)
		}
	}
	for _, n := range p.Notes {
		if w.err == nil {
			w.err = paragraph(e.out, n)
		}
	}
	for _, to := range p.Uploads {
		if w.err == nil {
			w.err = paragraph(e.out, "A"+to.String()[1:]+".")
		}
	}
	return w.err
}

// planTexts say what the numbers of a plan rest on, and what is left aside.
func planTexts(p *pipeline.Plan) (texts []string) {
	texts = append(texts, "")
	switch {
	case p.Total.Most == 0:
	case p.Seconds == nil:
		texts = append(texts, "Time: unknown; no run has shown yet how fast these endpoints are.")
	default:
		texts = append(texts, "Time: "+span(p.Seconds, func(s float64) string { return terminal.Duration(time.Duration(s * float64(time.Second))) })+
			" at the pace of the last run.")
	}
	if text := budgetSuffices(p); text != "" {
		texts = append(texts, text)
	}
	var guessed, unpriced []string
	for _, l := range append(append([]pipeline.PlanLine(nil), p.Models...), p.Judges...) {
		if l.Basis == "lengths" {
			guessed = append(guessed, l.Model)
		}
		if l.Basis != "" && l.Cost == nil {
			unpriced = append(unpriced, l.Model)
		}
	}
	if len(guessed) > 0 {
		texts = append(texts, "Nothing was called yet of "+strings.Join(guessed, ", ")+": tokens in are reckoned from the lengths of what will be sent, "+
			"tokens out from a twentieth of max_tokens (4,096 where there is none; of a judge from 16) to all of it.")
	}
	if len(unpriced) > 0 {
		texts = append(texts, "No price is known of "+strings.Join(unpriced, ", ")+"; `openarena prices` says how to give one.")
	}
	if left := orphans(p); left != "" {
		texts = append(texts, "", "The database also holds "+left+" beyond what is wanted now; `openarena db prune` removes them.")
	}
	for _, o := range p.Orphans {
		texts = append(texts, "- "+o.String()+".")
	}
	return texts
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

// span is from where to where a number may be; once, if both look the same.
func span(r *pipeline.Range, show func(float64) string) string {
	if r == nil {
		return "unknown"
	}
	low, high := show(r.Low), show(r.High)
	if low == high {
		return low
	}
	return low + "–" + high
}

func tokenSpan(r *pipeline.Range) string {
	return span(r, func(n float64) string { return terminal.Tokens(int64(n + 0.5)) })
}

// plannedCalls is a number, or from where to where it may be.
func plannedCalls(l pipeline.PlanLine) string {
	return span(&pipeline.Range{Low: float64(l.Calls), High: float64(l.Most)}, func(n float64) string { return terminal.Count(int64(n)) })
}

var planColumns = []terminal.Column[pipeline.PlanLine]{
	{Title: "model", Flex: true, Show: func(l pipeline.PlanLine) string { return l.Model }},
	{Title: "endpoint", Flex: true, Drop: 1, Show: func(l pipeline.PlanLine) string { return l.Endpoint }},
	{Title: "reuse", Align: terminal.Right, Show: func(l pipeline.PlanLine) string { return terminal.Count(l.Reuse) }},
	{Title: "calls", Align: terminal.Right, Show: plannedCalls},
	{Title: "tokens in", Align: terminal.Right, Drop: 3, Show: func(l pipeline.PlanLine) string { return tokenSpan(l.Input) }},
	{Title: "tokens out", Align: terminal.Right, Drop: 2, Show: func(l pipeline.PlanLine) string { return tokenSpan(l.Output) }},
	{Title: "cost", Align: terminal.Right, Show: func(l pipeline.PlanLine) string {
		return span(l.Cost, func(usd float64) string { return terminal.Money(&usd) })
	}},
}
