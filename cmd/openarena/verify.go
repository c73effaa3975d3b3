package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/export"
)

func verifyCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "make an exported file again from the database, and compare", ArgsUsage: "FILE",
		Description: withCodes("It reads how the file was made from openarena.json beside it, makes the rows anew from the arena's database, and says\n"+
			"whether they are the same (exit code 0) or not (1), where they differ first, and what changed since. Nothing is written.\n\n"+
			"  openarena verify training_data.jsonl", exitUsage, exitNoDatabase, exitDamaged, exitNewer),
		Flags: flags(jsonFlag()),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usage("verify takes one file; got %q", c.Args().Slice())
			}
			return e.verify(c, c.Args().First())
		},
	}
}

func (e *environment) verify(c *cli.Context, path string) error {
	ctx := e.signals.soft
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	if err := export.Known(path); err != nil {
		return err
	}
	r, view, err := e.view(ctx, a)
	if err != nil {
		return err
	}
	defer r.close()
	v, err := export.Verify(ctx, path, view)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if c.Bool("json") {
		if err := printJSON(e.data(), v); err != nil {
			return err
		}
	} else if _, err := fmt.Fprint(e.out, terminal.Sanitize(verdictOn(path, v))); err != nil {
		return err
	}
	if !v.Good() {
		return &exitError{code: exitFailure}
	}
	return nil
}

// verdictOn says what came of a verification.
func verdictOn(path string, v *export.Verification) string {
	var b strings.Builder
	switch {
	case v.Good():
		fmt.Fprintf(&b, "%s is what the database yields: %s, and the checksum of openarena.json\n", path, count(v.Rows, "row"))
	case v.Same:
		fmt.Fprintf(&b, "%s has the rows that the database yields, but not the checksum of openarena.json: export it again\n", path)
	case v.Intact:
		fmt.Fprintf(&b, "%s is as it was written, but the database yields other rows now\n", path)
	default:
		fmt.Fprintf(&b, "%s was changed since it was written: it is not what the database yields, nor has it the checksum of openarena.json\n", path)
	}
	if v.Differ != nil {
		fmt.Fprintf(&b, "the first difference is in row %d of %d:\n  file      %s\n  database  %s\n", v.Differ.Row, v.Rows, shownRow(v.Differ.File), shownRow(v.Differ.Arena))
	}
	why := changesSince(v)
	for _, line := range why {
		fmt.Fprintln(&b, line)
	}
	if len(why) == 0 && v.Intact && !v.Same {
		fmt.Fprintln(&b, "settings, datasets and judges are the same: the database has other answers or verdicts than then")
	}
	return b.String()
}

// shownRow is a piece of a row on one line.
func shownRow(row string) string {
	if row == "" {
		return "no such row"
	}
	return terminal.SanitizeLine(row)
}

// changesSince are a line for each thing that is not as it was when the file was written.
func changesSince(v *export.Verification) (lines []string) {
	for _, x := range []struct {
		what  string
		names []string
	}{{"settings changed since", v.Settings}, {"datasets changed since", v.Datasets}, {"judges changed since", v.Judges}} {
		if len(x.names) > 0 {
			lines = append(lines, x.what+": "+strings.Join(x.names, ", "))
		}
	}
	if v.Prompts != nil {
		lines = append(lines, fmt.Sprintf("prompts changed since: %d then, %d now", v.Prompts.Then, v.Prompts.Now))
	}
	if v.Parser != nil {
		lines = append(lines, fmt.Sprintf("judges' replies were read by the rules of version %d then, %d now", v.Parser.Then, v.Parser.Now))
	}
	if len(lines) > 0 && v.Tool != tool() {
		lines = append(lines, fmt.Sprintf("the file was written by openarena %s; this is %s", v.Tool, tool()))
	}
	return lines
}
