package card

import (
	"bytes"
	"strings"
)

// What stands between the marks is ours.
const (
	beginMark = "<!-- openarena: begin. What stands from here to the end mark is written anew by each upload; all else on this page stays. -->"
	endMark   = "<!-- openarena: end -->"
	beginning = "<!-- openarena: begin"
)

// split takes a page apart: the YAML between its first two lines of dashes, and the rest.
func split(page []byte) (head, text string) {
	page = bytes.ReplaceAll(bytes.TrimPrefix(page, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	rest, ok := strings.CutPrefix(string(page), "---\n")
	if !ok {
		return "", string(page)
	}
	if after, empty := strings.CutPrefix(rest, "---\n"); empty {
		return "", after
	}
	head, text, ok = strings.Cut(rest, "\n---\n")
	if !ok {
		if head, ok = strings.CutSuffix(rest, "\n---"); !ok {
			return "", string(page)
		}
		text = ""
	}
	return head + "\n", text
}

// between puts our part into a text: between its marks, or behind it where it has none.
func between(text, ours string) string {
	ours = beginMark + "\n" + ours + endMark + "\n"
	before, rest, found := strings.Cut(text, beginning)
	if !found {
		if text = strings.TrimRight(text, "\n"); text != "" {
			text += "\n\n"
		}
		return text + ours
	}
	_, after, found := strings.Cut(rest, endMark)
	if !found {
		return before + ours // the end mark is gone: nobody can tell whose the rest is, and it is what we wrote last
	}
	return before + ours + strings.TrimPrefix(after, "\n")
}
