package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"openarena/internal/hub"
)

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
