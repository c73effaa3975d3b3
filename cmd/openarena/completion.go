package main

import (
	_ "embed"
	"fmt"

	"github.com/urfave/cli/v2"
)

//go:embed completion/bash
var bashCompletion string

//go:embed completion/zsh
var zshCompletion string

func completionCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print the completion script of a shell",
		Flags:       flags(),
		ArgsUsage:   "bash|zsh|fish",
		Description: withCodes("  source <(openarena completion bash)\n  openarena completion fish > ~/.config/fish/completions/openarena.fish", exitUsage),
		Action: func(c *cli.Context) error {
			script := ""
			switch shell := c.Args().First(); shell {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "fish":
				var err error
				if script, err = c.App.ToFishCompletion(); err != nil {
					return err
				}
			default:
				return usage("completion %q: give bash, zsh or fish", shell)
			}
			_, err := fmt.Fprint(e.out, script)
			return err
		},
	}
}
