package main

import (
	"fmt"
	"io"
	"strconv"

	"openarena/internal/standings"
	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// pairs prints a line for each pair of models.
func (p paper) pairs(board *rating.Leaderboard) error {
	if len(board.Pairs) == 0 {
		return p.sentences([]string{"No two models have battles, so that there are no pairs."})
	}
	if _, err := fmt.Fprintln(p); err != nil {
		return err
	}
	t := terminal.Table[rating.Pair]{Rows: board.Pairs, Columns: []terminal.Column[rating.Pair]{
		{Title: "model", Flex: true, Bold: true, Show: func(p rating.Pair) string { return p.A }},
		{Title: "against", Flex: true, Show: func(p rating.Pair) string { return p.B }},
		{Title: "battles", Align: terminal.Right, Drop: 3, Show: func(p rating.Pair) string { return terminal.Count(int64(p.Battles)) }},
		{Title: "win rate", Align: terminal.Right, Drop: 4, Show: func(p rating.Pair) string { return percent(p.WinRate) }},
		{Title: "P(wins)", Align: terminal.Right, Show: func(p rating.Pair) string { return percent(p.Chance) }},
	}}
	if board.Method != rating.Elo {
		t.Columns = append(t.Columns, []terminal.Column[rating.Pair]{
			{Title: "95 %", Align: terminal.Right, Drop: 1, Show: chanceBounds},
			{Title: "tied", Show: tiedOrNot},
			{Title: "needed", Align: terminal.Right, Drop: 2, Show: neededBattles},
		}...)
	}
	if err := paperTable(p, t); err != nil {
		return err
	}
	text := "P(wins) is the chance that the first beats the second, by their ratings; a tie is half a win."
	if board.Method != rating.Elo {
		text += " Tied: the 95 % interval holds one half. Needed: about how many more battles of the two would tell them apart."
	}
	return p.sentences([]string{text})
}

func chanceBounds(p rating.Pair) string {
	if p.Lower == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f–%.0f %%", 100**p.Lower, 100**p.Upper)
}

func tiedOrNot(p rating.Pair) string {
	switch {
	case p.Tied == nil:
		return "–"
	case *p.Tied:
		return "tied"
	}
	return "no"
}

func neededBattles(p rating.Pair) string {
	if p.Needed == nil {
		return "–"
	}
	return terminal.Count(int64(standings.About(*p.Needed)))
}

// pairsCSV is the pairs as programs read them.
func pairsCSV(board *rating.Leaderboard, w io.Writer) error {
	t := terminal.Table[pairIn]{Columns: []terminal.Column[pairIn]{
		{Title: "a", Show: func(p pairIn) string { return p.A }},
		{Title: "b", Show: func(p pairIn) string { return p.B }},
		{Title: "battles", Show: func(p pairIn) string { return strconv.Itoa(p.Battles) }},
		{Title: "win_rate", Show: func(p pairIn) string { return exact(p.WinRate) }},
		{Title: "p", Show: func(p pairIn) string { return exact(p.Chance) }},
		{Title: "lower", Show: func(p pairIn) string { return exact(p.Lower) }},
		{Title: "upper", Show: func(p pairIn) string { return exact(p.Upper) }},
		{Title: "difference", Show: func(p pairIn) string { return exact(p.Points) }},
		{Title: "se", Show: func(p pairIn) string { return exact(p.SE) }},
		{Title: "tied", Show: func(p pairIn) string { return truth(p.Tied) }},
		{Title: "needed", Show: func(p pairIn) string { return exactWhole(p.Needed) }},
		{Title: "method", Show: func(p pairIn) string { return p.board.Method }},
		{Title: "interval", Show: func(p pairIn) string { return p.board.Interval }},
	}}
	if board.By != "" {
		t.Columns = append(t.Columns, terminal.Column[pairIn]{Title: board.By, Show: func(p pairIn) string { return p.group }})
	}
	for _, b := range parts(board) {
		for _, p := range b.Pairs {
			t.Rows = append(t.Rows, pairIn{p, b.Leaderboard, b.Name})
		}
	}
	return t.CSV(w)
}

// pairIn is a pair with the leaderboard that it is of.
type pairIn struct {
	rating.Pair
	board *rating.Leaderboard
	group string
}

// parts are the whole, without a name, and its groups.
func parts(board *rating.Leaderboard) []rating.Group {
	return append([]rating.Group{{Leaderboard: board}}, board.Groups...)
}

func truth(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

func exactWhole(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
