package plot

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Parts of emoji and of Persian and Indic spelling that have no glyph of their own.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// mostMarks is how many combining marks may stand on one letter: a pile of them paints over the rows above.
const mostMarks = 4

// clean is a text on one line without what would be obeyed in place of being shown: control characters, those that turn the
// direction of what follows, and bytes that are no UTF-8.
func clean(s string) string {
	var b strings.Builder
	marks := 0
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		switch {
		case marks > mostMarks:
		case unicode.IsGraphic(r), r == zeroWidthJoiner, r == zeroWidthNonJoiner:
			b.WriteRune(r)
		default:
			b.WriteRune(unicode.ReplacementChar)
		}
	}
	return b.String()
}

// ems is about how wide a text is, in sizes of its font. Fonts differ from machine to machine, so that it is rather the width in
// a wide one.
func ems(s string) (sum float64) {
	for _, r := range s {
		sum += em(r)
	}
	return sum
}

func em(r rune) float64 {
	switch {
	case strings.ContainsRune(" ijl.,:;'|!I()[]/-ft", r):
		return 0.38
	case strings.ContainsRune("mwMW@%", r):
		return 0.95
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z':
		return 0.62
	case r < 0x80:
		return 0.72
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner, unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 1.3 // an emoji is wider than its font's size
	}
	return 0.75
}

// shorten cuts a text to about so many sizes of its font; … is its end then. No mark is cut from its letter.
func shorten(s string, most float64) string {
	if ems(s) <= most {
		return s
	}
	used := em('…')
	for i, r := range s {
		if used += em(r); used > most && i > 0 {
			return strings.TrimRight(s[:i], " \u200d") + "…"
		}
	}
	return s
}

// wrap breaks a text at blanks into lines of about so many sizes of its font.
func wrap(s string, most float64) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && ems(line+" "+word) > most {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
