package terminal

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// Align is the side a column's texts keep to.
type Align uint8

const (
	Left Align = iota
	Right
)

// Column is one column of a [Table] over rows of type R.
type Column[R any] struct {
	Title string         // heading
	Align Align          // of text and Markdown
	Drop  int            // 0: always shown; else the column with the highest number goes first on a narrow terminal
	Flex  bool           // may be shortened with … on a narrow terminal
	Bold  bool           // where colour is on
	Show  func(R) string // the cell
}

// Table prints rows of one type as text, Markdown or CSV. Text and Markdown are sanitised; CSV is exact.
type Table[R any] struct {
	Columns []Column[R]
	Rows    []R
}

// Text writes aligned text that is at most width columns wide; 0 means as wide as it gets. Where room is
// short, columns with Drop go as long as shortening those with Flex to a readable rest is not enough.
func (t Table[R]) Text(w io.Writer, width int, p Palette) error {
	g := grid{gap: 2, heading: true, cells: make([][]string, 0, len(t.Rows)+1)}
	titles := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		column := gridColumn{align: c.Align, drop: c.Drop, flex: c.Flex, floor: nameFloor}
		if c.Bold {
			column.style = always(p.Bold)
		}
		g.columns = append(g.columns, column)
		titles[i] = SanitizeLine(c.Title)
	}
	g.cells = append(g.cells, titles)
	for _, row := range t.Rows {
		g.cells = append(g.cells, t.shown(row, SanitizeLine))
	}
	return writeAll(w, "text table", strings.Join(g.lines(width, p), "\n")+"\n")
}

// Markdown writes a GitHub table. Cells show as they are: characters that mean something there are escaped.
func (t Table[R]) Markdown(w io.Writer) error {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	titles, rules := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		titles[i], rules[i] = markdown(c.Title), "---"
		if c.Align == Right {
			rules[i] = "---:"
		}
	}
	line(titles)
	line(rules)
	for _, row := range t.Rows {
		line(t.shown(row, markdown))
	}
	return writeAll(w, "Markdown table", b.String())
}

// CSV writes a heading and the rows as RFC 4180 has it, with \n as line end and every value unchanged.
func (t Table[R]) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = c.Title
	}
	if err := out.Write(record); err != nil {
		return fmt.Errorf("write CSV heading: %w", err)
	}
	for n, row := range t.Rows {
		for i, c := range t.Columns {
			record[i] = c.Show(row)
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write CSV row %d: %w", n+1, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (t Table[R]) shown(row R, clean func(string) string) []string {
	cells := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cells[i] = clean(c.Show(row))
	}
	return cells
}

var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, `|`, `\|`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `~`, `\~`,
)

func markdown(s string) string { return markdownEscapes.Replace(SanitizeLine(s)) }

func writeAll(w io.Writer, what, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}
