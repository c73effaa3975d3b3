package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// usage is a mistake in the command line or the file.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// usageError turns what the flag parser found into one line, with the flag that was probably meant.
func usageError(c *cli.Context, err error, _ bool) error {
	name, atRoot := c.App.Name, true
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != name {
		name, atRoot = c.Command.HelpName, false
	}
	text, guess := strings.TrimSuffix(err.Error(), "."), ""
	if wrong, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok && c.Command != nil {
		wrong, _, _ = strings.Cut(strings.TrimPrefix(wrong, "-"), "=")
		if known := cli.SuggestFlag(flags(jsonFlag()), wrong, true); strings.TrimLeft(known, "-") == wrong && atRoot {
			return usage("flags come after the command, as in `%s status %s`", name, known)
		}
		near := cli.SuggestFlag(c.Command.Flags, wrong, true)
		if resembles(wrong, strings.TrimLeft(near, "-")) {
			guess = "; did you mean " + near + "?"
		}
	}
	if guess == "" {
		guess = ";"
	}
	return usage("%s%s see `%s --help`", text, guess, name)
}

// unknownCommand names the command of a list that was probably meant; program is what stands before it.
func unknownCommand(program, name string, all []*cli.Command) error {
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	var near string
	if _, err := fmt.Sscanf(cli.SuggestCommand(all, name), cli.SuggestDidYouMeanTemplate, &near); err != nil {
		near = ""
	}
	if resembles(name, near) && slices.Contains(names, near) {
		return usage("no command %q; did you mean `%s %s`?", name, program, near)
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
