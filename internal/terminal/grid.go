package terminal

import (
	"math"
	"strings"
)

const (
	flexFloor = 12 // a shortened column keeps this many columns as long as another one can be dropped instead
	flexLeast = 4  // and this many in any case
	noLimit   = math.MaxInt
)

// grid lays out cells in columns. Cells are sanitised by whoever fills them.
type grid struct {
	columns []gridColumn
	cells   [][]string
	gap     int  // blanks between columns
	heading bool // the first row holds titles: dim, and no other markup
}

type gridColumn struct {
	align Align
	drop  int                 // as in Column
	flex  bool                // as in Column
	least int                 // at least this wide, so that columns stay where they are while numbers grow
	style func(string) string // marks up a text; nil: none
	width int                 // set by fit; 0: not shown
}

// lines returns one line for each row, at most width columns wide; 0 means no limit.
func (g *grid) lines(width int, p Palette) []string {
	g.fit(width)
	tooWide := width > 0 && g.total(noLimit) > width
	lines := make([]string, len(g.cells))
	for i, row := range g.cells {
		title := g.heading && i == 0
		lines[i] = g.line(row, !title && !tooWide)
		if tooWide {
			lines[i] = Truncate(lines[i], width)
		}
		if title {
			lines[i] = p.Dim(lines[i])
		}
	}
	return lines
}

// line returns one row, after fit. Blanks at its end are cut: they would only wrap.
func (g *grid) line(row []string, marked bool) string {
	var b strings.Builder
	blanks := 0
	for i, c := range g.columns {
		if c.width == 0 {
			continue
		}
		text := Truncate(row[i], c.width)
		fill := c.width - Width(text)
		if c.align == Right {
			blanks, fill = blanks+fill, 0
		}
		if text != "" {
			b.WriteString(strings.Repeat(" ", blanks))
			if marked && c.style != nil {
				text = c.style(text)
			}
			b.WriteString(text)
			blanks = 0
		}
		blanks += fill + g.gap
	}
	return b.String()
}

// fit sets the widths of the columns. It drops columns until the rest fits with shortened texts that can still be told
// apart, then shortens no more than it must.
func (g *grid) fit(width int) {
	for i := range g.columns {
		g.columns[i].width = g.columns[i].least
		for _, row := range g.cells {
			g.columns[i].width = max(g.columns[i].width, Width(row[i]))
		}
	}
	if width <= 0 {
		return
	}
	for g.total(flexFloor) > width {
		i := g.leastWanted()
		if i < 0 {
			break
		}
		g.columns[i].width = 0
	}
	for g.total(noLimit) > width {
		i := g.widestFlex()
		if i < 0 {
			break
		}
		g.columns[i].width--
	}
}

// widestFlex is the widest column that may be shortened; -1 if there is none.
func (g *grid) widestFlex() int {
	found := -1
	for i, c := range g.columns {
		if c.flex && c.width > flexLeast && (found < 0 || c.width > g.columns[found].width) {
			found = i
		}
	}
	return found
}

// leastWanted is the shown column with the highest drop, of equals the last one; -1 if none may go.
func (g *grid) leastWanted() int {
	found := -1
	for i, c := range g.columns {
		if c.width > 0 && c.drop > 0 && (found < 0 || c.drop >= g.columns[found].drop) {
			found = i
		}
	}
	return found
}

// total is the width of a full line whose columns with flex take at most flexLimit each.
func (g *grid) total(flexLimit int) int {
	sum, shown := 0, 0
	for _, c := range g.columns {
		if c.width == 0 {
			continue
		}
		shown++
		if c.flex {
			sum += min(c.width, flexLimit)
		} else {
			sum += c.width
		}
	}
	return sum + g.gap*max(0, shown-1)
}
