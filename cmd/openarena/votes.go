package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

const votesImportDescription = `FILE is JSON Lines, "-" or nothing is standard input. A line is an object with "prompt" (its text) or "id" (its
hash, or 8 digits or more of it), "model_a", "model_b", "winner" (a, b or tie) and "voter", and where a model
has several answers to a prompt "sample_a" and "sample_b", from 0. A line that names what is not there is told
and left out. Of one voter the last vote on two answers counts; a file that is imported twice changes nothing.

  openarena votes import votes.jsonl`

func votesCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "votes", Usage: "human votes: import, export, and how far they agree with the judges",
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return cli.ShowSubcommandHelp(c)
			}
			return unknownCommand("openarena votes", c.Args().First(), c.Command.Subcommands)
		},
		Subcommands: []*cli.Command{
			{
				Name: "import", Usage: "take votes in from a file", ArgsUsage: "[FILE]",
				Description: withCodes(votesImportDescription, slices.Insert(slices.Clone(changeCodes), 1, exitPartly)...),
				Flags:       flags(jsonFlag(), &cli.StringFlag{Name: "voter", Usage: "`NAME` of who gave the votes of lines that do not say"}),
				Action: func(c *cli.Context) error {
					if c.NArg() > 1 {
						return usage("votes import takes one file; got %q", c.Args().Slice())
					}
					return e.votesImport(c)
				},
			},
			{
				Name: "export", Usage: "print the votes that count, as JSON lines that import reads",
				Description: withCodes("Votes on prompts or answers that the file does not want, or that have changed since, are kept and not printed.",
					readCodes...),
				Flags: flags(),
				Action: func(c *cli.Context) error {
					if err := noArguments(c); err != nil {
						return err
					}
					return e.votesExport(c)
				},
			},
			{
				Name: "agree", Usage: "how far judges and voters agree",
				Description: withCodes("Each judge with what most people say of a battle, and the voters among themselves. It changes nothing and\n"+
					"works while a run is active. What the figures mean is in docs/judging.md.", readCodes...),
				Flags: flags(jsonFlag()),
				Action: func(c *cli.Context) error {
					if err := noArguments(c); err != nil {
						return err
					}
					return e.votesAgree(c)
				},
			},
		},
	}
}

// linesOf opens a file of JSON Lines. A terminal that nobody asked to type on is a mistake, not an input.
func (e *environment) linesOf(command, name string, unasked bool) (io.ReadCloser, error) {
	if name != "-" {
		return os.Open(name)
	}
	if unasked && terminal.IsTerminal(e.in) {
		return nil, fmt.Errorf("%s needs a file, or - for standard input", command)
	}
	return io.NopCloser(e.in), nil
}

// inputName is how messages call an input.
func inputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

func (e *environment) votesImport(c *cli.Context) (err error) {
	ctx := e.signals.soft
	name := cmp.Or(c.Args().First(), "-")
	in, err := e.linesOf("votes import", name, c.NArg() == 0)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer in.Close()
	name = inputName(name)
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	db, err := e.existing(ctx, a, "openarena votes import")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	n, err := a.ImportVotes(ctx, db, interruptible{ctx, in}, c.String("voter"), func(bad *pipeline.VoteError) {
		fmt.Fprintln(e.err, terminal.Sanitize(fmt.Sprintf("%s:%d: %v", name, bad.Line, bad.Err)))
	})
	if err != nil && ctx.Err() != nil {
		return &exitError{exitInterrupted, errors.New("interrupted; what was saved counts, and the same command goes on")}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return e.printImported(c, name, n)
}

func (e *environment) printImported(c *cli.Context, name string, n pipeline.VotesImported) error {
	if c.Bool("json") {
		if err := printJSON(e.data(), n); err != nil {
			return err
		}
	} else {
		text := fmt.Sprintf("%s: %s new, %s unchanged", name, count(n.New, "vote"), terminal.Count(int64(n.Unchanged)))
		if n.Replaced > 0 {
			text += fmt.Sprintf(", %s replaced by later lines", terminal.Count(int64(n.Replaced)))
		}
		e.say(c, "%s", text)
	}
	if n.Bad > 0 {
		return &exitError{exitPartly, fmt.Errorf("%s of %s not imported", count(n.Bad, "line"), name)}
	}
	return nil
}

func (e *environment) votesExport(c *cli.Context) error {
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	r, err := e.read(e.signals.soft, a, false)
	if err != nil {
		return err
	}
	defer r.close()
	out := bufio.NewWriterSize(e.data(), 1<<16)
	_, left, err := a.ExportVotes(e.signals.soft, r.reader, out)
	if full := out.Flush(); full != nil {
		return full // which is why nothing could be written, too
	}
	if err != nil {
		return err
	}
	if left > 0 {
		e.say(c, "%s not exported: the prompt or an answer is none of the file's any more, or has changed since", count(left, "vote"))
	}
	return nil
}
