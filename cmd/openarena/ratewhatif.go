package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/standings"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/rating"
)

// supposition is what `rate --what-if --json` prints: the leaderboard as it would be, and behind it what differs.
type supposition struct {
	*rating.Leaderboard
	WhatIf *pipeline.WhatIf `json:"what_if"`
}

// aloneWith refuses what a table with two leaderboards has no room for.
func aloneWith(c *cli.Context, flag string) error {
	for _, other := range []string{"battles", "pairs", "matrix", "by", "permutations", "plot", "progression", "compare"} {
		if other != flag && c.IsSet(flag) && c.IsSet(other) {
			return usage("--%s and --%s: choose one of them", flag, other)
		}
	}
	return nil
}

// whatIf rates as the file says, and as it would with other weights of judges.
func (e *environment) whatIf(c *cli.Context, a *pipeline.Arena) error {
	weights, err := parseWeights(c.StringSlice("what-if"))
	if err != nil {
		return err
	}
	if _, _, err := a.Suppose(weights); err != nil { // before anything is read
		return usage("--what-if: %w", err)
	}
	ctx := e.signals.soft
	r, err := e.read(ctx, a, false)
	if err != nil {
		return err
	}
	defer r.close()
	w, err := a.RateWhatIf(ctx, r.reader, weights, nil)
	if err != nil {
		return err
	}
	if err := anchored(w.Board, a.Rating.Anchor); err != nil {
		return err
	}
	switch {
	case c.Bool("json"):
		return printJSON(e.data(), supposition{w.Board, w})
	case c.Bool("csv"):
		return terminal.Table[rating.Moved]{Columns: movedCSV("file"), Rows: w.Moved}.CSV(e.data())
	case c.Bool("markdown"):
		return paper{e.data(), true, 0, terminal.Palette{}}.whatIf(w)
	}
	return paper{e.out, false, terminal.Columns(e.out), e.palette(c, e.out)}.whatIf(w)
}

// parseWeights reads JUDGE=WEIGHT; names may hold an = themselves.
func parseWeights(all []string) (weights []pipeline.Reweighted, err error) {
	for _, text := range all {
		at := strings.LastIndex(text, "=")
		x, err := strconv.ParseFloat(strings.TrimSpace(text[at+1:]), 64)
		if at < 1 || err != nil && !errors.Is(err, strconv.ErrRange) {
			return nil, usage("--what-if %s: give a judge and a weight, 0 to leave it out, as in --what-if Judge=0", text)
		}
		weights = append(weights, pipeline.Reweighted{Judge: text[:at], Weight: x})
	}
	return weights, nil
}

// whatIf prints both leaderboards in one table, and what a reader must know of them.
func (p paper) whatIf(w *pipeline.WhatIf) error {
	if err := paperTable(p, terminal.Table[rating.Moved]{Columns: movedColumns, Rows: w.Moved}); err != nil {
		return err
	}
	all := []string{w.Question(), standings.What(w.Board), "As the file has it: " + standings.What(w.File)}
	all = append(append(all, w.Notes...), w.Board.Notes...)
	if text := w.Swaps(); text != "" {
		all = append(all, text)
	}
	return p.sentences(all)
}

var movedColumns = []terminal.Column[rating.Moved]{
	{Title: "rank", Align: terminal.Right, Show: func(m rating.Moved) string { return whole(m.After.Rank) }},
	{Title: "file", Align: terminal.Right, Show: func(m rating.Moved) string { return whole(m.Before.Rank) }},
	{Title: "model", Flex: true, Bold: true, Show: func(m rating.Moved) string { return m.Model }},
	{Title: "rating", Align: terminal.Right, Show: func(m rating.Moved) string { return number(m.After.Rating, 0) }},
	{Title: "95 %", Align: terminal.Right, Drop: 2, Show: func(m rating.Moved) string { return halves(m.After) }},
	{Title: "file", Align: terminal.Right, Show: func(m rating.Moved) string { return number(m.Before.Rating, 0) }},
	{Title: "95 %", Align: terminal.Right, Drop: 3, Show: func(m rating.Moved) string { return halves(m.Before) }},
	{Title: "change", Align: terminal.Right, Show: func(m rating.Moved) string { return difference(m.Change) }},
	{Title: "intervals", Drop: 1, Show: func(m rating.Moved) string { return standings.Overlap(m.Overlap) }},
}

// halves are the two halves of an interval.
func halves(p rating.Place) string {
	if p.Lower == nil || p.Rating == nil {
		return "–"
	}
	return fmt.Sprintf("+%.0f −%.0f", *p.Upper-*p.Rating, *p.Rating-*p.Lower)
}

func difference(x *float64) string {
	if x == nil {
		return "–"
	}
	return standings.Signed(*x)
}

// movedCSV are the columns for programs; those of the leaderboard that was before have its name in front.
func movedCSV(before string) (columns []terminal.Column[rating.Moved]) {
	add := func(title string, show func(rating.Moved) string) {
		columns = append(columns, terminal.Column[rating.Moved]{Title: title, Show: show})
	}
	add("model", func(m rating.Moved) string { return m.Model })
	for _, side := range []struct {
		name string
		of   func(rating.Moved) rating.Place
	}{{"", func(m rating.Moved) rating.Place { return m.After }}, {before + "_", func(m rating.Moved) rating.Place { return m.Before }}} {
		add(side.name+"rank", func(m rating.Moved) string { return exactWhole(side.of(m).Rank) })
		add(side.name+"rating", func(m rating.Moved) string { return exact(side.of(m).Rating) })
		add(side.name+"lower", func(m rating.Moved) string { return exact(side.of(m).Lower) })
		add(side.name+"upper", func(m rating.Moved) string { return exact(side.of(m).Upper) })
	}
	add("change", func(m rating.Moved) string { return exact(m.Change) })
	add("overlap", func(m rating.Moved) string {
		if m.Overlap == nil {
			return ""
		}
		return strconv.FormatBool(*m.Overlap)
	})
	return columns
}
