package tree

import (
	"regexp"
	"strings"
)

// Lookup finds a variable of the environment.
type Lookup func(name string) (value string, ok bool)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand puts variables into a scalar's text. varied says that it held any, ok is false where a fault was noted.
//
//	${NAME}            the variable; a fault where it is not set
//	${NAME:-default}   the default where it is not set or empty
//	$${                the two characters ${
func (b *builder) expand(at Mark, text string) (out string, varied, ok bool) {
	if !strings.Contains(text, "${") {
		return text, false, true
	}
	var s strings.Builder
	ok = true
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			break
		}
		if i > 0 && text[i-1] == '$' {
			s.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		s.WriteString(text[:i])
		inside, rest, closed := strings.Cut(text[i+2:], "}")
		if !closed {
			b.faults.Add(b.find(at, "${"), `"${" without "}": close it, or write "$${" for the characters themselves`)
			return "", true, false
		}
		value, found := b.variable(at, inside)
		ok = ok && found
		s.WriteString(value)
		if s.Len() > b.bytes {
			b.faults.Add(at, "the variables in this file give more than %d bytes; put long texts into files", MaxBytes)
			return "", true, false
		}
		varied, text = true, rest
	}
	s.WriteString(text)
	b.bytes -= s.Len()
	return s.String(), varied, ok
}

// variable is the value of what stands between ${ and }; ok is false where a fault was noted.
func (b *builder) variable(at Mark, inside string) (value string, ok bool) {
	name, fallback, hasFallback := strings.Cut(inside, ":-")
	if !variableName.MatchString(name) {
		b.faults.Add(b.find(at, "${"+name), `this is no variable: write ${NAME} or ${NAME:-default}, or "$${" for the characters themselves`)
		return "", false
	}
	value, ok = b.env(name)
	switch {
	case hasFallback && value == "":
		return fallback, true
	case !ok:
		b.faults.Add(b.find(at, "${"+name), "the variable %s is not set: run `export %s=…` first, or write ${%s:-default}", name, name, name)
	}
	return value, ok
}

// find is the place of the first occurrence of what at or after a mark; the mark itself where there is none, as when a
// quoted text spells it with escapes.
func (b *builder) find(from Mark, what string) Mark {
	col := from.Col
	for i := from.Line; i >= 1 && i <= len(b.lines); i++ {
		// Every search may read the whole file: together they read it twice, not more.
		if b.search -= len(b.lines[i-1]); b.search < 0 {
			return from
		}
		line := []rune(b.lines[i-1])
		start := min(max(col-1, 0), len(line))
		if before, _, ok := strings.Cut(string(line[start:]), what); ok {
			return Mark{i, start + len([]rune(before)) + 1}
		}
		col = 1
	}
	return from
}
