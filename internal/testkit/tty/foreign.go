package tty

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marks are those that a program may make itself.
type Marks uint8

// The marks.
const (
	Styles Marks = 1 << iota // bold, dim and four colours
	Moves                    // of a progress that is redrawn in place
)

var (
	// styles are the marks of a table or a bar. All other colours are foreign.
	styles = []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"}
	// moves redraw a progress in place; a CR may follow them.
	moves = []string{"\x1b[?25l", "\x1b[?25h", "\x1b[K", "\x1b[J", "\x1b[A"}
)

// Foreign finds what in a program's output a terminal would obey, or hide, beside its own marks: control characters, format
// characters that turn text round or do not show, and bytes that are no UTF-8.
func Foreign(printed []byte, marks Marks) (found []string) {
	text := string(printed)
	moved, piled := false, 0
	for at := 0; at < len(text); {
		if n := own(text[at:], styles); n > 0 && marks&Styles != 0 {
			at, moved = at+n, false
			continue
		}
		if n := own(text[at:], moves); n > 0 && marks&Moves != 0 {
			at, moved = at+n, true
			continue
		}
		if text[at] == '\r' && moved {
			at++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[at:])
		if piled = pile(piled, r); obeyed(r, n) || piled == mostMarks+1 {
			found = append(found, fmt.Sprintf("%U in %q", r, text[max(0, at-20):min(len(text), at+20)]))
		}
		at, moved = at+n, false
	}
	return found
}

// mostMarks is how many accents one letter may have: hundreds paint over the lines above.
const mostMarks = 8

func pile(before int, r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return before + 1
	}
	return 0
}

func own(text string, sequences []string) int {
	for _, s := range sequences {
		if strings.HasPrefix(text, s) {
			return len(s)
		}
	}
	return 0
}

// obeyed reports whether a terminal does with r anything but show it.
func obeyed(r rune, size int) bool {
	switch {
	case r == utf8.RuneError && size == 1:
		return true
	case r == '\n', r == '\t', r == '\u200c', r == '\u200d': // the joiners of emoji and of Persian and Indic words
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}
