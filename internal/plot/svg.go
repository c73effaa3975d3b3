package plot

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Sizes in pixels.
const (
	pageWidth  = 840.0
	margin     = 24.0
	rowHeight  = 24.0
	lineHeight = 18.0
	gap        = 18.0  // between a name and the scale, and between the scale and a number
	numberSide = 64.0  // for the numbers
	widestName = 270.0 // of the column
	textSize   = 13.0
	titleSize  = 18.0
	whiskerEnd = 4.0 // half of what ends a whisker
	dot        = 4.5 // radius
	longPanel  = 30  // rows from which on the scale stands above them, too
)

// style is written without variables, which not every program knows. What knows no media queries draws the light one.
const style = `
.ratings{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;font-size:13px;font-variant-numeric:tabular-nums}
.ratings .page{fill:#ffffff}
.ratings text{fill:#1f2328}
.ratings .title{font-size:18px;font-weight:600}
.ratings .panel{font-size:14px;font-weight:600}
.ratings .soft{fill:#59636e}
.ratings .small{font-size:12px}
.ratings .grid{stroke:#d1d9e0;stroke-width:1}
.ratings .mark{fill:#0969da;stroke:#0969da;stroke-width:1.75}
.ratings .open{fill:#ffffff}
.ratings .dashed{stroke-dasharray:4 3}
@media (prefers-color-scheme:dark){
.ratings .page{fill:#0d1117}
.ratings text{fill:#f0f6fc}
.ratings .soft{fill:#9198a1}
.ratings .grid{stroke:#2f353d}
.ratings .mark{fill:#58a6ff;stroke:#58a6ff}
.ratings .open{fill:#0d1117}
}
`

// layout is how wide things are in a document.
type layout struct {
	width  float64 // of all
	margin float64 // on both sides
	widest float64 // that the column of names gets
}

var wide = layout{pageWidth, margin, widestName}

// page is a document under way.
type page struct {
	bytes.Buffer
	layout
	y     float64 // where the next row begins
	names float64 // width of their column
	axis  axis
}

// columns makes room for the names of a chart, and a scale for its ratings in what is left.
func (p *page) columns(c Chart) {
	p.names = nameColumn(c, p.widest)
	p.axis = newAxis(c, p.margin+p.names+gap, p.width-p.margin-numberSide-gap)
}

// draw writes the whole document. The height is known when all else is drawn.
func draw(b *bytes.Buffer, c Chart) {
	p := &page{layout: wide, y: margin}
	p.columns(c)
	p.head(c)
	for _, panel := range c.Panels {
		p.panel(panel)
	}
	p.foot(c)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="ratings" role="img" aria-labelledby="ratings-title ratings-desc" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s">`+"\n",
		px(pageWidth), px(p.y))
	fmt.Fprintf(b, "<title id=\"ratings-title\">%s</title>\n<desc id=\"ratings-desc\">%s</desc>\n<style>%s</style>\n",
		escaped(c.Title), escaped(describe(c)), style)
	fmt.Fprintf(b, `<rect class="page" width="%s" height="%s"/>`+"\n", px(pageWidth), px(p.y))
	b.Write(p.Bytes())
	b.WriteString("</svg>\n")
}

// foot says what is not plain from the picture.
func (p *page) foot(c Chart) {
	notes := []string{}
	if c.apart() {
		notes = append(notes, "Models of different groups never met: ratings compare only inside one group.")
	}
	if c.provisional() {
		notes = append(notes, "Hollow, with ~: points do not flow between all models, so that the ratings lean on virtual ties.")
	}
	for _, n := range notes {
		p.y += lineHeight
		p.text(p.margin, "soft small", n)
	}
	p.y += margin - 6
}

// nameColumn is as wide as the longest name, within reason.
func nameColumn(c Chart, most float64) float64 {
	widest := 60.0
	for _, p := range c.Panels {
		for _, r := range p.Rows {
			widest = max(widest, textSize*ems(clean(r.Name)))
		}
	}
	return min(widest, most)
}

func (p *page) head(c Chart) {
	room := p.width - 2*p.margin
	for _, line := range wrap(clean(c.Title), room/titleSize) {
		p.y += titleSize
		p.text(p.margin, "title", line)
		p.y += 6
	}
	for _, line := range wrap(clean(c.Subtitle), room/textSize) {
		p.y += lineHeight
		p.text(p.margin, "soft", line)
	}
	p.y += lineHeight
}

// panel draws a heading, then rows on the scale.
func (p *page) panel(of Panel) {
	if of.Name != "" {
		p.y += lineHeight
		p.text(p.margin, "panel", shorten(clean(of.Name), (p.width-2*p.margin)/2/14))
		if of.Note != "" {
			p.ended(of.Note)
		}
		p.y += 10
	}
	if len(of.Rows) == 0 {
		p.y += lineHeight
		p.text(p.margin, "soft", "no battles")
		p.y += lineHeight
		return
	}
	if len(of.Rows) > longPanel {
		p.scale(8)
		p.y += 6
	}
	for _, s := range of.sections() {
		if s.heading != "" {
			p.y += lineHeight
			p.text(p.margin, "soft small", s.heading)
			p.y += 6
		}
		p.grid(rowHeight * float64(len(s.rows)))
		for _, r := range s.rows {
			p.row(r)
		}
	}
	p.scale(lineHeight)
	p.y += lineHeight
}

// scale writes what the ticks stand for, a step further down.
func (p *page) scale(step float64) {
	p.y += step
	for _, tick := range p.axis.ticks() {
		fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="middle">%s</text>`+"\n", px(p.axis.at(tick)), px(p.y), number(tick))
	}
	p.ended("points")
}

// ended is a text at the right edge.
func (p *page) ended(s string) {
	fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="end">%s</text>`+"\n", px(p.width-p.margin), px(p.y), escaped(clean(s)))
}

func (p *page) grid(height float64) {
	for _, tick := range p.axis.ticks() {
		x := px(p.axis.at(tick))
		fmt.Fprintf(p, `<line class="grid" x1="%s" y1="%s" x2="%s" y2="%s"/>`+"\n", x, px(p.y), x, px(p.y+height))
	}
}

// row draws one model.
func (p *page) row(r Row) {
	middle := p.y + rowHeight/2
	p.y += rowHeight
	name := clean(r.Name)
	soft := ""
	if r.Rating == nil {
		soft = ` class="soft"`
	}
	fmt.Fprintf(p, `<g><title>%s</title>`, escaped(name+": "+r.words()))
	fmt.Fprintf(p, `<text%s x="%s" y="%s">%s</text>`, soft, px(p.margin), px(middle+4.5), escaped(shorten(name, p.names/textSize)))
	fmt.Fprintf(p, `<text%s x="%s" y="%s" text-anchor="end">%s</text>`, soft, px(p.width-p.margin), px(middle+4.5), r.label())
	if r.Rating != nil {
		p.mark(r, middle)
	}
	p.WriteString("</g>\n")
}

func (p *page) mark(r Row, y float64) {
	dashed, open := "", ""
	if r.Provisional {
		dashed, open = " dashed", " open"
	}
	if r.Lower != nil {
		from, to := px(p.axis.at(*r.Lower)), px(p.axis.at(*r.Upper))
		fmt.Fprintf(p, `<path class="mark%s" d="M%s %sH%s"/>`, dashed, from, px(y), to)
		fmt.Fprintf(p, `<path class="mark" d="M%[1]s %[3]sV%[4]sM%[2]s %[3]sV%[4]s"/>`, from, to, px(y-whiskerEnd), px(y+whiskerEnd))
	}
	fmt.Fprintf(p, `<circle class="mark%s" cx="%s" cy="%s" r="%s"/>`, open, px(p.axis.at(*r.Rating)), px(y), px(dot))
}

func (p *page) text(x float64, class, s string) {
	fmt.Fprintf(p, `<text class="%s" x="%s" y="%s">%s</text>`+"\n", class, px(x), px(p.y), escaped(s))
}

// label is the number of a row.
func (r Row) label() string {
	switch {
	case r.Rating == nil:
		return "no battles"
	case r.Provisional:
		return "~" + number(*r.Rating)
	}
	return number(*r.Rating)
}

// words are what a row shows, for those who hear it.
func (r Row) words() string {
	s := r.label()
	if r.Rating != nil && r.Lower != nil {
		s += fmt.Sprintf(" (%s to %s)", number(*r.Lower), number(*r.Upper))
	}
	return s
}

// describe says what the chart shows.
func describe(c Chart) string {
	said := []string{clean(c.Subtitle)}
	for _, p := range c.Panels {
		if len(p.Rows) == 0 {
			continue
		}
		text := fmt.Sprintf("Models: %d. First: %s, %s.", len(p.Rows), clean(p.Rows[0].Name), p.Rows[0].words())
		if p.Name != "" {
			text = clean(p.Name) + ": " + text
		}
		said = append(said, text)
	}
	return strings.TrimSpace(strings.Join(said, " "))
}

// number is points without decimals, with a minus sign where one is due.
func number(x float64) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', 0, 64)
	if x < 0 && text != "0" {
		return "−" + text
	}
	return text
}

// px is a place on the page, to a tenth of a pixel.
func px(x float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // into memory: it cannot fail
	return b.String()
}
