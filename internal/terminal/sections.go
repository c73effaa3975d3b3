package terminal

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	narrow      = 60 // below this width one blank between columns must do, and bars may be short
	barLeast    = 5  // cells
	barPleasant = 16 // cells; in a wide terminal numbers give way to this
	barMost     = 40 // cells
	separator   = " · "
)

// The cells of a stage's line, from left to right.
const (
	nameCell = iota
	barCell
	countCell
	shareCell
	rateCell
	leftCell
	failedCell
	flightCell
	stageColumns
)

// stageLines returns a line for each stage: name, bar, counts, share, rate, time left, failures, calls in flight.
func stageLines(stages []Stage, width int, p Palette) []string {
	least, gap := barPleasant, 2
	if width < narrow {
		least, gap = barLeast, 1
	}
	columns := []gridColumn{
		nameCell:   {flex: true},
		barCell:    {style: paintBar(p)},
		countCell:  {align: Right, drop: 2},
		shareCell:  {align: Right, drop: 5, least: len("100%"), style: p.Dim},
		rateCell:   {align: Right, drop: 4},
		leftCell:   {align: Right, drop: 3},
		failedCell: {align: Right, drop: 1, style: p.Red},
		flightCell: {align: Right, drop: 6, least: len("64 in flight"), style: p.Dim},
	}
	if slices.ContainsFunc(stages, func(s Stage) bool { return !s.complete() }) {
		columns[rateCell].least, columns[leftCell].least = len("12.5/s"), len("12 min left")
	} else {
		columns[flightCell].least = 0
	}
	g := grid{columns: columns, gap: gap, cells: make([][]string, len(stages))}
	for i, s := range stages {
		g.cells[i] = stageCells(s)
		g.cells[i][barCell] = bar(s, least)
	}
	g.fit(width)
	cells := min(barMost, least+max(0, width-g.total(noLimit)))
	for i, s := range stages {
		g.cells[i][barCell] = bar(s, cells)
	}
	return g.lines(width, p)
}

// stageCells are the cells of a stage; that of the bar is empty.
func stageCells(s Stage) []string {
	row := make([]string, stageColumns)
	row[nameCell], row[countCell] = SanitizeLine(s.Name), progressCount(s)
	if s.Wanted > 0 {
		row[shareCell] = fmt.Sprintf("%.0f%%", math.Floor(s.share()*100))
	}
	if !s.complete() {
		row[rateCell], row[leftCell] = perSecond(s.Rate, ""), remaining(s.ETA)
	}
	if s.Failed > 0 {
		row[failedCell] = Count(s.Failed) + " failed"
	}
	if s.InFlight > 0 {
		row[flightCell] = Count(s.InFlight) + " in flight"
	}
	return row
}

// progressCount is "1,200/4,800", or "300/–" if nobody knows yet how many there will be.
func progressCount(s Stage) string {
	if s.Wanted <= 0 {
		return Count(s.Done) + "/–"
	}
	return Count(s.Done) + "/" + Count(s.Wanted)
}

// endpointLines returns a line for each endpoint, at most most lines; those that have something to say come first if
// not all find room.
func endpointLines(endpoints []Endpoint, width, most int, p Palette) []string {
	if len(endpoints) > most {
		endpoints = slices.Clone(endpoints)
		slices.SortStableFunc(endpoints, func(a, b Endpoint) int { return waits(b) - waits(a) })
	}
	g := grid{gap: 2, columns: []gridColumn{
		{flex: true},
		{align: Right, drop: 3},
		{align: Right, drop: 4},
		{align: Right, drop: 2, style: p.Red},
		{flex: true, style: p.Yellow},
	}}
	for _, e := range endpoints {
		row := []string{SanitizeLine(e.Name), fmt.Sprintf("%d in flight", e.InFlight), perSecond(e.TokensPerSecond, " tok"), "", SanitizeLine(e.Note)}
		if e.Limit > 0 {
			row[1] = fmt.Sprintf("%d/%d in flight", e.InFlight, e.Limit)
		}
		if e.Failures > 0 {
			row[3] = Count(e.Failures) + " failed"
		}
		g.cells = append(g.cells, row)
	}
	return atMost(g.lines(width, p), most, p)
}

func waits(e Endpoint) int {
	if e.Note == "" {
		return 0
	}
	return 1
}

// rankingLines returns a line for each model, at most most lines.
func rankingLines(ranking []Rank, width, most int, p Palette) []string {
	g := grid{gap: 2, columns: []gridColumn{
		{align: Right, style: p.Dim},
		{flex: true},
		{align: Right, style: p.Bold},
		{drop: 1, style: p.Dim},
		{align: Right, drop: 2, style: p.Dim},
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
	return atMost(g.lines(width, p), most, p)
}

// whole returns v without decimals; – for what is no number.
func whole(v float64) string {
	if math.IsNaN(v) || math.Abs(v) > 1e15 {
		return "–"
	}
	return Count(int64(math.Round(v)))
}

// atMost keeps most lines; if some are lost the last one says how many.
func atMost(lines []string, most int, p Palette) []string {
	if len(lines) <= most || most < 1 {
		return lines[:min(len(lines), max(0, most))]
	}
	return append(lines[:most-1:most-1], p.Dim(fmt.Sprintf("… %d more", len(lines)-most+1)))
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

// spent is cost and tokens; nothing as long as there are none.
func spent(s Snapshot) []string {
	if s.Tokens == (TokenCount{}) && s.Cost == nil {
		return nil
	}
	cost := Money(s.Cost)
	if cost == unknown {
		cost = "cost " + unknown
	}
	return []string{cost, fmt.Sprintf("%s tokens in, %s out", Tokens(s.Tokens.In), Tokens(s.Tokens.Out))}
}
