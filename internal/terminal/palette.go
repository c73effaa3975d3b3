package terminal

import (
	"os"

	"golang.org/x/term"
)

// Palette marks up text. The zero value does nothing, so that callers need not ask whether colour is on.
type Palette struct{ on bool }

// NewPalette returns a palette that marks up if color is true.
func NewPalette(color bool) Palette { return Palette{on: color} }

// Color reports whether output to f may be marked up: f is a terminal, NO_COLOR is unset or empty, TERM is not dumb,
// and off, the user's --no-color, is false.
func Color(f *os.File, off bool) bool {
	return !off && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && IsTerminal(f)
}

// IsTerminal reports whether f is a terminal.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Columns returns the width of the terminal f, or 0, which means "as wide as you like", if f is none.
func Columns(f *os.File) int {
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// Bold marks what the eye should find first.
func (p Palette) Bold(s string) string { return p.sgr("1", s) }

// Dim marks what may be overlooked.
func (p Palette) Dim(s string) string { return p.sgr("2", s) }

// Red marks failures.
func (p Palette) Red(s string) string { return p.sgr("31", s) }

// Green marks what is finished.
func (p Palette) Green(s string) string { return p.sgr("32", s) }

// Yellow marks what waits or needs attention.
func (p Palette) Yellow(s string) string { return p.sgr("33", s) }

// Cyan marks what is going on.
func (p Palette) Cyan(s string) string { return p.sgr("36", s) }

func (p Palette) sgr(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
