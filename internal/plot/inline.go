package plot

import (
	"fmt"
	"strings"
)

// Pictures within a page have neither colours nor sizes of text of their own: the stylesheet of the page gives them to the classes
// plot, title, soft, small, grid, mark, open, dashed, line, label and s1 … s8.
const inlineMargin = 4.0

var (
	broad  = layout{pageWidth, inlineMargin, widestName}
	narrow = layout{350, inlineMargin, 124}
)

// InlineRatings is what Ratings draws, as a part of a page. The ids of what describes it begin with id.
func InlineRatings(id string, c Chart) (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	p := &page{layout: broad, y: inlineMargin}
	p.columns(c)
	for _, panel := range c.Panels {
		p.panel(panel)
	}
	p.foot(c)
	return p.inline(id, c.Title, describe(c)), nil
}

// Multiples are the panels of a chart, each as a small picture within a page, all on one scale. Their names are left to the page.
func Multiples(id string, c Chart) ([]string, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var all []string
	for i, panel := range c.Panels {
		p := &page{layout: narrow, y: inlineMargin}
		p.columns(c)
		name := panel.Name
		panel.Name = ""
		p.panel(panel)
		one := Chart{Title: c.Title, Subtitle: c.Subtitle, Panels: []Panel{panel}}
		if name != "" {
			one.Title += ": " + clean(name)
		}
		all = append(all, p.inline(fmt.Sprintf("%s-%d", id, i+1), one.Title, describe(one)))
	}
	return all, nil
}

// inline is what was drawn, as a part of a page.
func (p *page) inline(id, title, says string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="plot" role="img" aria-labelledby="%[1]s-title %[1]s-desc" width="%[2]s" height="%[3]s" viewBox="0 0 %[2]s %[3]s">`+"\n",
		id, px(p.width), px(p.y+inlineMargin))
	fmt.Fprintf(&b, "<title id=\"%[1]s-title\">%[2]s</title>\n<desc id=\"%[1]s-desc\">%[3]s</desc>\n", id, escaped(clean(title)), escaped(clean(says)))
	b.Write(p.Bytes())
	b.WriteString("</svg>\n")
	return b.String()
}
