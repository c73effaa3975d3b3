package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/export"
	"openarena/web"
)

func reportCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "write the arena as one HTML file that opens anywhere",
		Description: withCodes("The leaderboard, the judges and the battles, in one file that needs no server and no network and can be mailed. It\n"+
			"works while a run is active, and is replaced in one step.\n\n  openarena report -o results.html", append(readCodes, exitUnwritable)...),
		Flags: flags(
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`; - is standard output", DefaultText: "arena.html beside arena.yaml"},
			&cli.StringFlag{Name: "battles", Usage: "`N` battles with their texts, or all; those on which judges disagree most first", DefaultText: "what fits into 15 MB"},
			toggle("no-texts", "list battles without their texts"),
			toggle("replies", "hold the replies of judges as they came, too"),
		),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return e.report(c)
		},
	}
}

func (e *environment) report(c *cli.Context) error {
	if c.IsSet("output") && c.String("output") == "" {
		return usage("--output names no file: name one, or - for standard output")
	}
	o, err := reportOptions(c)
	if err != nil {
		return err
	}
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(a.Config.Path), filepath.Ext(a.Config.Path))
	path := c.String("output")
	if path == "" {
		path = filepath.Join(a.Config.Dir, name+".html")
	}
	if path == "-" && terminal.IsTerminal(e.out) {
		return usage("a report is nothing for a terminal: name a file with -o, or pipe it into a program")
	}
	if path != "-" {
		if err := reportable(a.Config, path); err != nil {
			return err
		}
	}
	ctx := e.signals.soft
	source := web.NewLocal(func() (*pipeline.Arena, error) { return a, nil })
	defer source.Close()
	l, err := source.Look(ctx, a)
	if unread := new(web.UnreadError); errors.As(err, &unread) {
		return notThere(unread.Err)
	}
	if err != nil {
		return err
	}
	defer l.Close()
	o.Title = name
	left := ""
	write := func(w io.Writer, _ int64) (err error) {
		left, err = web.Report(ctx, w, a, l, o)
		return err
	}
	if path == "-" {
		err = write(e.data(), 0)
	} else if err = export.Replace(path, write); err != nil {
		return fmt.Errorf("report: %w", unwritable(err))
	}
	if err != nil {
		return err
	}
	if path != "-" {
		e.say(c, "wrote %s", path)
	}
	if left != "" {
		e.say(c, "%s", left)
	}
	return nil
}

// reportOptions reads the flags of `report`.
func reportOptions(c *cli.Context) (o web.ReportOptions, err error) {
	o.NoTexts, o.Replies = c.Bool("no-texts"), c.Bool("replies")
	if n := c.String("battles"); n == "all" {
		o.Battles = math.MaxInt
	} else if n != "" {
		if o.Battles, err = strconv.Atoi(n); err != nil || o.Battles < 1 {
			return o, usage("--battles %s is neither a number above 0 nor all", n)
		}
	}
	return o, nil
}

// reportable refuses a path that could not be written, or of something that a report would replace and nobody wants to lose.
func reportable(cfg *configs.Config, path string) error {
	if err := folderOf(path); err != nil {
		return err
	}
	what := part(cfg, path)
	for _, x := range cfg.Export {
		to := cfg.Resolve(x.Path)
		if same(to, path) || x.EvalSplit > 0 && same(export.EvalPath(to), path) || same(filepath.Join(filepath.Dir(to), export.ManifestName), path) {
			what = "written by the exports of the arena"
		}
	}
	if what != "" {
		return usage("%s is no place for a report: it is %s, which would be lost; write to another file", path, what)
	}
	return nil
}
