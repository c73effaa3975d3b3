package plot

import (
	"fmt"
	"strings"
)

const (
	stripWidth  = 190.0
	stripHeight = 28.0
	stripEdge   = 18.0 // so that a tick's number fits below it
)

// Strips are the rows of a panel for the cells of a table, each a point and its whisker, all on the scale that stands in the
// head. They are hidden from who cannot see them: the numbers stand in the table. A row without a rating is an empty text.
func Strips(of Panel) (head string, cells []string, err error) {
	c := Chart{Panels: []Panel{of}}
	if err := c.check(); err != nil {
		return "", nil, err
	}
	a := newAxis(c, stripEdge, stripWidth-stripEdge)
	var ticks strings.Builder
	p := &page{axis: a}
	for _, t := range a.ticks() {
		fmt.Fprintf(&ticks, `<text class="soft small" x="%s" y="14" text-anchor="middle">%s</text>`, px(a.at(t)), number(t))
	}
	head = strip(ticks.String(), 18)
	for _, r := range of.Rows {
		if r.Rating == nil {
			cells = append(cells, "")
			continue
		}
		p.Reset()
		p.y = -stripHeight / 2
		p.grid(2 * stripHeight) // over the edge of the cell, to meet those above and below
		p.mark(r, stripHeight/2)
		cells = append(cells, strip(p.String(), stripHeight))
	}
	return head, cells, nil
}

func strip(inner string, height float64) string {
	return fmt.Sprintf(`<svg class="plot strip" aria-hidden="true" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s">%[3]s</svg>`, px(stripWidth), px(height), inner)
}
