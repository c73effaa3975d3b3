package markdown

import (
	"bytes"

	"rsc.io/markdown"
)

func (w *writer) text(t *markdown.Text) { w.inlines(t.Inline) }

func (w *writer) inlines(all []markdown.Inline) {
	for _, x := range all {
		w.inline(x)
	}
}

func (w *writer) inline(x markdown.Inline) {
	switch x := x.(type) {
	case *markdown.Plain:
		w.write(escape(x.Text))
	case *markdown.Escaped:
		w.write(escape(x.Text))
	case *markdown.Code:
		w.write("<code>", escape(x.Text), "</code>")
	case *markdown.Emph:
		w.within("em", x.Inner)
	case *markdown.Strong:
		w.within("strong", x.Inner)
	case *markdown.Del:
		w.within("s", x.Inner)
	case *markdown.HardBreak:
		w.write("<br>\n")
	case *markdown.SoftBreak:
		w.write("\n")
	case *markdown.Task:
		w.write(map[bool]string{true: "☑", false: "☐"}[x.Checked])
	case *markdown.HTMLTag:
		w.write(escape(x.Text))
	case *markdown.AutoLink:
		w.link(x.URL, func() { w.write(escape(x.Text)) })
	case *markdown.Link:
		w.link(x.URL, func() { w.inlines(x.Inner) })
	case *markdown.Image:
		w.link(x.URL, func() { w.write(escape("image: " + alt(x))) })
	default: // what a later parser may know
		w.write(escape(printed(x)))
	}
}

func (w *writer) within(element string, inner []markdown.Inline) {
	w.write("<", element, ">")
	w.inlines(inner)
	w.write("</", element, ">")
}

// link writes a link, or what stands in it and where it would lead.
func (w *writer) link(address string, inner func()) {
	if w.linked || !leads(address) {
		inner()
		if !w.linked && address != "" {
			w.write(` <span class="unlinked">(`, escape(shortened(address)), ")</span>")
		}
		return
	}
	w.open(address)
	w.linked = true
	inner()
	w.linked = false
	w.write("</a>")
}

// shortened is the beginning of an address: some hold whole files.
func shortened(address string) string {
	const most = 200
	if r := []rune(address); len(r) > most {
		return string(r[:most]) + "…"
	}
	return address
}

func alt(x *markdown.Image) string {
	var b bytes.Buffer
	for _, i := range x.Inner {
		i.PrintText(&b)
	}
	return unescape(b.String())
}

func printed(x markdown.Inline) string {
	var b bytes.Buffer
	x.PrintText(&b)
	return unescape(b.String())
}
