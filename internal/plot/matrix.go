package plot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// Matrix is how often each model won against each other one. All its texts may hold anything: they are made safe.
type Matrix struct {
	Title    string
	Subtitle string
	Names    []string     // best first
	Rates    [][]*float64 // by row, then by column: the share of battles that the row's model won, 0 … 1; nil: they never met
}

// mostInMatrix is how many models are drawn: more cells tell nobody anything.
const mostInMatrix = 24

const (
	cellSide  = 38.0
	deepest   = 0.65 // opacity of a rate of 0 or 1, under which text is readable still
	numberGap = 22.0 // between the names and the first column
)

const matrixStyle = `
.rates .win{fill:#0969da}
.rates .loss{fill:#bc4c00}
.rates .line{fill:none;stroke:#d1d9e0}
@media (prefers-color-scheme:dark){
.rates .win{fill:#58a6ff}
.rates .loss{fill:#db6d28}
.rates .line{stroke:#2f353d}
}
`

// WinRates draws a matrix as one SVG document that needs no other file. A matrix that is not square, and rates that are no
// shares, are an error, and then nothing is written.
func WinRates(w io.Writer, m Matrix) error {
	if err := m.check(); err != nil {
		return err
	}
	var b bytes.Buffer
	m.draw(&b)
	_, err := w.Write(b.Bytes())
	return err
}

func (m *Matrix) check() error {
	if len(m.Rates) != len(m.Names) {
		return errors.New("plot: a matrix has a row for each name")
	}
	for i, row := range m.Rates {
		if len(row) != len(m.Names) {
			return fmt.Errorf("plot: row %d has %d rates for %d names", i+1, len(row), len(m.Names))
		}
		for _, x := range row {
			if x != nil && !(*x >= 0 && *x <= 1) {
				return fmt.Errorf("plot: row %d has a win rate of %v", i+1, *x)
			}
		}
	}
	return nil
}

// draw writes the document. Columns have the numbers that stand before the names of the rows.
func (m *Matrix) draw(b *bytes.Buffer) {
	n := min(len(m.Names), mostInMatrix)
	p := &page{layout: wide, y: margin}
	p.head(Chart{Title: m.Title, Subtitle: m.Subtitle})
	names := 60.0
	for _, name := range m.Names[:n] {
		names = max(names, textSize*ems(clean(name)))
	}
	names = min(names, widestName) + numberGap
	left := margin + names + gap
	for i := range n {
		fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="middle">%d</text>`+"\n", px(left+(float64(i)+0.5)*cellSide), px(p.y), i+1)
	}
	p.y += 8
	for i := range n {
		middle := px(p.y + cellSide/2 + 4.5)
		fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="end">%d</text>`, px(margin+numberGap-8), middle, i+1)
		fmt.Fprintf(p, `<text x="%s" y="%s">%s</text>`+"\n", px(margin+numberGap), middle, escaped(shorten(clean(m.Names[i]), (names-numberGap)/textSize)))
		for j := range n {
			m.cell(p, i, j, left+float64(j)*cellSide)
		}
		p.y += cellSide
	}
	notes := []string{"Percent of battles that the model on the left won against the one whose number stands above, ties half."}
	if n < len(m.Names) {
		notes = append(notes, fmt.Sprintf("The first %d of %d models.", n, len(m.Names)))
	}
	for _, text := range notes {
		p.y += lineHeight
		p.text(margin, "soft small", text)
	}
	p.y += margin - 6
	m.document(b, p, max(pageWidth, left+float64(n)*cellSide+margin), notes[0])
}

// cell draws one rate at the height of the page.
func (m *Matrix) cell(p *page, i, j int, x float64) {
	rate := m.Rates[i][j]
	if rate != nil && i != j {
		class := "win"
		if *rate < 0.5 {
			class = "loss"
		}
		fmt.Fprintf(p, `<g><title>%s</title><rect class="%s" fill-opacity="%s" x="%s" y="%s" width="%s" height="%s"/>`,
			escaped(clean(m.Names[i])+" against "+clean(m.Names[j])), class, strconv.FormatFloat(deepest*math.Abs(*rate-0.5)*2, 'f', 2, 64),
			px(x), px(p.y), px(cellSide), px(cellSide))
		fmt.Fprintf(p, `<text class="small" x="%s" y="%s" text-anchor="middle">%s</text></g>`+"\n", px(x+cellSide/2), px(p.y+cellSide/2+4.5), number(100**rate))
	}
	fmt.Fprintf(p, `<rect class="line" x="%s" y="%s" width="%s" height="%s"/>`+"\n", px(x), px(p.y), px(cellSide), px(cellSide))
}

// document wraps what was drawn.
func (m *Matrix) document(b *bytes.Buffer, p *page, width float64, says string) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="ratings rates" role="img" aria-labelledby="rates-title rates-desc" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s">`+"\n",
		px(width), px(p.y))
	fmt.Fprintf(b, "<title id=\"rates-title\">%s</title>\n<desc id=\"rates-desc\">%s</desc>\n<style>%s%s</style>\n", escaped(m.Title), escaped(says), style, matrixStyle)
	fmt.Fprintf(b, `<rect class="page" width="%s" height="%s"/>`+"\n", px(width), px(p.y))
	b.Write(p.Bytes())
	b.WriteString("</svg>\n")
}
