package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// usage is a mistake in the command line or the file.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// usageError turns what the flag parser found into one line, with the flag that was probably meant.
func usageError(c *cli.Context, err error, _ bool) error {
	name := c.App.Name
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != name {
		name = c.Command.HelpName
	}
	text := strings.TrimSuffix(err.Error(), ".")
	if wrong, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok && c.Command != nil {
		wrong, _, _ = strings.Cut(strings.TrimPrefix(wrong, "-"), "=")
		near := cli.SuggestFlag(c.Command.Flags, wrong, true)
		if resembles(wrong, strings.TrimLeft(near, "-")) {
			text += "; did you mean " + near + "?"
		}
	}
	return usage("%s; see `%s --help`", strings.ReplaceAll(text, "?;", "?"), name)
}

// unknownCommand names the command of a list that was probably meant; program is what stands before it.
func unknownCommand(program, name string, all []*cli.Command) error {
	var near string
	if _, err := fmt.Sscanf(cli.SuggestCommand(all, name), cli.SuggestDidYouMeanTemplate, &near); err == nil && resembles(name, near) {
		return usage("no command %q; did you mean `%s %s`?", name, program, near)
	}
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	return usage("no command %q; there are %s", name, strings.Join(names, ", "))
}

// resembles keeps back a suggestion that is merely the least distant of all.
func resembles(typed, near string) bool {
	return typed != "" && near != "" && strings.EqualFold(typed[:1], near[:1])
}

// noArguments refuses what looks like a flag that came too late, or a word too many.
func noArguments(c *cli.Context) error {
	if c.NArg() == 0 {
		return nil
	}
	return usage("%s takes no argument %q; flags need their dashes, and `--flag=value` where the value begins with one",
		c.Command.Name, c.Args().First())
}

func noCommand(c *cli.Context) error {
	if c.NArg() == 0 {
		return cli.ShowAppHelp(c)
	}
	return unknownCommand(c.App.Name, c.Args().First(), c.App.Commands)
}
