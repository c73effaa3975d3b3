package main

import (
	"github.com/urfave/cli/v2"

	"openarena/pipeline"
)

func judgeCommand(e *environment) *cli.Command {
	c := workCommand(e, "judge", "have the judges compare the answers that are there", pipeline.Stages{Judge: true})
	c.Subcommands = []*cli.Command{judgeParseCommand(e)}
	return c
}
