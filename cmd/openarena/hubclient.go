package main

import (
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/hub"
	"openarena/pipeline"
)

// arenaOfRun is arena for commands that read what a run reads: sets on the Hub, too.
func (e *environment) arenaOfRun(c *cli.Context, t pipeline.Trial) (*pipeline.Arena, error) {
	a, err := e.arena(c, t)
	if err != nil || !onHub(a.Config) {
		return a, err
	}
	client, err := e.hub(c)
	if err == nil && client.Offline() && c.Bool("refresh") {
		err = usage("--refresh asks the Hub, and HF_HUB_OFFLINE is set: leave one of them out")
	}
	a.From.Hub = client
	return a, err
}

func onHub(c *configs.Config) bool {
	return slices.ContainsFunc(c.Datasets, configs.Dataset.OnHub) ||
		slices.ContainsFunc(c.Prompts.Exclude, func(x configs.Exclude) bool { return x.Dataset().OnHub() })
}

func refreshFlag() cli.Flag {
	return toggle("refresh", "read sets on the Hub as they are now, in place of the commit that the database knows")
}

// hub is the Hub that the environment names.
func (e *environment) hub(c *cli.Context) (*hub.Client, error) {
	o, err := hub.FromEnvironment(os.Getenv)
	if err != nil {
		return nil, unwritable(err)
	}
	v, _ := built()
	o.Agent = "openarena/" + v
	o.Tell = func(text string) { e.say(c, "%s", text) }
	client, err := hub.New(o)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return client, nil
}
