package terminal

import (
	"fmt"
	"math"
	"slices"
)

const (
	narrow      = 60 // below this width one blank between columns must do, and bars may be short
	veryNarrow  = 35 // below this width words must go
	barLeast    = 5  // cells
	barPleasant = 16 // cells; in a wide terminal numbers give way to this
	barMost     = 40 // cells
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
