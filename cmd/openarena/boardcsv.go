package main

import (
	"io"
	"strconv"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// boardCSV prints a leaderboard, or what else of it was asked for, as programs read it: a number in each cell, or nothing.
func boardCSV(c *cli.Context, board *rating.Leaderboard, w io.Writer) error {
	switch {
	case c.Bool("pairs"):
		return pairsCSV(board, w)
	case c.Bool("matrix"):
		return matrixCSV(board, w)
	}
	t := terminal.Table[standing]{Columns: csvColumns(board)}
	for _, part := range parts(board) {
		for _, r := range part.Ratings {
			t.Rows = append(t.Rows, standing{r, part.Leaderboard, part.Name})
		}
	}
	return t.CSV(w)
}

func csvColumns(board *rating.Leaderboard) []terminal.Column[standing] {
	columns := []terminal.Column[standing]{
		{Title: "rank", Show: func(s standing) string { return exactWhole(s.Rank) }},
		{Title: "model", Show: func(s standing) string { return s.Model }},
		{Title: "rating", Show: func(s standing) string { return exact(s.Rating.Rating) }},
		{Title: "lower", Show: func(s standing) string { return exact(s.Lower) }},
		{Title: "upper", Show: func(s standing) string { return exact(s.Upper) }},
		{Title: "elo", Show: func(s standing) string { return exact(s.Elo) }},
		{Title: "win_rate", Show: func(s standing) string { return exact(s.WinRate) }},
		{Title: "battles", Show: func(s standing) string { return strconv.Itoa(s.Battles) }},
		{Title: "ties", Show: func(s standing) string { return strconv.Itoa(s.Ties) }},
		{Title: "invalid", Show: func(s standing) string { return strconv.Itoa(s.Invalid) }},
		{Title: "mean_tokens", Show: func(s standing) string { return exactWhole(s.MeanTokens) }},
		{Title: "cost_usd", Show: func(s standing) string { return exact(s.CostUSD) }},
		{Title: "component", Show: func(s standing) string { return strconv.Itoa(s.Component) }},
		{Title: "provisional", Show: func(s standing) string { return strconv.FormatBool(s.Provisional) }},
		{Title: "method", Show: func(s standing) string { return s.board.Method }},
		{Title: "interval", Show: func(s standing) string { return s.board.Interval }},
	}
	add := func(title string, show func(s standing) string) {
		columns = append(columns, terminal.Column[standing]{Title: title, Show: show})
	}
	if board.Permutations > 0 {
		add("elo_mean", func(s standing) string { return exact(s.EloMean) })
		add("elo_sd", func(s standing) string { return exact(s.EloSD) })
	}
	if len(board.Effects) > 0 {
		add("uncontrolled", func(s standing) string { return exact(s.Uncontrolled) })
	}
	if board.By != "" {
		add(board.By, func(s standing) string { return s.group })
	}
	return columns
}

// exact is a number as programs want it; empty if there is none.
func exact(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}
