package plot

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Shares is a picture of shares and their intervals on one scale, a row each, as a part of a page: the page's stylesheet gives its
// classes their colours. Texts may hold anything: they are made safe.
type Shares struct {
	Title, Says string  // for who cannot see it
	From, To    float64 // ends of the scale; both 0: 0 to 1
	Line        *float64
	LineName    string // what the line stands for, such as fair
	Rows        []Share
}

// Share is one row.
type Share struct {
	Name         string
	Rate         *float64 // nil: not known
	Lower, Upper *float64 // nil: no interval
}

const (
	sharesWidth = 440.0
	sharesNames = 130.0
	sharesRight = 44.0 // for the number
	sharesRow   = 26.0
)

// Inline draws it. The ids of what describes it begin with id.
func (s Shares) Inline(id string) (string, error) {
	if s.From == s.To {
		s.From, s.To = 0, 1
	}
	for _, r := range s.Rows {
		for _, x := range []*float64{r.Rate, r.Lower, r.Upper} {
			if x != nil && (math.IsNaN(*x) || math.IsInf(*x, 0)) {
				return "", errors.New("plot: a share of " + r.Name + " is no number")
			}
		}
	}
	var b strings.Builder
	top, bottom := 8.0, 8+float64(len(s.Rows))*sharesRow
	for _, share := range [...]float64{0, 0.25, 0.5, 0.75, 1} {
		x := s.From + share*(s.To-s.From)
		fmt.Fprintf(&b, `<line class="grid" x1="%[1]s" y1="%[2]s" x2="%[1]s" y2="%[3]s"/>`, px(s.at(x)), px(top), px(bottom))
		fmt.Fprintf(&b, `<text class="soft small" x="%s" y="%s" text-anchor="middle">%s</text>`+"\n", px(s.at(x)), px(bottom+15), fraction(x))
	}
	height := bottom + 22
	if s.Line != nil {
		fmt.Fprintf(&b, `<line class="fair" x1="%[1]s" y1="%[2]s" x2="%[1]s" y2="%[3]s"/>`+"\n", px(s.at(*s.Line)), px(top-4), px(bottom+2))
		if s.LineName != "" {
			height += 14
			fmt.Fprintf(&b, `<text class="soft small" x="%s" y="%s" text-anchor="middle">%s</text>`+"\n", px(s.at(*s.Line)), px(bottom+30), escaped(clean(s.LineName)))
		}
	}
	for i, r := range s.Rows {
		s.row(&b, r, top+(float64(i)+0.5)*sharesRow)
	}
	return part(id, s.Title, s.Says, sharesWidth, height, b.String()), nil
}

func (s Shares) at(x float64) float64 {
	x = max(s.From, min(s.To, x))
	return sharesNames + 10 + float64((x-s.From)/(s.To-s.From)*(sharesWidth-sharesNames-sharesRight-20))
}

func (s Shares) row(b *strings.Builder, r Share, y float64) {
	fmt.Fprintf(b, `<text class="small" x="0" y="%s">%s</text>`, px(y+4), escaped(shorten(clean(r.Name), sharesNames/12.5)))
	if r.Rate == nil {
		fmt.Fprintf(b, `<text class="soft small" x="%s" y="%s" text-anchor="end">–</text>`+"\n", px(sharesWidth), px(y+4))
		return
	}
	if r.Lower != nil && r.Upper != nil {
		fmt.Fprintf(b, `<line class="mark" x1="%[1]s" y1="%[3]s" x2="%[2]s" y2="%[3]s"/>`, px(s.at(*r.Lower)), px(s.at(*r.Upper)), px(y))
		for _, end := range []float64{*r.Lower, *r.Upper} {
			fmt.Fprintf(b, `<line class="mark" x1="%[1]s" y1="%[2]s" x2="%[1]s" y2="%[3]s"/>`, px(s.at(end)), px(y-whiskerEnd), px(y+whiskerEnd))
		}
	}
	fmt.Fprintf(b, `<circle class="mark" cx="%s" cy="%s" r="4"/><text class="small" x="%s" y="%s" text-anchor="end">%s</text>`+"\n",
		px(s.at(*r.Rate)), px(y), px(sharesWidth), px(y+4), fraction(*r.Rate))
}

// fraction is a number with two digits, and a true minus.
func fraction(x float64) string {
	text := fmt.Sprintf("%.2f", math.Abs(x))
	if x < 0 && text != "0.00" {
		return "−" + text
	}
	return text
}

// part is what was drawn, as a part of a page.
func part(id, title, says string, width, height float64, inner string) string {
	return fmt.Sprintf(`<svg class="plot" role="img" aria-labelledby="%[1]s-title %[1]s-desc" width="%[2]s" height="%[3]s" viewBox="0 0 %[2]s %[3]s">`+"\n"+
		"<title id=\"%[1]s-title\">%[4]s</title>\n<desc id=\"%[1]s-desc\">%[5]s</desc>\n%[6]s</svg>\n",
		id, px(width), px(height), escaped(clean(title)), escaped(clean(says)), inner)
}
