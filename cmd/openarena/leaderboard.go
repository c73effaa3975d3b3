package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// standing is one line of a leaderboard.
type standing struct {
	rating.Rating
	board *rating.Leaderboard // in which it stands
	group string              // that board's name among others; "" for the whole
}

// showBoard prints a leaderboard in the form that was asked for, wherever its battles came from.
func (e *environment) showBoard(c *cli.Context, board *rating.Leaderboard) error {
	switch {
	case c.Bool("json"):
		return printJSON(e.data(), board)
	case c.Bool("csv"):
		return boardCSV(board).CSV(e.data())
	case c.Bool("markdown"):
		if err := boardTable(board).Markdown(e.data()); err != nil {
			return err
		}
		return boardNotes(e.out, board)
	}
	return e.boardText(c, e.out, board)
}

// boardText prints a leaderboard for people, and what a reader must know.
func (e *environment) boardText(c *cli.Context, w *os.File, board *rating.Leaderboard) error {
	if err := boardTable(board).Text(w, terminal.Columns(w), e.palette(c, w)); err != nil {
		return err
	}
	return boardNotes(w, board)
}

func boardNotes(w io.Writer, board *rating.Leaderboard) error {
	what := fmt.Sprintf("Bradley-Terry rating with 95 %% interval (%s)", restsOn(board.Interval))
	if board.Method == "elo" {
		what = "Elo rating, one pass in key order"
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	what += " over " + count(board.Battles, "battle")
	if board.Prompts > 0 || board.Battles == 0 {
		what += " on " + count(board.Prompts, "prompt")
	}
	notes := []string{what + "."}
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

func boardTable(board *rating.Leaderboard) terminal.Table[standing] {
	t := terminal.Table[standing]{Columns: boardColumns(board)}
	for _, r := range board.Ratings {
		t.Rows = append(t.Rows, standing{Rating: r, board: board})
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
	}
	if slices.ContainsFunc(board.Ratings, called) {
		columns = append(columns,
			terminal.Column[standing]{Title: "tokens", Align: terminal.Right, Drop: 7, Show: tokens},
			terminal.Column[standing]{Title: "cost", Align: terminal.Right, Drop: 8, Show: func(s standing) string { return terminal.Money(s.CostUSD) }},
		)
	}
	if board.Components > 1 {
		columns = append(columns, terminal.Column[standing]{Title: "group", Align: terminal.Right,
			Show: func(s standing) string { return strconv.Itoa(s.Component + 1) }})
	}
	return columns
}

// called reports whether anything is known of the calls for a model's answers; of battles from a file nothing is.
func called(r rating.Rating) bool { return r.MeanTokens != nil || r.CostUSD != nil }

func tokens(s standing) string {
	if s.MeanTokens == nil {
		return "–"
	}
	return terminal.Count(int64(*s.MeanTokens))
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
