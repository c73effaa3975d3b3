package judge

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// menu is the verdicts that a protocol allows, each with its level.
type menu map[string]int

// levels are the five verdicts there are, and their mirror images.
var levels = menu{
	"A>>B": 2, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -2,
	"B<<A": 2, "B<A": 1, "B=A": 0, "A<B": -1, "A<<B": -2,
}

// longestLabel is how many bytes a label may have with everything judges put around it.
const longestLabel = 64

// plain are other ways to write the signs of a label.
var plain = strings.NewReplacer(
	"&gt;", ">", "&lt;", "<", "&amp;gt;", ">", "&amp;lt;", "<", `\u003e`, ">", `\u003c`, "<", `\u003E`, ">", `\u003C`, "<",
	"＞", ">", "＜", "<", "＝", "=", "≫", ">>", "≪", "<<", "»", ">>", "«", "<<", "Ａ", "A", "Ｂ", "B", "ａ", "A", "ｂ", "B",
	"［", "", "］", "", "【", "", "】", "", "[", "", "]", "", "*", "", "`", "", `"`, "", "'", "", `\`, "", "“", "", "”", "",
)

// level reads a verdict, whatever brackets, emphasis and spaces are around and within it. Off the menu it is false.
func (m menu) level(s string) (int, bool) {
	if len(s) > longestLabel {
		return 0, false
	}
	n, ok := m[bare(s)]
	return n, ok
}

// bare is s in plain signs, capitals and without spaces.
func bare(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, plain.Replace(s)))
}

// label is a verdict in brackets, or on a line of its own that says it is one.
type label struct {
	start, end int
	level      int
	known      bool // it is on the menu
	weight     int  // 2 in double brackets, 1 in single ones, 0 on a verdict line
}

// labels finds the labels of the highest weight in s, in order. One that is off the menu is among them: the last label
// counts even if it cannot be read.
func (m menu) labels(s string) []label {
	var found []label
	wide := strings.Contains(s, "［") || strings.Contains(s, "【")
	for i := 0; i < len(s); {
		n := strings.IndexByte(s[i:], '[')
		if wide {
			n = strings.IndexFunc(s[i:], func(r rune) bool { return r == '[' || r == '［' || r == '【' })
		}
		if n < 0 {
			break
		}
		l, next := m.bracketed(s, i+n)
		if l.weight > 0 {
			found = append(found, l)
		}
		i = next
	}
	if len(found) == 0 {
		return m.verdictLines(s)
	}
	heaviest := found[0].weight
	for _, l := range found {
		heaviest = max(heaviest, l.weight)
	}
	kept := found[:0]
	for _, l := range found {
		if l.weight == heaviest {
			kept = append(kept, l)
		}
	}
	return kept
}

// bracketed reads what is in brackets from the opening one at i. next is where to go on; weight is 0 if it is no label.
func (m menu) bracketed(s string, i int) (l label, next int) {
	before, from := run(s, i, opens)
	to := from
	for to < len(s) && to-from <= longestLabel && s[to] != '\n' && opens(s, to) == 0 && closes(s, to) == 0 {
		to++
	}
	n, end := run(s, to, closes)
	if n == 0 {
		return label{}, max(to, i+1)
	}
	l = label{start: i, end: end, weight: min(before, n, 2)}
	text := bare(s[from:to])
	l.level, l.known = m[text]
	l.known = l.known && (l.weight == 2 || strings.ContainsAny(text, signs))
	if !l.known && !attempt(text, l.weight) {
		l.weight = 0
	}
	return l, end
}

// signs are those of verdicts, and what is mistaken for them.
const signs = "<>=≥≤≻≺"

// attempt says whether text, which is off the menu, was meant as a verdict. A single letter in single brackets is how people
// refer to an answer; [[1]], [[wiki links]] and [[ $x > 5 ]] are something else.
func attempt(text string, weight int) bool {
	const letters = "ABCD"
	signed := strings.ContainsAny(text, signs)
	switch {
	case strings.Trim(text, signs+letters) == "":
		return strings.ContainsAny(text, letters) && (signed || weight == 2)
	case weight == 2:
		return text == "TIE" || text == "DRAW" ||
			signed && utf8.RuneCountInString(text) <= 6 && !strings.ContainsAny(text, "0123456789$~")
	}
	return false
}

// run counts brackets from i on, each perhaps behind a backslash, and returns where they end.
func run(s string, i int, bracket func(string, int) int) (n, end int) {
	for {
		j := i
		if j < len(s) && s[j] == '\\' {
			j++
		}
		size := bracket(s, j)
		if size == 0 {
			return n, i
		}
		n, i = n+1, j+size
	}
}

// opens is the length of the opening bracket at i, or 0; closes that of a closing one.
func opens(s string, i int) int  { return bracket(s, i, '[', "［", "【") }
func closes(s string, i int) int { return bracket(s, i, ']', "］", "】") }

func bracket(s string, i int, plain byte, wide, other string) int {
	switch {
	case i >= len(s):
	case s[i] == plain:
		return 1
	case s[i] >= 0x80 && (strings.HasPrefix(s[i:], wide) || strings.HasPrefix(s[i:], other)):
		return len(wide)
	}
	return 0
}

// verdictLines finds lines such as "**Verdict:** A>B".
func (m menu) verdictLines(s string) []label {
	var found []label
	at := 0
	for line := range strings.Lines(s) {
		start := at
		at += len(line)
		rest := verdictWord(undecorated(line))
		if rest == "" || rest[0] != ':' && rest[0] != '=' {
			continue
		}
		l := label{start: start, end: at}
		l.level, l.known = m.level(strings.Trim(rest[1:], decoration+"\n,.;"))
		found = append(found, l)
	}
	return found
}

// verdictWord is what follows the word verdict at the beginning of a line; "" where it is another line.
func verdictWord(line string) string {
	for _, word := range []string{"final ", "verdict"} {
		if len(line) >= len(word) && strings.EqualFold(line[:len(word)], word) {
			line = line[len(word):]
		} else if word == "verdict" {
			return ""
		}
	}
	return undecorated(line)
}

// decoration is what stands before and around the words of a line: lists, headings, quotes, emphasis, tables.
const decoration = " \t\r#>*_-•|`\"'"

// undecorated is line without the decoration before its words.
func undecorated(line string) string {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ', '\t', '\r', '#', '>', '*', '_', '-', '|', '`', '"', '\'':
		default:
			if !strings.HasPrefix(line[i:], "•") {
				return line[i:]
			}
			i += len("•") - 1
		}
	}
	return ""
}

// settle reads the last of ls. Labels that differ on one line are a menu or a doubt, not a verdict.
func settle(s string, ls []label) Verdict {
	last := ls[len(ls)-1]
	if !last.known {
		return invalid(NoVerdict, FlagOffMenu)
	}
	v := at(last.level, MethodLabel)
	line := strings.LastIndexByte(s[:last.start], '\n')
	for _, l := range ls {
		switch {
		case l.known && l.level == last.level:
		case l.start > line:
			return invalid(Conflict)
		default:
			v = v.flag(FlagConflict)
		}
	}
	return v
}
