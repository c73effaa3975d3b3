package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/terminal"
	"openarena/pipeline/dataset"
)

func peekCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "peek", Usage: "the first rows of a dataset and their fields",
		ArgsUsage: "DATASET",
		Description: withCodes("It needs no arena: use it to find out what to write under `datasets:`. DATASET is a file, a glob in quotes,\n"+
			"or a set on the Hub, of which only the rows that are shown are loaded.\n\n"+
			"  openarena peek -n 3 'prompts/*.jsonl'\n  openarena peek allenai/ai2_arc --config ARC-Easy --split test\n"+
			"  openarena peek hf://datasets/allenai/ai2_arc/ARC-Easy/*.parquet", exitUsage),
		Flags: peekFlags(
			toggle("json", "print the rows as JSON lines"),
			&cli.IntFlag{Name: "rows", Aliases: []string{"n"}, Value: 5, Usage: "how many rows"},
			&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "of a set on the Hub: the configuration `NAME`", DefaultText: "the default one"},
			&cli.StringFlag{Name: "split", Usage: "of a set on the Hub: the split `NAME`", DefaultText: "train"},
			&cli.StringFlag{Name: "revision", Usage: "of a set on the Hub: the branch, tag or commit `NAME`", DefaultText: "main"},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("peek takes one dataset: a file, a glob in quotes, or a set on the Hub; got %q", c.Args().Slice())
			}
			if n := c.Int("rows"); n < 1 {
				return usage("--rows %d: give a number of rows, 1 or more", n)
			}
			return e.peek(c)
		},
	}
}

// peekFlags are flags without that for the arena's file: a set on the Hub has configurations of its own.
func peekFlags(own ...cli.Flag) []cli.Flag {
	all := flags(own...)
	last := len(all) - 1
	for i := last; i >= len(own); i-- {
		if slices.Contains(all[i].Names(), "config") {
			all = slices.Delete(all, i, i+1)
		}
	}
	return all
}

// peeked is the dataset that is meant: an address, files of this machine, or else a name on the Hub.
func (e *environment) peeked(c *cli.Context) (d configs.Dataset, from dataset.From, err error) {
	d = configs.Dataset{Path: c.Args().First()}
	if short, ok := strings.CutPrefix(d.Path, "hf://"); ok && strings.Count(short, "/") == 1 {
		d = configs.Dataset{Name: short}
	} else if !ok && !dataset.IsLocal(d.Path) {
		d = configs.Dataset{Name: d.Path}
	}
	if !d.OnHub() {
		return d, from, nil
	}
	d.Config, d.Split, d.Revision = c.String("config"), c.String("split"), c.String("revision")
	if d.Name == "" && d.Revision != "" {
		return d, from, usage("--revision: the address says it, as hf://datasets/ORG/NAME@REVISION")
	}
	from.Hub, err = e.hub(c)
	return d, from, err
}

func (e *environment) peek(c *cli.Context) error {
	d, from, err := e.peeked(c)
	if err != nil {
		return err
	}
	fields, rows, err := dataset.Peek(e.signals.soft, d, from, c.Int("rows"))
	if err != nil && len(rows) == 0 {
		if d.OnHub() {
			return err // it knows whether the name is wrong or the network
		}
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
