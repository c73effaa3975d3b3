package markdown

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/markdown"
)

// HTML is a text as what its Markdown says. Its headings begin at level, and none is left out below another. What is too long or
// too deep is shown as it is, with a word about it.
func HTML(text string, level int) template.HTML {
	text = Plain(text)
	if !fits(text) {
		return asItIs(text)
	}
	doc, ok := parse(text)
	if !ok || depth(doc.Blocks) > deepest {
		return asItIs(text)
	}
	w := writer{levels: levels(doc.Blocks, level)}
	w.blocks(doc.Blocks)
	return template.HTML(w.String())
}

func asItIs(text string) template.HTML {
	return template.HTML(`<p class="note">This is too long or too intricate to be shown as Markdown; here it is as it was written.</p>` +
		"\n" + `<div class="words" dir="auto">` + escape(text) + "</div>\n")
}

// parse reads a text; false: the parser does not know what to make of it.
func parse(text string) (doc *markdown.Document, ok bool) {
	defer func() { ok = recover() == nil }()
	p := markdown.Parser{Table: true, Strikethrough: true, TaskListItems: true, AutoLinkText: true}
	return p.Parse(text), true
}

// writer writes HTML.
type writer struct {
	strings.Builder
	levels map[int]int // of a heading as it was written: what it becomes
	linked bool        // within a link: another one cannot be
}

func (w *writer) write(parts ...string) {
	for _, p := range parts {
		w.WriteString(p)
	}
}

func (w *writer) blocks(all []markdown.Block) {
	for _, b := range all {
		w.block(b)
	}
}

func (w *writer) block(b markdown.Block) {
	switch b := b.(type) {
	case *markdown.Paragraph:
		w.wrap("p", b.Text)
	case *markdown.Text: // of a list without blank lines
		w.text(b)
		w.write("\n")
	case *markdown.Heading:
		w.wrap(fmt.Sprint("h", w.levels[b.Level]), b.Text)
	case *markdown.Quote:
		w.write(`<blockquote dir="auto">`, "\n")
		w.blocks(b.Blocks)
		w.write("</blockquote>\n")
	case *markdown.List:
		w.list(b)
	case *markdown.CodeBlock:
		w.code(b)
	case *markdown.Table:
		w.table(b)
	case *markdown.ThematicBreak:
		w.write("<hr>\n")
	case *markdown.HTMLBlock:
		w.write(`<p class="words" dir="auto">`, escape(strings.Join(b.Text, "\n")), "</p>\n")
	}
}

func (w *writer) wrap(element string, text *markdown.Text) {
	w.write("<", element, ` dir="auto">`)
	w.text(text)
	w.write("</", element, ">\n")
}

func (w *writer) list(l *markdown.List) {
	element, start := "ul", ""
	if l.Bullet == '.' || l.Bullet == ')' {
		element = "ol"
		if l.Start != 1 {
			start = fmt.Sprintf(` start="%d"`, l.Start)
		}
	}
	w.write("<", element, start, ` dir="auto">`, "\n")
	for _, item := range l.Items {
		w.write("<li>")
		if item, ok := item.(*markdown.Item); ok {
			w.blocks(item.Blocks)
		}
		w.write("</li>\n")
	}
	w.write("</", element, ">\n")
}

// code can be wider than the page: tabindex lets a keyboard scroll it.
func (w *writer) code(b *markdown.CodeBlock) {
	if language := language(b.Info); language != "" {
		w.write(`<p class="language">`, escape(language), "</p>\n")
	}
	w.write(`<pre tabindex="0" dir="ltr"><code>`)
	for _, line := range b.Text {
		w.write(escape(line), "\n")
	}
	w.write("</code></pre>\n")
}

// language is the first word behind a fence.
func language(info string) string {
	words := strings.Fields(info)
	if len(words) == 0 {
		return ""
	}
	name := []rune(strings.Trim(words[0], "{}."))
	return string(name[:min(len(name), 30)])
}

func (w *writer) table(t *markdown.Table) {
	w.write(`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table dir="auto">`, "\n<thead>\n")
	w.row("th", t.Header, t.Align)
	w.write("</thead>\n<tbody>\n")
	for _, cells := range t.Rows {
		w.row("td", cells, t.Align)
	}
	w.write("</tbody>\n</table></div>\n")
}

func (w *writer) row(element string, cells []*markdown.Text, align []string) {
	w.write("<tr>")
	for i, cell := range cells {
		w.write("<", element)
		if i < len(align) && (align[i] == "center" || align[i] == "right") {
			w.write(` class="`, align[i], `"`)
		}
		w.write(">")
		if cell != nil {
			w.text(cell)
		}
		w.write("</", element, ">")
	}
	w.write("</tr>\n")
}
