package main

import (
	"fmt"
	"io"
	"strconv"

	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// matrix is how often each model won against each other one, models in the order of the leaderboard.
type matrix struct {
	names []string
	cells [][]meeting // by row, then by column
}

// meeting is what one model did against another: nothing where battles is 0.
type meeting struct {
	battles int
	won     float64 // share of them, ties half
}

func newMatrix(board *rating.Leaderboard) matrix {
	var m matrix
	place := map[string]int{}
	for _, r := range board.Ratings {
		if r.Battles > 0 {
			place[r.Model] = len(m.names)
			m.names = append(m.names, r.Model)
		}
	}
	for range m.names {
		m.cells = append(m.cells, make([]meeting, len(m.names)))
	}
	for _, p := range board.Pairs {
		if p.WinRate != nil {
			i, j := place[p.A], place[p.B]
			m.cells[i][j], m.cells[j][i] = meeting{p.Battles, *p.WinRate}, meeting{p.Battles, 1 - *p.WinRate}
		}
	}
	return m
}

// rates are the shares alone; nil where two did not meet.
func (m matrix) rates() [][]*float64 {
	all := make([][]*float64, len(m.cells))
	for i, row := range m.cells {
		for _, c := range row {
			var rate *float64
			if c.battles > 0 {
				rate = &c.won
			}
			all[i] = append(all[i], rate)
		}
	}
	return all
}

// cell is a win rate in percent, and the battles that it is of.
func (m matrix) cell(row, column int) string {
	switch c := m.cells[row][column]; {
	case row == column:
		return "·"
	case c.battles == 0:
		return "–"
	default:
		return fmt.Sprintf("%.0f (%s)", 100*c.won, terminal.Count(int64(c.battles)))
	}
}

// matrix prints it with numbered columns; where a terminal is too narrow for all of them, in several tables.
func (p paper) matrix(board *rating.Leaderboard) error {
	m := newMatrix(board)
	if len(m.names) == 0 {
		return p.sentences([]string{"No model has battles, so that there are no win rates."})
	}
	for first := 0; first < len(m.names); {
		behind := m.fitting(first, p.columns)
		if _, err := fmt.Fprintln(p); err != nil {
			return err
		}
		if err := paperTable(p, m.table(first, behind)); err != nil {
			return err
		}
		first = behind
	}
	return p.sentences([]string{"Win rate of the model on the left against the one whose number stands above, in percent, ties half, and battles in parentheses."})
}

// table has the columns from first on, before behind.
func (m matrix) table(first, behind int) terminal.Table[int] {
	t := terminal.Table[int]{Columns: []terminal.Column[int]{
		{Title: "", Align: terminal.Right, Show: func(row int) string { return strconv.Itoa(row + 1) }},
		{Title: "model", Flex: true, Bold: true, Show: func(row int) string { return m.names[row] }},
	}}
	for column := first; column < behind; column++ {
		t.Columns = append(t.Columns, terminal.Column[int]{Title: strconv.Itoa(column + 1), Align: terminal.Right,
			Show: func(row int) string { return m.cell(row, column) }})
	}
	for row := range m.names {
		t.Rows = append(t.Rows, row)
	}
	return t
}

// fitting is behind the last column that fits beside those from first on, and beside enough of the names; one always does.
func (m matrix) fitting(first, width int) int {
	if width <= 0 {
		return len(m.names)
	}
	const gap, readable = 2, 12
	used := terminal.Width("model")
	for _, name := range m.names {
		used = max(used, terminal.Width(terminal.SanitizeLine(name)))
	}
	used = min(used, readable) + gap + len(strconv.Itoa(len(m.names)))
	for column := first; column < len(m.names); column++ {
		widest := len(strconv.Itoa(column + 1))
		for row := range m.names {
			widest = max(widest, terminal.Width(m.cell(row, column)))
		}
		if used += gap + widest; used > width && column > first {
			return column
		}
	}
	return len(m.names)
}

// matrixCSV has two columns a model: the win rate against it, and the battles.
func matrixCSV(board *rating.Leaderboard, w io.Writer) error {
	m := newMatrix(board)
	t := m.table(0, 0)
	t.Columns = t.Columns[1:]
	for column, name := range m.names {
		t.Columns = append(t.Columns,
			terminal.Column[int]{Title: name, Show: func(row int) string {
				if c := m.cells[row][column]; c.battles > 0 {
					return exact(&c.won)
				}
				return ""
			}},
			terminal.Column[int]{Title: name + " battles", Show: func(row int) string { return strconv.Itoa(m.cells[row][column].battles) }})
	}
	return t.CSV(w)
}
