package judge

import (
	"slices"
	"strings"
)

// soleMarks finds the scores in s that a judge of one answer gives, in their order: at the beginning of a line, such as
// "**Score:** 7/10", or in double brackets, such as [[7]]. With cut, one at the very end may have lost something and does not
// count.
func soleMarks(s string, cut bool) []scoreMark {
	found := append(soleLines(s, cut), soleBrackets(s)...)
	slices.SortFunc(found, func(x, y scoreMark) int { return x.start - y.start })
	return found
}

func soleLines(s string, cut bool) (found []scoreMark) {
	end := 0
	for line := range strings.Lines(s) {
		end += len(line)
		said := undecorated(line)
		digits, rest := soleScoreAt(said)
		if digits == "" {
			continue
		}
		mark, behind := soleMark(digits, rest)
		if cut && end == len(s) && behind == rest && strings.Trim(rest, ".,") == "" {
			continue
		}
		mark.start = end - len(said)
		found = append(found, mark)
	}
	return found
}

// soleMark is the score that digits are, with what follows them, and what follows the score and its scale.
func soleMark(digits, rest string) (m scoreMark, after string) {
	after = outOfTen(rest)
	if n, ok := number(digits); !ok || unsure(after) {
		m.reason = NoVerdict
	} else {
		m.score, m.reason = inRange(n)
	}
	return m, after
}

// soleScoreAt reads a score at the beginning of a line, such as "Final score (1-10): **8.5": the number with a decimal point, "" where
// there is none, and what follows.
func soleScoreAt(s string) (digits, rest string) {
	for _, before := range []string{"my", "the", "overall", "final"} {
		if rest, ok := word(s, before); ok && after(rest, "", true) != rest {
			s = after(rest, "", true)
		}
	}
	named := false
	for _, noun := range []string{"score", "rating"} {
		if rest, ok := word(s, noun); ok && !wordAt(rest) {
			s, named = after(rest, `*_"'`, true), true
			break
		}
	}
	if !named {
		return "", ""
	}
	if strings.HasPrefix(s, "(") { // of the scale
		inside, rest, closed := strings.Cut(s, ")")
		if !closed || strings.Contains(inside, "\n") {
			return "", ""
		}
		s = after(rest, `*_"'`, true)
	}
	if s == "" || strings.IndexByte(":=|", s[0]) < 0 {
		return "", ""
	}
	return numeralAt(after(s[1:], "*_\"'([", true))
}

// soleBrackets finds what stands in double brackets. What is there and no score is a mark that cannot be read.
func soleBrackets(s string) (found []scoreMark) {
	for from := 0; ; {
		i := strings.Index(s[from:], "[[")
		if i < 0 {
			return found
		}
		i += from
		inside := s[i+2:]
		n := strings.Index(inside[:min(len(inside), longestLabel)], "]]")
		if n < 0 {
			from = i + 1
			continue
		}
		digits, rest := numeralAt(strings.Trim(inside[:n], "*_\"'[ \t"))
		mark := scoreMark{reason: NoVerdict}
		if digits != "" {
			var after string
			if mark, after = soleMark(digits, rest); after != "" {
				mark = scoreMark{reason: NoVerdict}
			}
		}
		mark.start = i
		found = append(found, mark)
		from = i + 2 + n
	}
}
