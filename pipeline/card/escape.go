package card

import (
	"encoding/json"
	"strings"
	"unicode"
)

// escapes are what would mean something in Markdown, or become a link by itself.
var escapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`, "#", `\#`, "|", `\|`, "~", `\~`, "!", `\!`,
	"$", `\$`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "@", "&#64;", "://", ":&#47;/", "www.", "www&#46;",
)

// escape makes a name show as it is, in one line, and do nothing.
func escape(name string) string { return escapes.Replace(plain(name, 200)) }

// plain is one line of printable characters.
func plain(name string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range name {
		if unicode.IsSpace(r) {
			r = ' '
		}
		if !unicode.IsPrint(r) {
			continue
		}
		if n++; n > most {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// quoted is a text for YAML, in double quotes as JSON has them: nothing in it is taken for another type.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""` // a text cannot fail
	}
	return strings.TrimSuffix(b.String(), "\n")
}
