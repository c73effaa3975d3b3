package tree

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// syntax is an error of the parser. Neither its own text, which prints neighbouring lines, nor any word of the file may
// get into a message: it may be a key.
type syntax struct {
	message string
	token   *token.Token // where it is
	tokens  token.Tokens // of the whole file
	line    string
}

// explain notes a parser's error in the words of somebody who writes a configuration.
func explain(err error, tokens token.Tokens, lines []string, faults *Faults) {
	var e interface {
		GetMessage() string
		GetToken() *token.Token
	}
	if !errors.As(err, &e) {
		faults.Add(Mark{1, 1}, "this is not YAML")
		return
	}
	s := syntax{message: e.GetMessage(), token: e.GetToken(), tokens: tokens}
	at := place(s.token)
	if at.Line <= len(lines) {
		s.line = lines[at.Line-1]
	}
	faults.Add(at, "%s", s.advice())
}

var (
	variableInBraces = regexp.MustCompile(`[:,\[]\s+\$\{([A-Za-z_][A-Za-z0-9_]*)`) // one that begins a value
	tightDash        = regexp.MustCompile(`^\s*-[A-Za-z_]+:\s`)
)

// advice says what is wrong and what to do about it.
func (s *syntax) advice() string {
	bracket := s.bracket()
	variable := variableInBraces.FindStringSubmatch(s.line)
	switch {
	case strings.Contains(s.line, "{{"):
		return `"{{" begins a table in YAML: put the whole text in quotes`
	case tightDash.MatchString(s.line):
		return `a space is missing behind the dash: write "- "`
	case bracket != "" && variable != nil:
		return fmt.Sprintf(`inside { } and [ ] a variable needs quotes: write "${%s}"`, variable[1])
	case bracket != "":
		return bracket
	}
	for _, a := range advices {
		if strings.Contains(s.message, a.parser) {
			return a.ours
		}
	}
	what, _, _ := strings.Cut(s.message, `"`) // behind it words of the file are quoted
	return fmt.Sprintf("this cannot be read (%s): check quotes, brackets, commas and indentation", strings.TrimRight(what, ": "))
}

// advices are what to do by a part of the parser's message; the first that fits counts.
var advices = []struct{ parser, ours string }{
	{"'\t'", "a tab stands where YAML wants spaces: indent with spaces"},
	{"tab character", "a tab stands where YAML wants spaces: indent with spaces"},
	{"map key-value is pre-defined", `this stands behind a value that has ended: put all of the value in quotes; within '…' write '' for a quote, within "…" \"`},
	{"mapping value is not allowed", `a ": " stands in this value, or the next line is indented too far: put the value in quotes, or begin that line below this key`},
	{"value is not allowed", "this line fits no line above: begin it in the column of the key or the dash that it follows"},
	{"unexpected key name", `a key without its ":": write "key: value"`},
	{"line break", `a key without its ":": write "key: value"`},
	{"non-map value", `a key without its ":": write "key: value"`},
	{"end character", "these quotes are never closed: close them"},
	{"reserved character", "this character begins no text in YAML: put the text in quotes"},
	{"directive", `"%" begins no text in YAML: put the text in quotes`},
	{"alias", `"*" begins an alias in YAML: put the text in quotes`},
	{"anchor", `"&" begins an anchor in YAML: put the text in quotes`},
	{"header option", `"|" and ">" begin a text on the lines below: write nothing else here, or put the text in quotes`},
	{"escape character", `there is no such escape: within "…" write \\ for a backslash, or put the text in '…'`},
}

// bracket is the advice on an error of brackets; "" on any other.
func (s *syntax) bracket() string {
	switch {
	case strings.Contains(s.message, "must be specified"):
		open := s.open()
		if open == nil {
			return "a comma or a closing bracket is missing before this"
		}
		at := place(open)
		return fmt.Sprintf("before this a comma is missing, or the %q that closes line %d, column %d; text with brackets needs quotes",
			closing[open.Type], at.Line, at.Col)
	case strings.Contains(s.message, "end token"):
		return fmt.Sprintf("this bracket is never closed: add the %q, or put the text in quotes", closing[s.token.Type])
	case strings.HasPrefix(s.token.Value, "}"), strings.HasPrefix(s.token.Value, "]"):
		return "this bracket closes nothing: remove it, or put the text in quotes"
	}
	return ""
}

var closing = map[token.Type]string{token.MappingStartType: "}", token.SequenceStartType: "]"}

// open is the bracket that is open where the error is; nil where none is.
func (s *syntax) open() *token.Token {
	var open []*token.Token
	for _, tk := range s.tokens {
		if tk.Position.Offset >= s.token.Position.Offset {
			break
		}
		switch tk.Type {
		case token.MappingStartType, token.SequenceStartType:
			open = append(open, tk)
		case token.MappingEndType, token.SequenceEndType:
			open = open[:max(len(open)-1, 0)]
		}
	}
	if len(open) == 0 {
		return nil
	}
	return open[len(open)-1]
}
