package main

import (
	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/terminal"
	"openarena/pipeline"
)

func validateCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check the file; shows all its problems at once",
		Description: withCodes("Nothing is called and nothing is written. --schema prints the JSON Schema of the file, for editors.", exitUsage),
		Flags:       flags(jsonFlag(), toggle("schema", "print the JSON Schema of arena.yaml")),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if c.Bool("schema") {
				_, err := e.out.Write(configs.Schema())
				return err
			}
			return e.validate(c)
		},
	}
}

func (e *environment) validate(c *cli.Context) error {
	cfg, err := e.config(c)
	var a *pipeline.Arena
	if err == nil {
		var wrong error
		if a, wrong = newArena(cfg, pipeline.Trial{}); wrong != nil {
			err = &exitError{exitUsage, wrong}
		}
	}
	if c.Bool("json") {
		return e.printValidity(c, cfg, a, err)
	}
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings {
		e.say(c, "warning: %s", w)
	}
	if a != nil {
		e.warn(c, a)
	}
	for _, to := range cfg.Uploads() {
		e.say(c, "note: %s", to)
	}
	e.say(c, "%s is valid; models: %s, judges: %s, datasets: %s", cfg.Path, terminal.Count(int64(len(cfg.Models))),
		terminal.Count(int64(len(cfg.Judges))), terminal.Count(int64(len(cfg.Datasets))))
	return nil
}
