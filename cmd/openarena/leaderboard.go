package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/rating"
)

// standing is one line of the leaderboard as people see it.
type standing struct {
	rating.Rating
	tokens int64 // mean output per answer; -1: unknown
	cost   *float64
}

// leaderboard prints the ratings as a table, and what a reader must know.
func (e *environment) leaderboard(c *cli.Context, w *os.File, st *pipeline.Status) error {
	fmt.Fprintln(w)
	if err := boardTable(st).Text(w, terminal.Columns(w), e.palette(c, w)); err != nil {
		return err
	}
	if err := boardNotes(w, st.Board); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func boardNotes(w io.Writer, board *rating.Leaderboard) error {
	what := fmt.Sprintf("Bradley-Terry rating with 95 %% interval (%s)", restsOn(board.Interval))
	if board.Method == "elo" {
		what = "Elo rating, one pass in key order"
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	notes := []string{fmt.Sprintf("%s over %s on %s.", what, count(board.Battles, "battle"), count(board.Prompts, "prompt"))}
	for _, n := range append(notes, board.Notes...) {
		if err := paragraph(w, n); err != nil {
			return err
		}
	}
	return nil
}

// restsOn is what intervals rest on, in words.
func restsOn(interval string) string {
	switch interval {
	case "clustered", "bootstrap":
		return interval + " by prompt"
	}
	return interval
}

func boardTable(st *pipeline.Status) terminal.Table[standing] {
	byName := map[string]pipeline.ModelStatus{}
	for _, m := range st.Models {
		byName[m.Model] = m
	}
	t := terminal.Table[standing]{Columns: boardColumns(st.Board)}
	for _, r := range st.Ratings {
		m := byName[r.Model]
		s := standing{Rating: r, tokens: -1, cost: m.CostUSD}
		if m.Calls > 0 {
			s.tokens = m.Tokens.Output / m.Calls
		}
		t.Rows = append(t.Rows, s)
	}
	return t
}

func boardColumns(board *rating.Leaderboard) []terminal.Column[standing] {
	interval := func(s standing) string {
		if s.Lower == nil || s.Rating.Rating == nil {
			return "–"
		}
		return fmt.Sprintf("+%.0f −%.0f", *s.Upper-*s.Rating.Rating, *s.Rating.Rating-*s.Lower)
	}
	columns := []terminal.Column[standing]{
		{Title: "rank", Align: terminal.Right, Show: func(s standing) string { return whole(s.Rank) }},
		{Title: "model", Flex: true, Bold: true, Show: func(s standing) string { return s.Model }},
		{Title: "rating", Align: terminal.Right, Show: func(s standing) string { return mark(number(s.Rating.Rating, 0), s.Provisional) }},
		{Title: "95 %", Align: terminal.Right, Drop: 1, Show: interval},
		{Title: "Elo", Align: terminal.Right, Drop: 4, Show: func(s standing) string { return number(s.Elo, 0) }},
		{Title: "win rate", Align: terminal.Right, Drop: 2, Show: func(s standing) string { return percent(s.WinRate) }},
		{Title: "battles", Align: terminal.Right, Drop: 3, Show: func(s standing) string { return terminal.Count(int64(s.Battles)) }},
		{Title: "ties", Align: terminal.Right, Drop: 5, Show: func(s standing) string { return terminal.Count(int64(s.Ties)) }},
		{Title: "invalid", Align: terminal.Right, Drop: 6, Show: func(s standing) string { return terminal.Count(int64(s.Invalid)) }},
		{Title: "tokens", Align: terminal.Right, Drop: 7, Show: tokens},
		{Title: "cost", Align: terminal.Right, Drop: 8, Show: func(s standing) string { return terminal.Money(s.cost) }},
	}
	if board.Components > 1 {
		columns = append(columns, terminal.Column[standing]{Title: "group", Align: terminal.Right,
			Show: func(s standing) string { return strconv.Itoa(s.Component + 1) }})
	}
	return columns
}

func tokens(s standing) string {
	if s.tokens < 0 {
		return "–"
	}
	return terminal.Count(s.tokens)
}

// mark sets a tilde before a rating that leans on virtual ties.
func mark(text string, provisional bool) string {
	if provisional {
		return "~" + text
	}
	return text
}

func whole(n *int) string {
	if n == nil {
		return "–"
	}
	return strconv.Itoa(*n)
}

func number(x *float64, digits int) string {
	if x == nil {
		return "–"
	}
	text := strconv.FormatFloat(*x, 'f', digits, 64)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-") // a zero has no sign
	}
	return text
}

func percent(x *float64) string {
	if x == nil {
		return "–"
	}
	return strconv.FormatFloat(100**x, 'f', 1, 64) + " %"
}
