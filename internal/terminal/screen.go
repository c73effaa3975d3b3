package terminal

import (
	"io"
	"strings"
)

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	clearLine  = "\x1b[K" // from the cursor
	clearBelow = "\x1b[J" // from the cursor to the end of the screen
	cursorUp   = "\x1b[A"
)

// screen redraws the last lines of a terminal in place. Between frames the cursor is at the start of the last line:
// what the terminal echoes, such as ^C, lands there and is painted over. Not safe for concurrent use.
type screen struct {
	w      io.Writer
	widths []int  // columns of the lines on the screen; nil: none
	last   string // what was written for them
	bottom string // the last of them
	failed bool   // the terminal is gone: nothing more is written
}

// draw replaces the lines on the screen by lines, none of which may be wider than columns, in a single write.
func (s *screen) draw(lines []string, columns int) {
	body := strings.Join(lines, clearLine+"\n") + clearBelow + "\r"
	if body == s.last {
		return
	}
	var b strings.Builder
	if s.widths == nil {
		b.WriteString(hideCursor)
	}
	b.WriteString(strings.Repeat(cursorUp, s.rowsAbove(columns)))
	b.WriteString("\r" + body)
	s.widths, s.last, s.bottom = s.widths[:0], body, ""
	for _, line := range lines {
		s.widths, s.bottom = append(s.widths, Width(unmarked(line))), line
	}
	s.write(b.String())
}

// release leaves the lines on the screen, the last without what was echoed there, goes below them and shows the cursor again.
func (s *screen) release(columns int) {
	if s.widths == nil {
		return
	}
	below := "\n" + showCursor
	if Width(unmarked(s.bottom)) <= columns { // else the terminal became narrower, and has wrapped it
		below = "\r" + s.bottom + clearBelow + below
	}
	s.widths, s.last = nil, ""
	s.write(below)
}

// rowsAbove is how far the first line on the screen is above the cursor. A terminal that became narrower has
// wrapped the lines it showed.
func (s *screen) rowsAbove(columns int) int {
	rows := 0
	for _, w := range s.widths[:max(0, len(s.widths)-1)] {
		rows += max(1, (w+columns-1)/columns)
	}
	return rows
}

func (s *screen) write(text string) {
	if s.failed {
		return
	}
	_, err := io.WriteString(s.w, text)
	s.failed = err != nil
}

// unmarked returns a line without the sequences of a [Palette].
func unmarked(line string) string {
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(line, "\x1b[")
		b.WriteString(text)
		if !found {
			return b.String()
		}
		_, line, _ = strings.Cut(rest, "m")
	}
}
