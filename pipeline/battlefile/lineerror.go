package battlefile

import (
	"fmt"
	"strings"
)

// LineError is a line that cannot be used.
type LineError struct {
	Line int64 // from 1
	What string
}

// LinesError is all lines of a file that cannot be used.
type LinesError struct {
	File  string
	First []LineError // a few
	Count int64       // of all
}

// shownLines is how many bad lines are told in words: a mistake that repeats is one mistake.
const shownLines = 5

func (e *LinesError) Error() string {
	var b strings.Builder
	for i, l := range e.First {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s:%d: %s", e.File, l.Line, l.What)
	}
	if more := e.Count - int64(len(e.First)); more > 0 {
		fmt.Fprintf(&b, "\nand %d more: %d lines of %s cannot be used; mend or leave out all of them", more, e.Count, e.File)
	}
	return b.String()
}

// add takes a line that stands behind those that came before.
func (e *LinesError) add(line int64, what string) {
	if len(e.First) < shownLines {
		e.First = append(e.First, LineError{line, what})
	}
	e.Count++
}
