package terminal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	zeroWidthNonJoiner = '\u200c' // part of Persian and Indic spelling
	zeroWidthJoiner    = '\u200d' // part of family and flag emoji

	// maxMarks is how many combining marks may stand on one letter. Written languages need at most four or five; a pile
	// of hundreds paints over the lines above.
	maxMarks = 8
)

// Sanitize returns s so that printing it can only print: what a terminal would obey, or would not show at all, is
// written out as \x1b, \u202e or \U000e0041. That is C0 except \n and \t, DEL, C1, BiDi and other format controls, tag
// characters, private and unassigned code points, a lone CR, and bytes that are not UTF-8 (\xff). A CR before \n is
// dropped. The result is valid UTF-8, at most four times as long as s, and s itself if there was nothing to do.
func Sanitize(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		if marks = marksAfter(marks, r); marks > maxMarks {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case r == '\n', r == '\t', isShown(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// SanitizeLine is [Sanitize] for what must stay on one line: each run of newlines, tabs and blanks becomes one blank,
// and blanks at both ends go.
func SanitizeLine(s string) string {
	return strings.Join(strings.FieldsFunc(Sanitize(s), isBlank), " ")
}

// isPlain reports whether s is printable ASCII with newlines and tabs: most of what we print, and nothing to escape.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < ' ' && c != '\n' && c != '\t') || c > '~' {
			return false
		}
	}
	return true
}

// isShown reports whether a terminal shows r as a glyph, or as part of its neighbour's glyph. Unassigned code points do
// not count: their width is anyone's guess, and a wrong guess breaks the frame.
func isShown(r rune) bool {
	switch {
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
		return true
	case r >= 0xe0100 && r <= 0xe01ef: // variation selectors above 16: invisible, known to smuggle text
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // Arabic number signs: format controls with a glyph
		return true
	}
	return unicode.IsGraphic(r)
}

// marksAfter counts the combining marks in a row once r has followed n of them.
func marksAfter(n int, r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return n + 1
	}
	return 0
}

func isBlank(r rune) bool { return r == '\n' || r == '\t' || r == ' ' }
