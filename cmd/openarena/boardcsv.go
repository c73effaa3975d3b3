package main

import (
	"strconv"

	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// boardCSV is the leaderboard as programs read it: a number in each cell, or nothing.
func boardCSV(board *rating.Leaderboard) terminal.Table[standing] {
	t := boardTable(board)
	t.Columns = []terminal.Column[standing]{
		{Title: "rank", Show: func(s standing) string {
			if s.Rank == nil {
				return ""
			}
			return strconv.Itoa(*s.Rank)
		}},
		{Title: "model", Show: func(s standing) string { return s.Model }},
		{Title: "rating", Show: func(s standing) string { return exact(s.Rating.Rating) }},
		{Title: "lower", Show: func(s standing) string { return exact(s.Lower) }},
		{Title: "upper", Show: func(s standing) string { return exact(s.Upper) }},
		{Title: "elo", Show: func(s standing) string { return exact(s.Elo) }},
		{Title: "win_rate", Show: func(s standing) string { return exact(s.WinRate) }},
		{Title: "battles", Show: func(s standing) string { return strconv.Itoa(s.Battles) }},
		{Title: "ties", Show: func(s standing) string { return strconv.Itoa(s.Ties) }},
		{Title: "invalid", Show: func(s standing) string { return strconv.Itoa(s.Invalid) }},
		{Title: "mean_tokens", Show: func(s standing) string {
			if s.MeanTokens == nil {
				return ""
			}
			return strconv.Itoa(*s.MeanTokens)
		}},
		{Title: "cost_usd", Show: func(s standing) string { return exact(s.CostUSD) }},
		{Title: "component", Show: func(s standing) string { return strconv.Itoa(s.Component) }},
		{Title: "provisional", Show: func(s standing) string { return strconv.FormatBool(s.Provisional) }},
		{Title: "method", Show: func(s standing) string { return s.board.Method }},
		{Title: "interval", Show: func(s standing) string { return s.board.Interval }},
	}
	return t
}

// exact is a number as programs want it; empty if there is none.
func exact(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}
