package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// interspersed moves the arguments of a command behind its flags, since the flag parser stops at the first of them: people
// write flags where they come to mind. Behind -- everything is an argument.
func interspersed(app *cli.App, args []string) []string {
	if len(args) < 2 || slices.Contains(args, "--generate-bash-completion") {
		return args
	}
	command, words := app.Command(args[1]), 2
	if command != nil && len(args) > words {
		sub := slices.IndexFunc(command.Subcommands, func(c *cli.Command) bool { return c.HasName(args[words]) })
		if sub >= 0 {
			command, words = command.Subcommands[sub], words+1
		}
	}
	if command == nil || command.ArgsUsage == "" || len(command.Subcommands) > 0 {
		return args
	}
	flags, rest := args[:words:words], []string(nil)
	for i := words; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "--":
			return append(append(flags, "--"), append(rest, args[i+1:]...)...)
		case len(arg) < 2 || arg[0] != '-':
			rest = append(rest, arg)
		default:
			flags = append(flags, arg)
			if takesValue(command, arg) && i+1 < len(args) {
				i++
				flags = append(flags, args[i])
			}
		}
	}
	return append(flags, rest...)
}

// takesValue reports whether what follows a flag belongs to it.
func takesValue(command *cli.Command, arg string) bool {
	if strings.Contains(arg, "=") {
		return false
	}
	name := strings.TrimLeft(arg, "-")
	for _, f := range command.Flags {
		if slices.Contains(f.Names(), name) {
			_, toggle := f.(*cli.BoolFlag)
			return !toggle
		}
	}
	return false
}
