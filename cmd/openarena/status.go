package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"openarena/internal/standings"
	"openarena/internal/terminal"
	"openarena/pipeline"
)

func statusCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "how far the arena is, while it runs or after",
		Description: withCodes("It changes nothing and works while a run is active.\n"+watchDescription, readCodes...),
		Flags:       flags(jsonFlag(), shardFlag(), toggle("watch", "look again and again, until the run ends or Ctrl-C")),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			shard, err := shardOf(c)
			if err != nil {
				return err
			}
			a, err := e.arena(c, pipeline.Trial{Shard: shard})
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

func (e *environment) status(ctx context.Context, c *cli.Context, a *pipeline.Arena) error {
	st, _, err := e.look(ctx, a)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), st)
	}
	return printStatus(page{e.out, terminal.Columns(e.out), e.palette(c, e.out)}, st)
}

// look reads how far the arena is, and whether a process has its database open.
func (e *environment) look(ctx context.Context, a *pipeline.Arena) (*seen, bool, error) {
	if s, is := a.Database.(*server); is {
		return e.lookServer(ctx, s, a)
	}
	st, live, err := e.walk(ctx, a)
	return &seen{Status: st}, live, err
}

// walk is look by a walk over everything.
func (e *environment) walk(ctx context.Context, a *pipeline.Arena) (st *pipeline.Status, live bool, err error) {
	r, err := e.read(ctx, a, false)
	if err != nil {
		return nil, false, err
	}
	defer r.close()
	if st, err = a.Status(ctx, r.reader, r.live()); err != nil {
		return nil, false, err
	}
	st.Running, err = r.db.Info(ctx)
	var now *pipeline.Progress
	if json.Unmarshal(st.Running, &now) == nil && now != nil {
		st.Budget = now.Budget // what holds, which `ctl` may have changed, and what is in flight
	}
	return st, r.live(), err
}

// page is where and how text is printed; columns 0 is as wide as you like.
type page struct {
	out     io.Writer
	columns int
	palette terminal.Palette
}

func printStatus(p page, st *seen) error {
	w := &lines{w: p.out}
	text, waiting := running(st.Status)
	w.print("%s, %s", count(st.Prompts, "prompt"), text)
	for _, e := range waiting {
		w.print("%s", e)
	}
	for _, d := range st.Datasets {
		for _, line := range repeated(d) {
			w.print("%s", line)
		}
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
		w.err = terminal.Table[workRow]{Columns: workColumns, Rows: rows}.Text(p.out, p.columns, p.palette)
	}
	w.print("")
	w.print("%s, cost %s", tokensOf(st.Tokens), terminal.Money(st.CostUSD))
	if left := budgetLeft(st.Budget); left != "" {
		w.print("%s", left)
	}
	if st.PossiblyBilled > 0 {
		w.print("%s", lost(st.Status))
	}
	st.crew.print(w, p)
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
	if text := standings.Effects(st.Board); text != "" {
		notes = append([]string{text}, notes...)
	}
	for _, n := range append(st.Stopped, notes...) {
		if w.err == nil {
			w.err = paragraphIn(p.out, p.columns, n)
		}
	}
	return w.err
}

// running says whether a run is active, and when it may be done; and which endpoints wait, and why.
func running(st *pipeline.Status) (text string, waiting []string) {
	var p *pipeline.Progress
	switch err := json.Unmarshal(st.Running, &p); {
	case err == nil && p == nil:
		return "the database is in use, and no model is called yet", nil
	case err == nil:
	case st.Generate.Due()+st.Judge.Due() == 0 && !st.Board.Open:
		return "nothing left to do", nil
	default:
		return "no run is active", nil
	}
	for _, e := range p.Endpoints {
		if e.Note != "" {
			waiting = append(waiting, e.Name+": "+e.Note)
		}
	}
	text = "running for " + terminal.Duration(p.Elapsed)
	if p.Paused {
		return "paused by `openarena ctl`, " + text, waiting
	}
	if eta := max(p.Generate.ETA, p.Judge.ETA); eta > 0 {
		text += ", about " + terminal.Duration(eta) + " to go"
	}
	return text, waiting
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
