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
	w.voters(rep)
	return w.err
}

var agreeColumns = []terminal.Column[agreeingJudge]{
	{Title: "judge", Flex: true, Bold: true, Show: func(j agreeingJudge) string { return j.Judge }},
	{Title: "the same", Align: terminal.Right, Show: func(j agreeingJudge) string { return rateOf(j.Agreement) }},
	{Title: "95 %", Drop: 3, Show: func(j agreeingJudge) string { return interval(j.Agreement) }},
	{Title: "without ties", Align: terminal.Right, Drop: 2, Show: func(j agreeingJudge) string { return rateOf(j.WithoutTies) }},
	{Title: "kappa", Align: terminal.Right, Show: func(j agreeingJudge) string { return number(j.Kappa, 2) }},
	{Title: "Brier", Align: terminal.Right, Drop: 1, Show: func(j agreeingJudge) string { return number(j.Brier, 2) }},
	{Title: "log loss", Align: terminal.Right, Drop: 4, Show: func(j agreeingJudge) string { return number(j.LogLoss, 2) }},
}
