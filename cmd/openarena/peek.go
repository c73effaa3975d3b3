package main

import (
	"encoding/json"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline/dataset"
)

func peekCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "peek", Usage: "the first rows of a dataset and their fields",
		ArgsUsage:   "FILE-OR-GLOB",
		Description: withCodes("It needs no arena: use it to find out what to write under `datasets:`.\n\n  openarena peek -n 3 'prompts/*.jsonl'", exitUsage),
		Flags: flags(
			toggle("json", "print the rows as JSON lines"),
			&cli.IntFlag{Name: "rows", Aliases: []string{"n"}, Value: 5, Usage: "how many rows"},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("peek takes one file or glob, in quotes, and flags come before it; got %q", c.Args().Slice())
			}
			if n := c.Int("rows"); n < 1 {
				return usage("--rows %d: give a number of rows, 1 or more", n)
			}
			return e.peek(c)
		},
	}
}

func (e *environment) peek(c *cli.Context) error {
	fields, rows, err := dataset.Peek(e.signals.soft, c.Args().First(), "", c.Int("rows"))
	if err != nil && len(rows) == 0 {
		return &exitError{exitUsage, err}
	}
	if err != nil {
		e.say(c, "%v", err)
	}
	if c.Bool("json") {
		lines := json.NewEncoder(e.data())
		lines.SetEscapeHTML(false)
		for _, row := range rows {
			if err := lines.Encode(row); err != nil {
				return err
			}
		}
		return nil
	}
	t := terminal.Table[dataset.Field]{Rows: fields, Columns: []terminal.Column[dataset.Field]{
		{Title: "field", Bold: true, Show: func(f dataset.Field) string { return f.Name }},
		{Title: "type", Show: func(f dataset.Field) string { return f.Type }},
		{Title: "example", Flex: true, Show: example},
	}}
	if err := t.Text(e.out, terminal.Columns(e.out), e.palette(c, e.out)); err != nil {
		return err
	}
	return suggest(e, fields)
}

// suggest prints what to write under `datasets:`, if anything looks like a prompt.
func suggest(e *environment, fields []dataset.Field) error {
	text := dataset.Suggest(fields)
	if text == "" {
		return nil
	}
	w := &lines{w: e.out}
	w.print("")
	w.print("In arena.yaml, perhaps:")
	for line := range strings.SplitSeq(text, "\n") {
		w.print("    %s", line)
	}
	return w.err
}

// exampleWidth keeps a long text on one line where the terminal does not say how wide it is.
const exampleWidth = 80

func example(f dataset.Field) string {
	text, ok := f.Example.(string)
	if !ok {
		b, err := json.Marshal(f.Example)
		if err != nil {
			return err.Error()
		}
		text = string(b)
	}
	return terminal.Truncate(terminal.SanitizeLine(text), exampleWidth)
}
