package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Scatter is models by something that they take, and their ratings.
type Scatter struct {
	Title string
	Takes string // what that is, with its unit
	Money bool   // it is US dollars
	Front bool   // a line joins those whom no other one beats in both
	Dots  []Dot
}

// Dot is one model.
type Dot struct {
	Name         string
	X            float64  // what it takes, 0 or more
	Rating       float64  // in points
	Lower, Upper *float64 // nil: no interval
	Provisional  bool     // drawn hollow
}

const (
	frameWidth  = 560.0
	frameHeight = 330.0
	frameLeft   = 52.0 // of what is drawn: numbers stand left of it
	frameBelow  = 44.0
)

// Pareto are the numbers of the dots that no other one beats in both, by what they take: who takes no more has a lower rating.
func Pareto(dots []Dot) (front []int) {
	order := make([]int, len(dots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(dots[i].X, dots[j].X), cmp.Compare(dots[j].Rating, dots[i].Rating))
	})
	for _, i := range order {
		if len(front) == 0 {
			front = append(front, i)
			continue
		}
		last := dots[front[len(front)-1]]
		if d := dots[i]; d.Rating > last.Rating || d.Rating == last.Rating && d.X == last.X {
			front = append(front, i)
		}
	}
	return front
}

// Inline draws it within a page. Numbers that are not finite, and what is taken below 0, are an error.
func (s Scatter) Inline(id string) (string, error) {
	for _, d := range s.Dots {
		if !(d.X >= 0) || math.IsInf(d.X, 0) {
			return "", fmt.Errorf("plot: %s takes %v: must be a number, and 0 at least", d.Name, d.X)
		}
	}
	c := Chart{Panels: []Panel{s.panel()}}
	if err := c.check(); err != nil {
		return "", err
	}
	p := &page{layout: layout{width: frameWidth, margin: inlineMargin}, y: frameHeight}
	frame := box{frameLeft, 10, frameWidth - 12, frameHeight - frameBelow}
	p.axis = newAxis(c, frame.bottom-6, frame.top+6)
	x := newScale(s.takes(), frame.left+14, frame.right-14, 6)
	p.height(frame)
	s.width(p, frame, x)
	s.draw(p, frame, x)
	return p.inline(id, s.Title, s.describe()), nil
}

func (s Scatter) panel() (p Panel) {
	for _, d := range s.Dots {
		p.Rows = append(p.Rows, Row{Name: d.Name, Rating: &d.Rating, Lower: d.Lower, Upper: d.Upper})
	}
	return p
}

func (s Scatter) takes() (all []float64) {
	for _, d := range s.Dots {
		all = append(all, d.X)
	}
	return all
}

// height draws the scale of ratings on the left of a frame.
func (p *page) height(frame box) {
	for _, tick := range p.axis.ticks() {
		y := p.axis.at(tick)
		fmt.Fprintf(p, `<line class="grid" x1="%s" y1="%s" x2="%s" y2="%[2]s"/>`, px(frame.left), px(y), px(frame.right))
		fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="end">%s</text>`+"\n", px(frame.left-8), px(y+4), number(tick))
	}
}

// width draws the scale below a frame.
func (s Scatter) width(p *page, frame box, x scale) {
	before := math.Inf(-1)
	for _, tick := range x.marks {
		at := x.at(tick)
		text := short(tick)
		if s.Money {
			text = "$" + text
		}
		fmt.Fprintf(p, `<line class="grid" x1="%s" y1="%s" x2="%[1]s" y2="%s"/>`, px(at), px(frame.bottom), px(frame.bottom+5))
		if at-before < 12*ems(text) {
			continue
		}
		before = at
		fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="middle">%s</text>`+"\n", px(at), px(frame.bottom+18), text)
	}
	takes := s.Takes
	if x.log {
		takes += ", logarithmic"
	}
	fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s" text-anchor="end">%s</text>`+"\n", px(frame.right), px(frame.bottom+37), escaped(clean(takes)+" →"))
	fmt.Fprintf(p, `<text class="soft small" x="%s" y="%s">↑ rating</text>`+"\n", px(inlineMargin), px(frame.bottom+37))
}

// draw draws the front, the dots, and names where there is room for them.
func (s Scatter) draw(p *page, frame box, x scale) {
	var ahead []int
	if s.Front {
		ahead = Pareto(s.Dots)
		s.drawFront(p, ahead, x)
	}
	var taken []box
	for _, d := range s.Dots {
		at, y := x.at(d.X), p.axis.at(d.Rating)
		taken = append(taken, box{at - 6, y - 6, at + 6, y + 6})
	}
	for i, d := range s.Dots {
		at, y := x.at(d.X), p.axis.at(d.Rating)
		fmt.Fprintf(p, `<g><title>%s</title>`, escaped(clean(d.Name)+": "+number(d.Rating)+" points, "+short(tidy(d.X))+" "+clean(s.Takes)))
		if d.Lower != nil {
			fmt.Fprintf(p, `<path class="whisker" d="M%s %sV%s"/>`, px(at), px(p.axis.at(*d.Lower)), px(p.axis.at(*d.Upper)))
		}
		class := "mark"
		if d.Provisional {
			class += " open"
		}
		if s.Front && !slices.Contains(ahead, i) {
			fmt.Fprintf(p, `<path class="%s behind" d="M%s %sl5 5l-5 5l-5 -5z"/>`, class, px(at), px(y-5))
		} else {
			fmt.Fprintf(p, `<circle class="%s" cx="%s" cy="%s" r="5"/>`, class, px(at), px(y))
		}
		name := shorten(clean(d.Name), 14)
		if to, ok := beside(at, y, 12*ems(name), frame, taken); ok {
			taken = append(taken, to.box)
			fmt.Fprintf(p, `<text class="label small" x="%s" y="%s" text-anchor="%s">%s</text>`, px(to.x), px(to.y), to.anchor, escaped(name))
		}
		p.WriteString("</g>\n")
	}
}

// drawFront joins those on it by steps: between two of them the rating to be had is that of the lower one.
func (s Scatter) drawFront(p *page, ahead []int, x scale) {
	var path strings.Builder
	for k, i := range ahead {
		d := s.Dots[i]
		if k == 0 {
			fmt.Fprintf(&path, "M%s %s", px(x.at(d.X)), px(p.axis.at(d.Rating)))
			continue
		}
		fmt.Fprintf(&path, "H%sV%s", px(x.at(d.X)), px(p.axis.at(d.Rating)))
	}
	if len(ahead) > 1 {
		fmt.Fprintf(p, `<path class="line front" d="%s"/>`+"\n", path.String())
	}
}

func (s Scatter) describe() string {
	text := fmt.Sprintf("Rating against %s. Models: %d.", clean(s.Takes), len(s.Dots))
	if !s.Front || len(s.Dots) == 0 {
		return text
	}
	var names []string
	for _, i := range Pareto(s.Dots) {
		names = append(names, clean(s.Dots[i].Name))
	}
	return text + " No other one is both cheaper and better: " + strings.Join(names, ", ") + "."
}
