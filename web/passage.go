package web

import (
	"strings"
	"unicode/utf8"

	"openarena/web/markdown"
)

// mostLines of a text are shown, and markdown.Largest bytes; who wants the rest downloads it.
const mostLines = 2000

// passage is the beginning of a text.
type passage struct {
	Shown string
	Size  int // of the whole, in bytes
	Lines int // of the whole
	Cut   bool
	Whole *place // all of it, as a file; nil: it is not to be had
}

// Size64 is the size as `bytes` takes it.
func (e *passage) Size64() int64 { return int64(e.Size) }

// newPassage is as much of a text as a page shows beside others.
func newPassage(text string, whole *place) *passage {
	return cutPassage(text, whole, markdown.Largest/2, mostLines) // what is written out takes more room
}

// cutPassage cuts at the end of a line, else between two characters.
func cutPassage(text string, whole *place, most, lines int) *passage {
	e := &passage{Size: len(text), Lines: strings.Count(text, "\n") + 1, Whole: whole}
	end := len(text)
	if e.Lines > lines {
		end = 0
		for range lines {
			end += strings.IndexByte(text[end:], '\n') + 1
		}
	}
	if end > most {
		end = most
		if line := strings.LastIndexByte(text[:end], '\n'); line > end/2 {
			end = line + 1
		}
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
	}
	e.Shown, e.Cut = text[:end], end < len(text)
	return e
}
