package main

import (
	"fmt"
	"io"
	"strconv"

	"openarena/internal/standings"
	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// matrix is printed with the numbers of rows above its columns.
type matrix struct{ standings.Matrix }

func newMatrix(board *rating.Leaderboard) matrix { return matrix{standings.NewMatrix(board)} }

// cell is a win rate in percent, and the battles that it is of.
func (m matrix) cell(row, column int) string {
	switch c := m.Cells[row][column]; {
	case row == column:
		return "·"
	case c.Battles == 0:
		return "–"
	default:
		return fmt.Sprintf("%.0f (%s)", 100*c.Won, terminal.Count(int64(c.Battles)))
	}
}

// matrix prints it with numbered columns; where a terminal is too narrow for all of them, in several tables.
func (p paper) matrix(board *rating.Leaderboard) error {
	m := newMatrix(board)
	if len(m.Names) == 0 {
		return p.sentences([]string{"No model has battles, so that there are no win rates."})
	}
	for first := 0; first < len(m.Names); {
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
		{Title: "model", Flex: true, Bold: true, Show: func(row int) string { return m.Names[row] }},
	}}
	for column := first; column < behind; column++ {
		t.Columns = append(t.Columns, terminal.Column[int]{Title: strconv.Itoa(column + 1), Align: terminal.Right,
			Show: func(row int) string { return m.cell(row, column) }})
	}
	for row := range m.Names {
		t.Rows = append(t.Rows, row)
	}
	return t
}

// fitting is behind the last column that fits beside those from first on, and beside enough of the names; one always does.
func (m matrix) fitting(first, width int) int {
	if width <= 0 {
		return len(m.Names)
	}
	const gap, readable = 2, 12
	used := terminal.Width("model")
	for _, name := range m.Names {
		used = max(used, terminal.Width(terminal.SanitizeLine(name)))
	}
	used = min(used, readable) + gap + len(strconv.Itoa(len(m.Names)))
	for column := first; column < len(m.Names); column++ {
		widest := len(strconv.Itoa(column + 1))
		for row := range m.Names {
			widest = max(widest, terminal.Width(m.cell(row, column)))
		}
		if used += gap + widest; used > width && column > first {
			return column
		}
	}
	return len(m.Names)
}

// matrixCSV has two columns a model: the win rate against it, and the battles.
func matrixCSV(board *rating.Leaderboard, w io.Writer) error {
	m := newMatrix(board)
	t := m.table(0, 0)
	t.Columns = t.Columns[1:]
	for column, name := range m.Names {
		t.Columns = append(t.Columns,
			terminal.Column[int]{Title: name, Show: func(row int) string {
				if c := m.Cells[row][column]; c.Battles > 0 {
					return exact(&c.Won)
				}
				return ""
			}},
			terminal.Column[int]{Title: name + " battles", Show: func(row int) string { return strconv.Itoa(m.Cells[row][column].Battles) }})
	}
	return t.CSV(w)
}
