package attacks

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Audit parses a page as a browser does and names what must not be in it, whoever wrote the texts that it shows: elements and
// attributes that nobody of ours writes, and addresses that lead elsewhere than to the page's own site, the web or a mailbox.
// report: it is one file, which holds its scripts and its style, and packs of markup that its scripts parse.
func Audit(page string, report bool) (wrong []string) {
	return audit(page, report, map[string]bool{})
}

// audit knows the ids that were there before.
func audit(page string, report bool, ids map[string]bool) (wrong []string) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		wrong = append(wrong, element(n, report)...)
		if report && n.Data == "script" && attribute(n, "type") == "text/html" && n.FirstChild != nil {
			wrong = append(wrong, audit(n.FirstChild.Data, false, ids)...)
		}
		for _, a := range n.Attr {
			if a.Key == "id" && ids[a.Val] {
				wrong = append(wrong, "two elements have the id "+a.Val)
			}
			ids[a.Val] = ids[a.Val] || a.Key == "id"
		}
	}
	return wrong
}

// elements are those that pages of ours are made of.
var elements = strings.Fields(`html head meta title link script style body header nav main footer section article aside
	h1 h2 h3 h4 h5 h6 p div span a ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td
	figure figcaption details summary blockquote pre code kbd samp em strong b i s small ins del mark sub sup abbr time hr br wbr
	form fieldset legend label input button select optgroup option textarea output progress meter datalist data bdi
	svg g path rect line circle ellipse polyline polygon text tspan title desc defs clippath marker use lineargradient stop pattern symbol`)

// attributes are those that they have, beside aria-… and data-….
var attributes = strings.Fields(`lang charset name content rel href src defer type class id dir role tabindex title for value action method
	scope colspan rowspan start open hidden disabled checked selected multiple required readonly placeholder autocomplete autofocus
	min max step minlength maxlength size pattern inputmode accesskey download datetime label form width height rows cols list spellcheck
	enctype reversed translate abbr span low high optimum novalidate enterkeyhint http-equiv accept headers
	viewbox preserveaspectratio xmlns x y x1 y1 x2 y2 cx cy r rx ry d points transform fill stroke stroke-width stroke-dasharray
	stroke-linecap stroke-linejoin stroke-opacity fill-opacity opacity text-anchor dominant-baseline dx dy font-size font-weight font-family
	clip-path marker-end marker-start refx refy markerwidth markerheight orient offset stop-color gradientunits patternunits focusable vector-effect
	textlength lengthadjust patterntransform marker-mid rotate`)

func element(n *html.Node, report bool) (wrong []string) {
	name := strings.ToLower(n.Data)
	if within := name == "style"; !report && within || !slices.Contains(elements, name) {
		wrong = append(wrong, "there is an element <"+name+">")
	}
	for _, a := range n.Attr {
		key := strings.ToLower(a.Key)
		if !slices.Contains(attributes, key) && !strings.HasPrefix(key, "aria-") && !strings.HasPrefix(key, "data-") {
			wrong = append(wrong, fmt.Sprintf("<%s> has an attribute %s=%q", name, key, a.Val))
		}
		if key == "href" || key == "src" || key == "action" {
			if why := address(name, a.Val); why != "" {
				wrong = append(wrong, fmt.Sprintf("<%s %s=%q> %s", name, key, a.Val, why))
			}
		}
		if key == "http-equiv" && (!report || a.Val != "Content-Security-Policy") {
			wrong = append(wrong, fmt.Sprintf("<%s> has http-equiv=%q", name, a.Val))
		}
	}
	if name == "script" && !report && (n.FirstChild != nil || attribute(n, "src") == "") {
		wrong = append(wrong, "there is a script in the page itself")
	}
	return wrong
}

// address says what is wrong with one; "" if nothing is.
func address(element, to string) string {
	small := strings.ToLower(to)
	switch {
	case element == "link" && to == "data:,": // the icon that there is not
	case strings.HasPrefix(small, "/") && !strings.HasPrefix(small, "//"), strings.HasPrefix(small, "#"), strings.HasPrefix(small, "?"):
	case element == "a" && (strings.HasPrefix(small, "https://") || strings.HasPrefix(small, "http://") || strings.HasPrefix(small, "mailto:")):
		if strings.Contains(small, Host) {
			return "leads to where an attack wants it"
		}
	default:
		return "leads elsewhere"
	}
	return ""
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
