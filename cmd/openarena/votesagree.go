package main

import (
	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

// agreeing is what `votes agree --json` prints.
type agreeing struct {
	Judges []agreeingJudge     `json:"judges"`
	Votes  pipeline.VoteReport `json:"votes"`
}

type agreeingJudge struct {
	Judge string `json:"judge"`
	pipeline.VoteAgreement
}

func (e *environment) votesAgree(c *cli.Context) error {
	rep, err := e.reported(c)
	if err != nil {
		return err
	}
	all := agreeing{Judges: []agreeingJudge{}, Votes: rep.Votes}
	for _, q := range rep.Judges {
		all.Judges = append(all.Judges, agreeingJudge{q.Judge, q.Votes})
	}
	if c.Bool("json") {
		return printJSON(e.data(), all)
	}
	w := sections{environment: e, c: c}
	if rep.Votes.Votes == 0 {
		w.sentence("There are no votes on answers of the file; `openarena votes import FILE` takes some in.")
		return w.err
	}
	w.heading("Judges and people")
	printTable(&w, agreeColumns, all.Judges)
	w.sentence("“The same” is of the battles voted on, “of all” what that says about all battles of the judge: those on which judges differ, which the vote page shows more often, count as often as there are any.")
	w.voters(rep)
	return w.err
}

var agreeColumns = []terminal.Column[agreeingJudge]{
	{Title: "judge", Flex: true, Bold: true, Show: func(j agreeingJudge) string { return j.Judge }},
	{Title: "the same", Align: terminal.Right, Show: func(j agreeingJudge) string { return rateOf(j.Agreement) }},
	{Title: "95 %", Drop: 3, Show: func(j agreeingJudge) string { return interval(j.Agreement) }},
	{Title: "without ties", Align: terminal.Right, Drop: 2, Show: func(j agreeingJudge) string { return rateOf(j.WithoutTies) }},
	{Title: "kappa", Align: terminal.Right, Show: func(j agreeingJudge) string { return number(j.Kappa, 2) }},
	{Title: "95 %", Drop: 5, Show: func(j agreeingJudge) string { return between(j.KappaLower, j.KappaUpper) }},
	{Title: "of all", Align: terminal.Right, Show: func(j agreeingJudge) string {
		return overall(j, func(o *pipeline.OverallAgreement) string { return number(&o.Rate, 2) })
	}},
	{Title: "95 %", Drop: 6, Show: func(j agreeingJudge) string {
		return overall(j, func(o *pipeline.OverallAgreement) string { return between(&o.Lower, &o.Upper) })
	}},
	{Title: "Brier", Align: terminal.Right, Drop: 1, Show: func(j agreeingJudge) string { return number(j.Brier, 2) }},
	{Title: "log loss", Align: terminal.Right, Drop: 4, Show: func(j agreeingJudge) string { return number(j.LogLoss, 2) }},
}

// between is an interval, as interval is.
func between(lower, upper *float64) string {
	return interval(pipeline.Rate{Lower: lower, Upper: upper})
}

// overall shows what votes say about all battles of a judge; a dash where they do not.
func overall(j agreeingJudge, show func(*pipeline.OverallAgreement) string) string {
	if j.Overall == nil {
		return "–"
	}
	return show(j.Overall)
}
