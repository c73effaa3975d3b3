package configs

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong in a file, and where.
type Problem struct {
	File      string
	Line, Col int    // counted from 1
	What      string // one fact, with the fix: `unknown key "temprature"; did you mean "temperature"?`
	Excerpt   string // the line, secrets masked, with a mark below the column; may be empty
}

func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.What)
	if p.Excerpt != "" {
		s += "\n" + p.Excerpt
	}
	return s
}

// Problems are all of a file's, in the order of their places. It is the error that Load returns.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
