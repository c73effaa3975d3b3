package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"openarena/internal/terminal"
)

// paragraph prints a sentence; on a terminal it is broken between words, elsewhere it is one line.
func paragraph(w io.Writer, text string) error {
	columns := 0
	if f, ok := w.(*os.File); ok {
		columns = terminal.Columns(f)
	}
	return paragraphIn(w, columns, text)
}

// paragraphIn is paragraph for so many columns; 0 is as wide as you like.
func paragraphIn(w io.Writer, columns int, text string) error {
	_, err := fmt.Fprintln(w, broken(terminal.SanitizeLine(text), columns))
	return err
}

// fitting is a message as f shows it best: on a terminal its lines are broken between words, but those that are indented, which quote
// a file.
func fitting(f *os.File, text string) string {
	return fittingIn(terminal.Columns(f), terminal.Sanitize(text))
}

func fittingIn(columns int, text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, " ") {
			lines[i] = broken(line, columns)
		}
	}
	return strings.Join(lines, "\n")
}

// broken puts line ends between words so that no line is wider than that many columns; 0 is as wide as you like. A word
// that is wider has a line of its own.
func broken(text string, columns int) string {
	if columns <= 0 || terminal.Width(text) <= columns {
		return text
	}
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		width := terminal.Width(word)
		switch {
		case i == 0:
		case at+1+width > columns:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += width
	}
	return b.String()
}
