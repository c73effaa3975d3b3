package terminal

import "strings"

const (
	nameFloor = 12 // a name of which this much is left can still be told from others
	flexLeast = 4  // a column is never shorter than this
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
	drop  int   // as in Column
	flex  bool  // as in Column
	floor int   // with flex: not shorter than this as long as another column can be dropped instead
	least int   // at least this wide, so that columns stay where they are while numbers grow
	style style // nil: none
	width int   // set by fit; 0: not shown
}

// style marks up the text of a cell. Rows count from 0.
type style func(row int, text string) string

// always is the same mark for every row.
func always(mark func(string) string) style {
	return func(_ int, text string) string { return mark(text) }
}

// lines returns one line for each row, at most width columns wide; 0 means no limit.
func (g *grid) lines(width int, p Palette) []string {
	g.fit(width)
	tooWide := width > 0 && g.total() > width
	lines := make([]string, len(g.cells))
	for i := range g.cells {
		title := g.heading && i == 0
		lines[i] = g.line(i, !title && !tooWide)
		if tooWide {
			lines[i] = Truncate(lines[i], width)
		}
		if title {
			lines[i] = p.Dim(lines[i])
		}
	}
	return lines
}

// line returns one row, after fit. Its end is not filled up: blanks there would only wrap.
func (g *grid) line(row int, marked bool) string {
	var b strings.Builder
	blanks := 0
	for i, c := range g.columns {
		if c.width == 0 {
			continue
		}
		text := Truncate(g.cells[row][i], c.width)
		fill := c.width - Width(text)
		if c.align == Right {
			blanks, fill = blanks+fill, 0
		}
		if text != "" {
			b.WriteString(strings.Repeat(" ", blanks))
			if marked && c.style != nil {
				text = c.style(row, text)
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
	for g.shortest() > width {
		i := g.leastWanted()
		if i < 0 {
			break
		}
		g.columns[i].width = 0
	}
	for g.total() > width {
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

// total is the width of a full line.
func (g *grid) total() int {
	sum, shown := 0, 0
	for _, c := range g.columns {
		if c.width > 0 {
			sum += c.width
			shown++
		}
	}
	return sum + g.gap*max(0, shown-1)
}

// shortest is the width of a full line if all columns with flex are shortened to their floor.
func (g *grid) shortest() int {
	n := g.total()
	for _, c := range g.columns {
		if c.flex {
			n -= max(0, c.width-c.floor)
		}
	}
	return n
}
