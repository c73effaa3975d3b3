package markdown

import (
	"strings"
)

// What a text may ask for. Beyond it is shown as it is: nobody wrote it to be read.
const (
	Largest  = 64 << 10 // bytes
	deepest  = 40       // quotes and lists in each other
	mostRoom = 100_000  // cells of tables: a row of a table has as many as its head, however few are written
)

// fits reports whether a text can be parsed in a time that nobody notices. It looks at lines alone, and allows too little rather
// than too much.
func fits(text string) bool {
	if len(text) > Largest {
		return false
	}
	lines, columns := 0, 0
	for line := range strings.Lines(text) {
		lines++
		rest := strings.TrimLeft(line, " \t>*+-0123456789.)")
		if nested(line[:len(line)-len(rest)]) > deepest {
			return false
		}
		if strings.Contains(line, "-") && strings.Trim(line, "|-: \t\r\n\v\f>*+0123456789.)") == "" {
			columns = max(columns, strings.Count(line, "|")+1)
		}
	}
	return columns*lines <= mostRoom
}

// nested counts the marks of quotes and lists that a line begins with.
func nested(marks string) int {
	n := strings.Count(marks, ">")
	for i := 1; i < len(marks); i++ {
		if (marks[i] == ' ' || marks[i] == '\t') && strings.IndexByte("*+-.)", marks[i-1]) >= 0 {
			n++
		}
	}
	return n
}
