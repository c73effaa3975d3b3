package web

import (
	"fmt"
	"math"

	"openarena/internal/standings"
	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// mostInHeatMap is how many models it has: cells beyond tell nobody anything, and a page has to be read, too.
const mostInHeatMap = 50

// heatMap is how often each model won against each other one. It is a table of its own, so that it needs none beside it.
type heatMap struct {
	Names []string
	Rows  []heatRow
	Of    int // models with battles
}

type heatRow struct {
	Name  string
	Cells []heatCell
}

// heatCell is one model against another.
type heatCell struct {
	Rate    string // in percent; "" where they did not meet
	Battles string
	Shade   string // a class
	Against string
	Self    bool
}

func newHeatMap(board *rating.Leaderboard) *heatMap {
	m := standings.NewMatrix(board)
	if len(m.Names) < 2 {
		return nil
	}
	h := &heatMap{Names: m.Names[:min(len(m.Names), mostInHeatMap)], Of: len(m.Names)}
	for i, name := range h.Names {
		row := heatRow{Name: name}
		for j, other := range h.Names {
			c := heatCell{Against: other, Self: i == j}
			if met := m.Cells[i][j]; met.Battles > 0 {
				c.Rate, c.Battles, c.Shade = fmt.Sprintf("%.0f", 100*met.Won), terminal.Count(int64(met.Battles)), shade(met.Won)
			}
			row.Cells = append(row.Cells, c)
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}

// shades are how many steps there are from one half to all or nothing.
const shades = 4

// shade is the class of a win rate: even, win1 … win4 or loss1 … loss4.
func shade(rate float64) string {
	n := int(math.Round(math.Abs(rate-0.5) * 2 * shades))
	switch {
	case n == 0:
		return "even"
	case rate > 0.5:
		return fmt.Sprintf("win%d", n)
	}
	return fmt.Sprintf("loss%d", n)
}
