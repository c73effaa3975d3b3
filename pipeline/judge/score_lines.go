package judge

import (
	"regexp"
	"strings"
)

// scoreMark is one line, or part of one, that gives an answer its score.
type scoreMark struct {
	side   byte // 'A' or 'B'
	start  int
	score  *float64
	reason string // "" unless the score cannot be used
}

// scoreLine is a score at the beginning of a line, or right after another one.
var scoreLine = regexp.MustCompile(`(?i)^score[-_\s]*(?:(?:for|of)\s+)?(?:(?:answer|assistant|response|model)[-_\s]+)?([ab])[*_"'\s)\]]*[:=|][*_"'\s(\[]*([-+]?\d+(?:\.\d+|,\d{1,2})?)`)

// scoreMarks finds the scores in s. Only the beginning of a line counts: prose speaks of scores, too. With cut, a number at
// the very end may have lost digits and does not count.
func scoreMarks(s string, cut bool) []scoreMark {
	var found []scoreMark
	end := 0
	for line := range strings.Lines(s) {
		end += len(line)
		for rest := strings.TrimLeft(line, decoration); len(rest) > len("score") && rest[0]|0x20 == 's'; {
			m := scoreLine.FindStringSubmatchIndex(rest)
			if m == nil {
				break
			}
			mark := scoreMark{side: rest[m[2]] &^ 0x20, start: end - len(rest)}
			digits := strings.Replace(rest[m[4]:m[5]], ",", ".", 1)
			rest = rest[m[1]:]
			if i := scale.FindStringIndex(rest); i != nil {
				rest = rest[i[1]:]
			} else if cut && rest == "" && end == len(s) {
				break
			}
			if n, ok := number(digits); !ok || unsure.MatchString(rest) {
				mark.reason = NoVerdict
			} else {
				mark.score, mark.reason = inRange(n)
			}
			found = append(found, mark)
			rest = strings.TrimLeft(rest, decoration+",;.)]")
			if len(rest) > 4 && strings.EqualFold(rest[:4], "and ") {
				rest = rest[4:]
			}
		}
	}
	return found
}

// scale is the scale after a score; unsure is what makes a number something else than a score: a range, another scale,
// more digits.
var (
	scale  = regexp.MustCompile(`(?i)^[*_]*\s*(?:/|out\s+of)\s*10(?:\.0+)?\b`)
	unsure = regexp.MustCompile(`(?i)^[*_]*\s*(?:[/%\d]|[.,]\d|(?:-|–|—|to|or|out\s+of)\s*\d)`)
)

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
