package terminal

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	narrow      = 60 // below this width one blank between columns must do, and bars may be short
	veryNarrow  = 35 // below this width words must go
	barLeast    = 5  // cells
	barPleasant = 16 // cells; in a wide terminal numbers give way to this
	barMost     = 40 // cells
	noteFloor   = 30 // columns; a note says until when and why
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
		nameCell:   {flex: true, floor: nameFloor},
		barCell:    {style: always(paintBar(p))},
		countCell:  {align: Right, drop: 2},
		shareCell:  {align: Right, drop: 5, least: len("100%"), style: always(p.Dim)},
		rateCell:   {align: Right, drop: 4},
		leftCell:   {align: Right, drop: 3},
		failedCell: {align: Right, drop: 1, style: always(p.Red)},
		flightCell: {align: Right, drop: 6, style: always(p.Dim)},
	}
	if slices.ContainsFunc(stages, Stage.moving) {
		columns[rateCell].least, columns[leftCell].least = len("12.5/s"), len("12 min left")
		columns[flightCell].least = len("64 in flight")
	}
	g := grid{columns: columns, gap: gap, cells: make([][]string, len(stages))}
	for i, s := range stages {
		g.cells[i] = stageCells(s)
		g.cells[i][barCell] = bar(s, least)
		columns[countCell].least = max(columns[countCell].least, 2*len(Count(s.Wanted))+1)
	}
	g.fit(width)
	cells := min(barMost, least+max(0, width-g.total()))
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
	if s.moving() {
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
	return atMost(g.lines(width, p), width, most, p)
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
	return atMost(g.lines(width, p), width, most, p)
}

// whole returns v without decimals; – for what is no number.
func whole(v float64) string {
	if math.IsNaN(v) || math.Abs(v) > 1e15 {
		return "–"
	}
	return Count(int64(math.Round(v)))
}

// atMost keeps most lines. If some are lost the last one says how many, unless it is the only one.
func atMost(lines []string, width, most int, p Palette) []string {
	if len(lines) <= most || most < 2 {
		return lines[:min(len(lines), most)]
	}
	return append(lines[:most-1:most-1], p.Dim(Truncate(fmt.Sprintf("… %d more", len(lines)-most+1), width)))
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
