package main

import (
	"github.com/urfave/cli/v2"

	"openarena/pipeline"
)

func judgeCommand(e *environment) *cli.Command {
	c := workCommand(e, "judge", "have the judges compare the answers that are there", pipeline.Job{Judge: true})
	c.Subcommands = []*cli.Command{judgeParseCommand(e)}
	c.Flags = append(c.Flags,
		toggle("reparse", "ask nothing: read every stored reply once more and say which verdicts changed"),
		toggle("report", "ask nothing: say how far the judges can be trusted"),
		toggle("json", "with --reparse or --report: print JSON"))
	work := c.Action
	c.Action = func(c *cli.Context) error {
		switch {
		case c.Bool("reparse") && c.Bool("report"):
			return usage("judge --reparse and --report: one after the other")
		case c.Bool("report"):
			return e.judgeReport(c)
		case c.Bool("reparse"):
			return e.judgeReparse(c)
		case c.Bool("json"):
			return usage("judge --json goes with --reparse or --report; `openarena status --json` tells how far the judges are")
		}
		return work(c)
	}
	return c
}
