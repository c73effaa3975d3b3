package plot

import (
	"fmt"
	"strings"
)

// Stacks is a picture of what wholes are made of, a bar each, as a part of a page. The parts have the classes f1, f2 … and what
// they are called stands below.
type Stacks struct {
	Title, Says string   // for who cannot see it
	Parts       []string // their names
	Ordered     bool     // the parts are steps of one thing: shades of one colour, the last one the fullest
	Rows        []Stack
}

// Stack is one bar.
type Stack struct {
	Name   string
	Counts []int64 // by part; none is below 0
}

const (
	stackRow    = 30.0
	stackHeight = 18.0
	stackHues   = 8 // classes
)

// Inline draws it. The ids of what describes it begin with id.
func (s Stacks) Inline(id string) (string, error) {
	var b strings.Builder
	y := 4.0
	for _, r := range s.Rows {
		if len(r.Counts) != len(s.Parts) {
			return "", fmt.Errorf("plot: %s has %d counts for %d parts", r.Name, len(r.Counts), len(s.Parts))
		}
		s.row(&b, r, y)
		y += stackRow
	}
	y += 12
	x := 0.0
	for i, name := range s.Parts {
		name = shorten(clean(name), 20)
		width := 18 + 12.5*ems(name) + 16
		if x > 0 && x+width > sharesWidth {
			x, y = 0, y+20
		}
		fmt.Fprintf(&b, `<rect %s x="%s" y="%s" width="12" height="12"/><text class="small" x="%s" y="%s">%s</text>`+"\n",
			s.fill(i), px(x), px(y-10), px(x+18), px(y), escaped(name))
		x += width
	}
	return part(id, s.Title, s.Says, sharesWidth, y+8, b.String()), nil
}

// fill is how part i is coloured.
func (s Stacks) fill(i int) string {
	if s.Ordered {
		return fmt.Sprintf(`class="f1" fill-opacity="%.2f"`, float64(i+1)/float64(len(s.Parts)))
	}
	return fmt.Sprintf(`class="f%d"`, i%stackHues+1)
}

func (s Stacks) row(b *strings.Builder, r Stack, y float64) {
	sum := int64(0)
	for _, n := range r.Counts {
		sum += n
	}
	middle := px(y + stackHeight/2 + 4)
	fmt.Fprintf(b, `<text class="small" x="0" y="%s">%s</text>`, middle, escaped(shorten(clean(r.Name), sharesNames/12.5)))
	if sum <= 0 {
		fmt.Fprintf(b, `<text class="soft small" x="%s" y="%s" text-anchor="end">–</text>`+"\n", px(sharesWidth), middle)
		return
	}
	x, wide := sharesNames+10, sharesWidth-sharesNames-10
	for i, n := range r.Counts {
		share := float64(n) / float64(sum)
		width := float64(share * wide)
		if n > 0 {
			fmt.Fprintf(b, `<rect %s x="%s" y="%s" width="%s" height="%s"><title>%s: %d</title></rect>`,
				s.fill(i), px(x), px(y), px(max(1, width-1)), px(stackHeight), escaped(clean(s.Parts[i])), n)
		}
		x += width
	}
	b.WriteByte('\n')
}
