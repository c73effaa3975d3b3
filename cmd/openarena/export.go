package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/export"
)

func exportCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "write training data from finished battles",
		Description: withCodes("Without -o rows go to stdout; with it the file is replaced in one step, so that it is never half.\n\n"+
			exportTypes()+"\n"+
			"  openarena export --type preference --for trl -o dpo.jsonl", exitUsage, exitNoDatabase, exitDamaged, exitNewer, exitUnwritable),
		Flags: flags(append(trainingFlags(),
			&cli.StringFlag{Name: "type", Value: "ranked", Usage: "ranked, preference, reward, kto, sft, battles or ratings"},
			&cli.StringFlag{Name: "format", Usage: "jsonl, json, csv or parquet", DefaultText: "jsonl, for verl parquet"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`"},
			toggle("csv-safe", "guard cells against being read as formulas"),
		)...),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return e.export(c)
		},
	}
}

// exportTypes are a line for each type.
func exportTypes() (text string) {
	for i, t := range export.Types {
		text += fmt.Sprintf("  %-10s  %s", t.Name, t.Purpose)
		if i == 0 {
			text += " (default)"
		}
		text += "\n"
	}
	return text
}

func (e *environment) export(c *cli.Context) error {
	ctx := e.signals.soft
	if c.IsSet("output") && c.String("output") == "" {
		return usage("--output names no file: name one, or leave it out to write to standard output")
	}
	o, err := exportOptions(c)
	if err != nil {
		return err
	}
	o.Tool = tool()
	path := c.String("output")
	if o.EvalSplit > 0 && path == "" {
		return usage("--eval-split makes two files: name the one for training with -o")
	}
	if o.Binary() && path == "" && terminal.IsTerminal(e.out) {
		return usage("%s is nothing for a terminal: name a file with -o, or pipe it into a program", o.Format)
	}
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	if err := knownModel(a, o.Model); err != nil {
		return err
	}
	if path != "" {
		if err := exportable(a.Config, path); err != nil {
			return err
		}
		if err := exportable(a.Config, export.EvalPath(path)); o.EvalSplit > 0 && err != nil {
			return err
		}
	}
	r, view, err := e.view(ctx, a)
	if err != nil {
		return err
	}
	defer r.close()
	if path == "" {
		s, err := export.Write(ctx, e.data(), view, o)
		if err == nil {
			e.tellFiltered(c, s)
		}
		return err
	}
	wrote, err := export.WriteFile(ctx, path, view, o)
	if err != nil {
		return fmt.Errorf("export: %w", unwritable(err))
	}
	e.wrote(c, path, o, wrote)
	return e.beside(c, path, o)
}

// unwritable marks whatever the file system said while a file was written: why it refused differs between systems. What is
// marked already stays.
func unwritable(err error) error {
	var marked *exitError
	var refused *fs.PathError
	var unnamed *os.LinkError
	if !errors.As(err, &marked) && (errors.As(err, &refused) || errors.As(err, &unnamed)) {
		return &exitError{exitUnwritable, err}
	}
	return err
}

// folderOf reports that the folder of a file to be written is not there. Nobody wants to learn that at the end.
func folderOf(path string) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usage("%s cannot be written: there is no folder %s; make it first", path, dir)
	case err != nil:
		return unwritable(err)
	case !info.IsDir():
		return usage("%s cannot be written: %s is no folder", path, dir)
	}
	return nil
}
