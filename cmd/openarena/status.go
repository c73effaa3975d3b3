package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

// watchInterval is how often `status --watch` looks.
const watchInterval = 2 * time.Second

func statusCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "how far the arena is, while it runs or after",
		Description: withCodes("It changes nothing and works while a run is active.", readCodes...),
		Flags:       flags(jsonFlag(), toggle("watch", "look again every 2 seconds, until Ctrl-C")),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			a, err := e.arena(c, pipeline.Trial{})
			if err != nil {
				return err
			}
			if c.Bool("watch") {
				return e.watch(c, a)
			}
			return e.status(e.signals.soft, c, a)
		},
	}
}

func (e *environment) watch(c *cli.Context, a *pipeline.Arena) error {
	ctx := e.signals.soft
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		if terminal.IsTerminal(e.out) && !c.Bool("json") {
			fmt.Fprint(e.out, "\x1b[H\x1b[2J")
		}
		if err := e.status(ctx, c, a); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (e *environment) status(ctx context.Context, c *cli.Context, a *pipeline.Arena) error {
	r, err := e.read(ctx, a, false)
	if err != nil {
		return err
	}
	defer r.close()
	st, err := a.Status(ctx, r.reader, r.live())
	if err != nil {
		return err
	}
	if st.Running, err = r.db.Info(ctx); err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), st)
	}
	return e.printStatus(c, st)
}

func (e *environment) printStatus(c *cli.Context, st *pipeline.Status) error {
	w := &lines{w: e.out}
	p := e.palette(c, e.out)
	w.print("%s, %s", count(st.Prompts, "prompt"), running(st))
	for _, d := range st.Datasets {
		if d.Bad > 0 {
			w.print("%s: %s left out", d.Name, count(d.Bad, "row"))
		}
		for _, why := range leftOut(d.Bad, d.Why) {
			w.print("%s", why)
		}
	}
	w.print("")
	rows := append([]workRow{}, modelRows("generate", st.Models, st.Generate, 0)...)
	rows = append(rows, modelRows("judge", st.Judges, st.Judge.Count, st.Judge.Invalid)...)
	if w.err == nil {
		w.err = terminal.Table[workRow]{Columns: workColumns, Rows: rows}.Text(e.out, terminal.Columns(e.out), p)
	}
	w.print("")
	w.print("%s, cost %s", tokensOf(st.Tokens), terminal.Money(st.CostUSD))
	if left := budgetLeft(st.Budget); left != "" {
		w.print("%s", left)
	}
	if st.PossiblyBilled > 0 {
		w.print("%s", lost(st))
	}
	for i, r := range st.Ratings {
		if r.Rating == nil {
			continue
		}
		if i == 0 {
			w.print("")
		}
		without := ""
		if r.Uncontrolled != nil {
			without = fmt.Sprintf(" (%s without control)", number(r.Uncontrolled, 0))
		}
		w.print("%3s  %7s  %s%s", whole(r.Rank), mark(number(r.Rating, 0), r.Provisional), terminal.SanitizeLine(r.Model), without)
	}
	notes := st.Notes
	if text := effects(st.Board); text != "" {
		notes = append([]string{text}, notes...)
	}
	for _, n := range append(st.Stopped, notes...) {
		if w.err == nil {
			w.err = paragraph(e.out, n)
		}
	}
	return w.err
}

// running says whether a run is active, and when it may be done.
func running(st *pipeline.Status) string {
	var p pipeline.Progress
	if st.Running == nil || json.Unmarshal(st.Running, &p) != nil {
		if st.Generate.Due()+st.Judge.Due() == 0 && !st.Board.Open {
			return "nothing left to do"
		}
		return "no run is active"
	}
	text := "running for " + terminal.Duration(p.Elapsed)
	if p.Paused {
		return "paused by `openarena ctl`, " + text
	}
	if eta := max(p.Generate.ETA, p.Judge.ETA); eta > 0 {
		text += ", about " + terminal.Duration(eta) + " to go"
	}
	return text
}

// workRow is one line of the table of stages.
type workRow struct {
	stage, name string
	pipeline.Count
	invalid int64
	status  *pipeline.ModelStatus // nil: a whole stage
}

func modelRows(stage string, models []pipeline.ModelStatus, all pipeline.Count, invalid int64) []workRow {
	rows := []workRow{{stage: stage, name: "all", Count: all, invalid: invalid}}
	for i, m := range models {
		rows = append(rows, workRow{"", m.Model, m.Count, m.Invalid, &models[i]})
	}
	return rows
}

var workColumns = []terminal.Column[workRow]{
	{Title: "stage", Show: func(r workRow) string { return r.stage }},
	{Title: "model", Flex: true, Show: func(r workRow) string { return r.name }},
	{Title: "done", Align: terminal.Right, Show: func(r workRow) string { return terminal.Count(r.Done) }},
	{Title: "wanted", Align: terminal.Right, Show: func(r workRow) string { return terminal.Count(r.Wanted) }},
	{Title: "failed", Align: terminal.Right, Show: func(r workRow) string { return terminal.Count(r.Failed) }},
	{Title: "invalid", Align: terminal.Right, Drop: 1, Show: func(r workRow) string { return terminal.Count(r.invalid) }},
	{Title: "calls", Align: terminal.Right, Drop: 3, Show: func(r workRow) string {
		return ofModel(r, func(m *pipeline.ModelStatus) string { return terminal.Count(m.Calls) })
	}},
	{Title: "tokens out", Align: terminal.Right, Drop: 4, Show: func(r workRow) string {
		return ofModel(r, func(m *pipeline.ModelStatus) string { return terminal.Tokens(m.Tokens.Output) })
	}},
	{Title: "cost", Align: terminal.Right, Drop: 2, Show: func(r workRow) string {
		return ofModel(r, func(m *pipeline.ModelStatus) string { return terminal.Money(m.CostUSD) })
	}},
}

func ofModel(r workRow, show func(*pipeline.ModelStatus) string) string {
	if r.status == nil {
		return ""
	}
	return show(r.status)
}

// lines prints line by line and keeps the first error.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) print(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintln(l.w, terminal.Sanitize(fmt.Sprintf(format, args...)))
	}
}
