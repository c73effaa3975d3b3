package style

import (
	"unicode"
	"unicode/utf8"
)

// bold counts what stands between two ** or two __ on a line. A ** may open a span where what follows it is no blank, and close
// one where what precedes it is none; a __ moreover not inside a word.
func bold(line string) (n int) {
	closers := lastTicks(line)
	var open [2]bool // by **, by __
	for i := 0; i < len(line); {
		switch line[i] {
		case '\\':
			i += 2
		case '`':
			length := run(line[i:])
			i += length
			if closers[length] > i {
				i = closeTicks(line, i, length)
			}
		case '*', '_':
			length := run(line[i:])
			kind := 0
			if line[i] == '_' {
				kind = 1
			}
			if length >= 2 {
				opens, closes := flanks(line, i, i+length)
				switch {
				case open[kind] && closes:
					n++
					open[kind] = false
				case opens:
					open[kind] = true
				}
			}
			i += length
		default:
			i++
		}
	}
	return n
}

// flanks reports what marks from one place of a line to another may do.
func flanks(line string, from, to int) (opens, closes bool) {
	before, _ := utf8.DecodeLastRuneInString(line[:from])
	after, _ := utf8.DecodeRuneInString(line[to:])
	opens = to < len(line) && !unicode.IsSpace(after)
	closes = from > 0 && !unicode.IsSpace(before)
	if line[from] == '_' {
		opens, closes = opens && !(from > 0 && isWord(before)), closes && !(to < len(line) && isWord(after))
	}
	return opens, closes
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// lastTicks is where the last run of so many backticks begins, for each length that there is.
func lastTicks(line string) map[int]int {
	var last map[int]int
	for i := 0; i < len(line); {
		if line[i] != '`' {
			i++
			continue
		}
		length := run(line[i:])
		if last == nil {
			last = map[int]int{}
		}
		last[length] = i
		i += length
	}
	return last
}

// closeTicks is the place behind the first run of exactly so many backticks from i on; there must be one.
func closeTicks(line string, i, length int) int {
	for {
		if line[i] != '`' {
			i++
			continue
		}
		n := run(line[i:])
		i += n
		if n == length {
			return i
		}
	}
}
