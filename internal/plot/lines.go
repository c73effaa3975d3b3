package plot

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Lines is how ratings came about.
type Lines struct {
	Title  string
	Counts string    // what At counts
	At     []float64 // where ratings were looked at, ascending from 0 on
	Series []Series  // best first
}

// Series is one model.
type Series struct {
	Name    string
	Ratings []float64 // in points, one for each place of At
}

const (
	linesWidth  = 840.0
	linesHeight = 360.0
	endRoom     = 200.0 // right of the frame, for names
	mostEnds    = 40    // lines that have a name
)

// Inline draws it within a page, each line with its name at its end. Numbers that are not finite, and series of another length than At,
// are an error.
func (l Lines) Inline(id string) (string, error) {
	c, err := l.chart()
	if err != nil {
		return "", err
	}
	named := min(len(l.Series), mostEnds)
	height := max(linesHeight, float64(named)*labelStep+frameBelow+30)
	p := &page{layout: layout{width: linesWidth, margin: inlineMargin}, y: height}
	frame := box{frameLeft, 10, linesWidth - endRoom, height - frameBelow}
	p.axis = newAxis(c, frame.bottom-4, frame.top+4)
	x := even(0, 1, frame.left, frame.right, 8)
	if n := len(l.At); n > 0 && l.At[n-1] > 0 {
		x = even(0, l.At[n-1], frame.left, frame.right, 8)
		x.to = l.At[n-1] // no room is left behind the last
	}
	p.height(frame)
	l.width(p, frame, x)
	for i := len(l.Series) - 1; i >= 0; i-- { // the best one lies above the others
		l.draw(p, i, x)
	}
	l.names(p, frame, named)
	return p.inline(id, l.Title, l.describe()), nil
}

// chart holds all that the scale of ratings has to.
func (l Lines) chart() (c Chart, err error) {
	for _, s := range l.Series {
		if len(s.Ratings) != len(l.At) {
			return c, fmt.Errorf("plot: %s has %d ratings at %d places", s.Name, len(s.Ratings), len(l.At))
		}
		var p Panel
		for i := range s.Ratings {
			p.Rows = append(p.Rows, Row{Name: s.Name, Rating: &s.Ratings[i]})
		}
		c.Panels = append(c.Panels, p)
	}
	for _, x := range l.At {
		if !(x >= 0) || math.IsInf(x, 0) {
			return c, errors.New("plot: a place that is no number")
		}
	}
	return c, c.check()
}

func (l Lines) width(p *page, frame box, x scale) {
	for _, tick := range x.marks {
		if tick > x.to || tick != math.Trunc(tick) {
			continue
		}
		fmt.Fprintf(p, `<line class="grid" x1="%s" y1="%s" x2="%[1]s" y2="%s"/>`, px(x.at(tick)), px(frame.bottom), px(frame.bottom+5))
		fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="middle">%s</text>`+"\n", px(x.at(tick)), px(frame.bottom+18), short(tick))
	}
	fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="end">%s</text>`+"\n", px(frame.right), px(frame.bottom+37), escaped(clean(l.Counts)+" →"))
	fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s">↑ Elo</text>`+"\n", px(inlineMargin), px(frame.bottom+37))
}

// look is the class of a line: eight colours, and dashes that differ before a colour comes again.
func look(i int) string { return fmt.Sprintf("s%d d%d", i%8+1, (i+i/8)%4+1) }

func (l Lines) draw(p *page, i int, x scale) {
	s := l.Series[i]
	if len(s.Ratings) == 0 {
		return
	}
	var path strings.Builder
	for k, points := range s.Ratings {
		letter := "L"
		if k == 0 {
			letter = "M"
		}
		fmt.Fprintf(&path, "%s%s %s", letter, px(x.at(l.At[k])), px(p.axis.at(points)))
	}
	fmt.Fprintf(p, `<g><title>%s</title><path class="line %s" d="%s"/></g>`+"\n",
		escaped(clean(s.Name)+": "+number(s.Ratings[len(s.Ratings)-1])), look(i), path.String())
}

// names stand at the ends of lines, apart from each other.
func (l Lines) names(p *page, frame box, named int) {
	if len(l.At) == 0 {
		return
	}
	var ends []float64
	for _, s := range l.Series[:named] {
		ends = append(ends, p.axis.at(s.Ratings[len(s.Ratings)-1]))
	}
	for i, y := range spread(ends, labelStep, frame.top+2, frame.bottom) {
		fmt.Fprintf(p, `<path class="lead %s" d="M%s %sL%s %sH%s"/>`, look(i), px(frame.right+2), px(ends[i]), px(frame.right+14), px(y), px(frame.right+30))
		name := shorten(clean(l.Series[i].Name), (endRoom-38-inlineMargin)/12)
		fmt.Fprintf(p, `<text class="small" x="%s" y="%s">%s</text>`+"\n", px(frame.right+36), px(y+4), escaped(name))
	}
}

func (l Lines) describe() string {
	if len(l.Series) == 0 || len(l.At) == 0 {
		return "There are no battles."
	}
	var ends []string
	for i, s := range l.Series {
		if i == 5 {
			ends = append(ends, fmt.Sprintf("%d more", len(l.Series)-i))
			break
		}
		ends = append(ends, clean(s.Name)+" "+number(s.Ratings[len(s.Ratings)-1]))
	}
	return fmt.Sprintf("Over %s %s. At the end: %s.", short(l.At[len(l.At)-1]), clean(l.Counts), strings.Join(ends, ", "))
}
