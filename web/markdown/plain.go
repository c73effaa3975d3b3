package markdown

import (
	"html"
	"strings"

	"openarena/internal/terminal"
)

// Plain is a text with what would be obeyed, or not shown at all, written out: control characters, overrides of the direction
// of writing, bytes that are no UTF-8. Marks that spelling asks for stay.
func Plain(text string) string {
	if !strings.ContainsFunc(text, spelled) {
		return terminal.Sanitize(text)
	}
	var b strings.Builder
	for text != "" {
		i := strings.IndexFunc(text, spelled)
		if i < 0 {
			i = len(text)
		}
		b.WriteString(terminal.Sanitize(text[:i]))
		text = text[i:]
		for _, r := range text {
			if !spelled(r) {
				break
			}
			b.WriteRune(r)
			text = text[len(string(r)):]
		}
	}
	return b.String()
}

// spelled are the invisible marks of Arabic and Hebrew text, which say on which side a sign stands and turn nothing around.
func spelled(r rune) bool { return r == '\u200e' || r == '\u200f' || r == '\u061c' }

// escape is a piece of text, or the value of an attribute, as it stands in HTML.
func escape(text string) string { return html.EscapeString(Plain(text)) }
