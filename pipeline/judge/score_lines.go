package judge

import "strings"

// scoreMark is one line, or part of one, that gives an answer its score.
type scoreMark struct {
	side   byte // 'A' or 'B'
	start  int
	score  *float64
	reason string // "" unless the score cannot be used
}

// scoreMarks finds the scores in s. Only the beginning of a line counts: prose speaks of scores, too. With cut, a number at
// the very end may have lost digits and does not count.
func scoreMarks(s string, cut bool) []scoreMark {
	var found []scoreMark
	end := 0
	for line := range strings.Lines(s) {
		end += len(line)
		for rest := undecorated(line); ; {
			side, digits, after := scoreAt(rest)
			if side == 0 {
				break
			}
			mark := scoreMark{side: side, start: end - len(rest)}
			rest = after
			if ten := outOfTen(rest); ten != rest {
				rest = ten
			} else if cut && rest == "" && end == len(s) {
				break
			}
			if n, ok := number(digits); !ok || unsure(rest) {
				mark.reason = NoVerdict
			} else {
				mark.score, mark.reason = inRange(n)
			}
			found = append(found, mark)
			rest = strings.TrimLeft(rest, decoration+",;.)]")
			if after, ok := word(rest, "and "); ok {
				rest = after
			}
		}
	}
	return found
}

// scoreAt reads a score at the beginning of s, such as "Score for answer A: **8.5": the side, the number with a decimal point, and
// what follows. side is 0 where there is none.
func scoreAt(s string) (side byte, digits, rest string) {
	s, ok := word(s, "score")
	if !ok {
		return 0, "", ""
	}
	s = after(s, "-_", true)
	for _, of := range []string{"for", "of"} {
		if rest, ok := word(s, of); ok && after(rest, "", true) != rest {
			s = after(rest, "", true)
			break
		}
	}
	for _, noun := range []string{"answer", "assistant", "response", "model"} {
		if rest, ok := word(s, noun); ok && after(rest, "-_", true) != rest {
			s = after(rest, "-_", true)
			break
		}
	}
	if s == "" || s[0]|0x20 != 'a' && s[0]|0x20 != 'b' {
		return 0, "", ""
	}
	side, s = s[0]&^0x20, after(s[1:], "*_\"')]", true)
	if s == "" || strings.IndexByte(":=|", s[0]) < 0 {
		return 0, "", ""
	}
	digits, rest = numeralAt(after(s[1:], "*_\"'([", true))
	if digits == "" {
		return 0, "", ""
	}
	return side, digits, rest
}

// numeralAt is the number at the beginning of s, with a point for a decimal comma, and what follows; "" where there is none.
func numeralAt(s string) (digits, rest string) {
	signed := s
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	whole := figures(s)
	n := len(signed) - len(s) + whole
	switch s = s[whole:]; {
	case whole == 0:
		return "", signed
	case len(s) > 1 && s[0] == '.' && isDigit(s[1]):
		n += 1 + figures(s[1:])
	case len(s) > 1 && s[0] == ',' && isDigit(s[1]):
		m := n + 1 + min(2, figures(s[1:]))
		return signed[:n] + "." + signed[n+1:m], signed[m:]
	}
	return signed[:n], signed[n:]
}

// outOfTen is s without the scale that may begin it: "/10", " out of 10".
func outOfTen(s string) string {
	rest := after(after(s, "*_", false), "", true)
	switch out, ok := word(rest, "out"); {
	case ok && after(out, "", true) != out:
		if rest, ok = word(after(out, "", true), "of"); !ok {
			return s
		}
	case strings.HasPrefix(rest, "/"):
		rest = rest[1:]
	default:
		return s
	}
	rest, ok := word(after(rest, "", true), "10")
	if !ok {
		return s
	}
	if zeros := len(rest) - len(strings.TrimLeft(strings.TrimPrefix(rest, "."), "0")); strings.HasPrefix(rest, ".0") && !wordAt(rest[zeros:]) {
		return rest[zeros:]
	}
	if wordAt(rest) {
		return s
	}
	return rest
}

// unsure says whether what follows a number makes it something else than a score: a range, another scale, more digits.
func unsure(s string) bool {
	s = after(after(s, "*_", false), "", true)
	switch {
	case s == "":
		return false
	case isDigit(s[0]), s[0] == '/', s[0] == '%':
		return true
	case s[0] == '.' || s[0] == ',':
		return len(s) > 1 && isDigit(s[1])
	}
	if out, ok := word(s, "out"); ok && after(out, "", true) != out {
		if rest, ok := word(after(out, "", true), "of"); ok {
			return figures(after(rest, "", true)) > 0
		}
	}
	for _, between := range []string{"-", "–", "—", "to", "or"} {
		if rest, ok := word(s, between); ok {
			return figures(after(rest, "", true)) > 0
		}
	}
	return false
}

// word is what follows w at the beginning of s, whatever the case.
func word(s, w string) (rest string, ok bool) {
	if len(s) < len(w) || !strings.EqualFold(s[:len(w)], w) {
		return s, false
	}
	return s[len(w):], true
}

// after is s without the bytes of set that begin it, and with spaces without white space either.
func after(s, set string, spaces bool) string {
	for s != "" && (strings.IndexByte(set, s[0]) >= 0 || spaces && (space(s[0]) || s[0] == '\f')) {
		s = s[1:]
	}
	return s
}

// figures is how many digits begin s.
func figures(s string) (n int) {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// wordAt says whether a word goes on at the beginning of s.
func wordAt(s string) bool { return s != "" && (isDigit(s[0]) || isLetter(s[0]) || s[0] == '_') }

// pair is a score for each answer.
type pair struct {
	a, b  scoreMark
	start int // of the earlier one
}

// pairs joins marks to pairs: the last score of either side since the pair before.
func pairs(marks []scoreMark) []pair {
	var found []pair
	var open [2]*scoreMark
	for i := range marks {
		m := &marks[i]
		open[m.side-'A'] = m
		if a, b := open[0], open[1]; a != nil && b != nil {
			found = append(found, pair{*a, *b, min(a.start, b.start)})
			open = [2]*scoreMark{}
		}
	}
	return found
}

// reason says why p cannot be used, "" if it can.
func (p pair) reason() string {
	return worse(p.a.reason, p.b.reason)
}
