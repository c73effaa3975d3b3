package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"openarena/internal/standings"
	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// standing is one line of a leaderboard.
type standing struct {
	rating.Rating
	board *rating.Leaderboard // in which it stands
	group string              // that board's name among others; "" for the whole
}

// showBoard draws a leaderboard if that was asked for, and prints it in the form that was, wherever its battles came from.
func (e *environment) showBoard(c *cli.Context, board *rating.Leaderboard) error {
	if err := e.plotBoard(c, board); err != nil {
		return err
	}
	switch {
	case c.Bool("json"):
		return printJSON(e.data(), board)
	case c.Bool("csv"):
		return boardCSV(c, board, e.data())
	case c.Bool("markdown"):
		return paper{e.data(), true, 0, terminal.Palette{}}.board(c, board)
	}
	return e.boardText(c, e.out, board)
}

// boardText prints a leaderboard for people, and what a reader must know.
func (e *environment) boardText(c *cli.Context, w *os.File, board *rating.Leaderboard) error {
	return paper{w, false, terminal.Columns(w), e.palette(c, w)}.board(c, board)
}

// paper is where a leaderboard is printed for people: as text, or as Markdown.
type paper struct {
	io.Writer
	markdown bool
	columns  int // of a terminal; 0: as many as it takes
	palette  terminal.Palette
}

// board prints the table, what a reader must know, what else was asked for, and then the same of each group.
func (p paper) board(c *cli.Context, board *rating.Leaderboard) error {
	if err := p.one(c, board); err != nil {
		return err
	}
	for _, g := range board.Groups {
		if err := p.heading(board.By + ": " + g.Name); err != nil {
			return err
		}
		if err := p.one(c, g.Leaderboard); err != nil {
			return err
		}
	}
	return nil
}

func (p paper) one(c *cli.Context, board *rating.Leaderboard) error {
	if err := paperTable(p, boardTable(board)); err != nil {
		return err
	}
	if err := p.sentences(standings.Sentences(board)); err != nil {
		return err
	}
	if c.Bool("pairs") {
		if err := p.pairs(board); err != nil {
			return err
		}
	}
	if c.Bool("matrix") {
		return p.matrix(board)
	}
	return nil
}

// paperTable prints a table of any rows.
func paperTable[R any](p paper, t terminal.Table[R]) error {
	if p.markdown {
		return t.Markdown(p)
	}
	return t.Text(p, p.columns, p.palette)
}

// heading begins a part.
func (p paper) heading(text string) error {
	text = terminal.SanitizeLine(text)
	if p.markdown {
		text = "## " + text + "\n"
	} else {
		text = p.palette.Bold(text)
	}
	_, err := fmt.Fprintf(p, "\n%s\n", text)
	return err
}

// sentences prints one to a line; on a terminal it is broken between words.
func (p paper) sentences(all []string) error {
	if _, err := fmt.Fprintln(p); err != nil {
		return err
	}
	for _, text := range all {
		if err := paragraphIn(p, p.columns, text); err != nil {
			return err
		}
	}
	return nil
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
	}
	if board.Method != rating.Elo { // which has none
		columns = append(columns, terminal.Column[standing]{Title: "95 %", Align: terminal.Right, Drop: 1, Show: interval})
	}
	if len(board.Effects) > 0 {
		columns = append(columns, terminal.Column[standing]{Title: "without", Align: terminal.Right, Drop: 2,
			Show: func(s standing) string { return number(s.Uncontrolled, 0) }})
	}
	columns = append(columns, terminal.Column[standing]{Title: "Elo", Align: terminal.Right, Drop: 5, Show: func(s standing) string { return number(s.Elo, 0) }})
	if board.Permutations > 0 {
		columns = append(columns, terminal.Column[standing]{Title: "mean Elo", Align: terminal.Right, Drop: 3, Show: meanElo})
	}
	columns = append(columns, []terminal.Column[standing]{
		{Title: "win rate", Align: terminal.Right, Drop: 3, Show: func(s standing) string { return percent(s.WinRate) }},
		{Title: "battles", Align: terminal.Right, Drop: 4, Show: func(s standing) string { return terminal.Count(int64(s.Battles)) }},
		{Title: "ties", Align: terminal.Right, Drop: 6, Show: func(s standing) string { return terminal.Count(int64(s.Ties)) }},
		{Title: "invalid", Align: terminal.Right, Drop: 7, Show: func(s standing) string { return terminal.Count(int64(s.Invalid)) }},
	}...)
	if slices.ContainsFunc(board.Ratings, called) {
		columns = append(columns,
			terminal.Column[standing]{Title: "tokens", Align: terminal.Right, Drop: 8, Show: tokens},
			terminal.Column[standing]{Title: "cost", Align: terminal.Right, Drop: 9, Show: func(s standing) string { return terminal.Money(s.CostUSD) }},
		)
	}
	if board.Components > 1 {
		columns = append(columns, terminal.Column[standing]{Title: "group", Align: terminal.Right,
			Show: func(s standing) string { return group(s) }})
	}
	return columns
}

// called reports whether anything is known of the calls for a model's answers; of battles from a file nothing is.
func called(r rating.Rating) bool { return r.MeanTokens != nil || r.CostUSD != nil }

// group is which of several components a model is in.
func group(s standing) string {
	if s.Rating.Rating == nil {
		return "–"
	}
	return strconv.Itoa(s.Component + 1)
}

// meanElo is the mean over orders of the battles, and its spread.
func meanElo(s standing) string {
	if s.EloMean == nil {
		return "–"
	}
	return fmt.Sprintf("%s ± %s", number(s.EloMean, 0), number(s.EloSD, 0))
}

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

func number(x *float64, digits int) string { return terminal.Number(x, digits) }

func percent(x *float64) string { return terminal.Percent(x) }
