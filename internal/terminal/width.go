package terminal

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

const (
	ellipsis       = "…"
	emojiSelector  = '\ufe0f' // asks for the coloured, wide form of the character before it
	regionalFirst  = '\U0001f1e6'
	regionalLast   = '\U0001f1ff'
	hangulMedial   = '\u1160' // vowels and final consonants that join the syllable before them
	hangulFinalEnd = '\u11ff'
)

// Width returns the columns that s takes in a terminal. It must not hold control characters (see [SanitizeLine]). Where
// terminals disagree, as with emoji joined by zero-width joiners, it is the larger number: a line that is short by
// two columns is better than one that wraps.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// Truncate returns s, cut to at most columns columns with … as its end if it is wider. A combining mark is never cut
// from its letter.
func Truncate(s string, columns int) string {
	if Width(s) <= columns {
		return s
	}
	if columns < 1 {
		return ""
	}
	used := 0
	for i, r := range s {
		if used += runeWidth(r); used > columns-1 {
			return strings.TrimRight(s[:i], " \u200d") + ellipsis
		}
	}
	return s
}

// runeWidth is 0, 1 or 2. Ambiguous characters count 1, as terminals outside of old East Asian setups show them.
func runeWidth(r rune) int {
	switch {
	case r >= ' ' && r <= '~':
		return 1
	case r == emojiSelector:
		return 1
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner,
		r >= hangulMedial && r <= hangulFinalEnd, unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= regionalFirst && r <= regionalLast:
		return 2
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
