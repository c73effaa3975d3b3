package terminal

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	noteFloor = 30 // columns; a note says until when and why
	separator = " · "
)

// endpointLines returns a line for each endpoint, at most most lines; those that have something to say come first if
// not all find room.
func endpointLines(endpoints []Endpoint, width, most int, p Palette) []string {
	if len(endpoints) > most {
		endpoints = slices.Clone(endpoints)
		slices.SortStableFunc(endpoints, func(a, b Endpoint) int { return waits(b) - waits(a) })
	}
	endpoints, more := atMost(endpoints, most)
	g := grid{gap: 2, columns: []gridColumn{
		{flex: true, floor: nameFloor},
		{flex: true, floor: noteFloor, style: func(row int, text string) string {
			if endpoints[row].Note == "" {
				return text
			}
			return p.Yellow(text)
		}},
		{align: Right, drop: 2},
		{drop: 1, style: always(p.Red)},
	}}
	for _, e := range endpoints {
		row := []string{SanitizeLine(e.Name), endpointState(e, width), perSecond(e.TokensPerSecond, " tok"), ""}
		if e.Failures > 0 {
			row[3] = Count(e.Failures) + " failed"
		}
		g.cells = append(g.cells, row)
	}
	return withMore(g.lines(width, p), more, width, p)
}

// endpointState is why the endpoint waits, or else "16/64 in flight"; just "16/64" where it would be cut.
func endpointState(e Endpoint, width int) string {
	if e.Note != "" {
		return SanitizeLine(e.Note)
	}
	calls := fmt.Sprint(e.InFlight)
	if e.Limit > 0 {
		calls += fmt.Sprintf("/%d", e.Limit)
	}
	if width >= veryNarrow {
		calls += " in flight"
	}
	return calls
}

func waits(e Endpoint) int {
	if e.Note == "" {
		return 0
	}
	return 1
}

// rankingLines returns a line for each model, at most most lines.
func rankingLines(ranking []Rank, width, most int, p Palette) []string {
	ranking, more := atMost(ranking, most)
	g := grid{gap: 2, columns: []gridColumn{
		{align: Right, style: always(p.Dim)},
		{flex: true, floor: nameFloor},
		{align: Right, style: always(p.Bold)},
		{drop: 1, style: always(p.Dim)},
		{align: Right, drop: 2, style: always(p.Dim)},
	}}
	for _, r := range ranking {
		row := []string{fmt.Sprint(r.Place), SanitizeLine(r.Model), whole(r.Rating), "", ""}
		if r.Plus != 0 || r.Minus != 0 {
			row[3] = "+" + whole(r.Plus) + "/−" + whole(r.Minus)
		}
		if r.Battles > 0 {
			row[4] = Count(int64(r.Battles)) + " battles"
		}
		g.cells = append(g.cells, row)
	}
	return withMore(g.lines(width, p), more, width, p)
}

// whole returns v without decimals; – for what is no number.
func whole(v float64) string {
	if math.IsNaN(v) || math.Abs(v) > 1e15 {
		return "–"
	}
	return Count(int64(math.Round(v)))
}

// atMost returns what of items is shown on most lines, and how many are not. Those cost a line to say so, unless there
// is only one line.
func atMost[T any](items []T, most int) (shown []T, more int) {
	switch {
	case len(items) <= most:
		return items, 0
	case most < 2:
		return items[:most], 0
	}
	return items[:most-1], len(items) - most + 1
}

func withMore(lines []string, more, width int, p Palette) []string {
	if more == 0 {
		return lines
	}
	return append(lines, p.Dim(Truncate(fmt.Sprintf("… %d more", more), width)))
}

// summary returns elapsed time, cost and tokens as one line; what does not fit into width is left out from the right.
func summary(s Snapshot, width int) string {
	text := Duration(s.Elapsed.Truncate(time.Second))
	for _, part := range spent(s) {
		if Width(text+separator+part) > width {
			break
		}
		text += separator + part
	}
	return Truncate(text, width)
}

// spent is cost, what is left of the budget, and tokens; nothing as long as there are none.
func spent(s Snapshot) []string {
	var parts []string
	if s.Left != "" {
		parts = []string{SanitizeLine(s.Left)}
	}
	if s.Tokens == (TokenCount{}) && s.Cost == nil {
		return parts
	}
	cost := Money(s.Cost)
	if cost == unknown {
		cost = "cost " + unknown
	}
	return append([]string{cost}, append(parts, fmt.Sprintf("%s tokens in, %s out", Tokens(s.Tokens.In), Tokens(s.Tokens.Out)))...)
}
