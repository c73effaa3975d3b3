package main

import (
	"github.com/urfave/cli/v2"

	"openarena/pipeline"
)

// trialFlags narrow an arena to a part of itself.
func trialFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "limit", DefaultText: "all", Usage: "a trial: only the first `N` prompts of each dataset"},
		&cli.StringSliceFlag{Name: "model", Usage: "a trial: only the model called `NAME`, and its battles (repeatable)"},
		&cli.StringSliceFlag{Name: "dataset", Usage: "a trial: only the dataset called `NAME` (repeatable)"},
		shardFlag(),
	}
}

// trialOf is the trial that was asked for.
func trialOf(c *cli.Context) (t pipeline.Trial, err error) {
	if t.Limit = c.Int("limit"); t.Limit < 0 || t.Limit == 0 && c.IsSet("limit") {
		return t, usage("--limit %d: give a number of prompts, 1 or more; left out it means all", t.Limit)
	}
	if t.Shard, err = shardOf(c); err != nil {
		return t, err
	}
	t.Models, t.Datasets = set(c.StringSlice("model")), set(c.StringSlice("dataset"))
	return t, nil
}

func set(names []string) map[string]bool {
	var s map[string]bool
	for _, n := range names {
		if s == nil {
			s = map[string]bool{}
		}
		s[n] = true
	}
	return s
}
