// Package style counts what of a text may sway a judge whatever it says: how long it is, and how much Markdown there is in it.
// It is a pure function of the text, and takes one pass over it.
//
// What counts follows the style control of FastChat and arena-hard-auto (add_markdown_info.py), so that effects can be compared,
// and CommonMark where those are inexact:
//
//   - length is in characters, code included; theirs is in tokens of one vendor's tokenizer;
//   - a fence is a line, is closed by one like it or by the end of the text, and hides what is in it, backticks included;
//     theirs are found by a pattern that stops at any backtick and, what is more, deletes the same words everywhere else;
//   - headers may be indented by up to three blanks, and code in backticks is not bold, so that `__init__` is none;
//   - "1)" begins an item as "1." does, and "* * *" is a line across the page and no item; an item has some text;
//   - bold stands close to what it marks, so that "2 ** 3 ** 4" is none, and may hold an italic word.
package style

import (
	"strings"
	"unicode/utf8"
)

// Counts is what was counted in one text.
type Counts struct {
	Length  int // characters (code points), of the whole text
	Headers int // of any level, outside of code fences
	Lists   int // items of lists, bulleted or numbered, at any depth, outside of code fences
	Bold    int // spans that begin and end on one line, outside of code
}

// Count counts. Any text will do; bytes that are no UTF-8 are a character each.
func Count(text string) (c Counts) {
	c.Length = utf8.RuneCountInString(text)
	var open fence
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		switch f, isFence := fenceOf(line); {
		case open.length > 0:
			if isFence && f.closes(open) {
				open = fence{}
			}
		case isFence:
			open = f
		default:
			c.line(line)
		}
	}
	return c
}

// fence is a line that begins or ends a block of code.
type fence struct {
	mark   byte
	length int  // of its marks; 0: none
	bare   bool // nothing follows them
}

// fenceOf reads a line of three backticks or tildes, or more. Behind backticks there is none on the same line, which would be
// code inside a sentence.
func fenceOf(line string) (f fence, ok bool) {
	line = strings.TrimLeft(line, " \t")
	if line == "" || line[0] != '`' && line[0] != '~' {
		return f, false
	}
	f.mark = line[0]
	f.length = run(line)
	rest := line[f.length:]
	f.bare = strings.Trim(rest, " \t") == ""
	return f, f.length >= 3 && (f.mark == '~' || strings.IndexByte(rest, '`') < 0)
}

func (f fence) closes(open fence) bool {
	return f.mark == open.mark && f.length >= open.length && f.bare
}

// run is how often the first byte of s stands there in a row.
func run(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}

// line counts a line outside of fences.
func (c *Counts) line(line string) {
	text := strings.TrimLeft(line, " \t")
	if text == "" {
		return
	}
	if indent := line[:len(line)-len(text)]; len(indent) <= 3 && !strings.Contains(indent, "\t") && isHeader(text) {
		c.Headers++
	}
	if isItem(text) {
		c.Lists++
	}
	if strings.Contains(text, "**") || strings.Contains(text, "__") {
		c.Bold += bold(text)
	}
}

// isHeader reports whether a line is one to six # and then a blank, or nothing.
func isHeader(text string) bool {
	if text[0] != '#' {
		return false
	}
	n := run(text)
	return n <= 6 && (n == len(text) || isBlank(text[n]))
}

// isItem reports whether a line begins an item of a list: a bullet or a number, a blank, and something else.
func isItem(text string) bool {
	n := 0
	switch text[0] {
	case '-', '*', '+':
		if isBreak(text) {
			return false
		}
	default:
		for n < len(text) && '0' <= text[n] && text[n] <= '9' {
			n++
		}
		if n == 0 || n > 9 || n == len(text) || text[n] != '.' && text[n] != ')' {
			return false
		}
	}
	n++
	return n < len(text) && isBlank(text[n]) && strings.Trim(text[n:], " \t") != ""
}

// isBreak reports whether a line is three bullets of one kind or more, and blanks: a line across the page.
func isBreak(text string) bool {
	marks := 0
	for i := range len(text) {
		switch {
		case text[i] == text[0]:
			marks++
		case !isBlank(text[i]):
			return false
		}
	}
	return marks >= 3 && text[0] != '+'
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// Difference is how much more of something one text has than the other, as a part of what both have: from -1 to 1, and 0 where
// neither has any. It is what LMArena's style control takes, without its z-score.
func Difference(a, b int) float64 {
	if a+b == 0 {
		return 0
	}
	return float64(a-b) / float64(a+b)
}
