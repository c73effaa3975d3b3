package terminal

import (
	"fmt"
	"io"
	"os"
	"unicode/utf16"
	"unicode/utf8"
)

// Data is where JSON and rows are written that other programs read: f, byte for byte. If f is a terminal, what it would
// obey is written out as \u009b first: inside JSON that is the same text, and a person looks at it.
func Data(f *os.File) io.Writer {
	if !IsTerminal(f) {
		return f
	}
	return &escaper{w: f}
}

// escaper writes out what is not shown.
type escaper struct {
	w     io.Writer
	rest  []byte // the beginning of a character
	marks int    // combining ones in a row
}

func (e *escaper) Write(p []byte) (int, error) {
	in := append(e.rest, p...)
	out := make([]byte, 0, len(in)+64)
	for len(in) > 0 && utf8.FullRune(in) {
		r, size := utf8.DecodeRune(in)
		e.marks = marksAfter(e.marks, r)
		switch {
		case r == utf8.RuneError && size == 1:
			out = fmt.Appendf(out, `\x%02x`, in[0])
		case r == '\n', r == '\t', isShown(r) && e.marks <= maxMarks:
			out = append(out, in[:size]...)
		case r <= 0xffff:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
		in = in[size:]
	}
	e.rest = append([]byte(nil), in...)
	if _, err := e.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
