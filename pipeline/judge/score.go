package judge

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// muchBetter is the difference of scores from which an answer is much better than the other.
const muchBetter = 3

// scored is the score in o under key; nil where there is none. The reason is "" unless it cannot be used.
func scored(o object, key string) (score *float64, reason string) {
	f, ok := o.field(key)
	if !ok || f.value == "null" && f.kind == '0' {
		return nil, ""
	}
	value := strings.TrimSpace(f.value)
	if f.kind == '"' {
		value = ten.ReplaceAllString(value, "")
	}
	if f.kind != '"' && f.kind != '0' {
		return nil, NoVerdict
	}
	n, ok := number(value)
	if !ok {
		return nil, NoVerdict
	}
	return inRange(n)
}

// ten is the scale some judges add to a score.
var ten = regexp.MustCompile(`(?i)\s*(?:/|out\s+of)\s*10(?:\.0+)?$`)

// inRange returns n as a score. A score outside of 1..10 is of no use and is never moved into it.
func inRange(n float64) (*float64, string) {
	if n < 1 || n > 10 {
		return nil, OutOfRange
	}
	return &n, ""
}

// worse is the reason that says more of two, either of which may be "".
func worse(a, b string) string {
	if a == OutOfRange || b == "" {
		return a
	}
	return b
}

// number reads a decimal number.
func number(s string) (float64, bool) {
	for _, c := range []byte(s) {
		if !isDigit(c) && strings.IndexByte("+-.eE", c) < 0 {
			return 0, false
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(n, 0) {
		return 0, false
	}
	return n, true
}

// byScores is the verdict that follows from two scores.
func byScores(a, b float64, method string) Verdict {
	n := 0
	switch d := a - b; {
	case d >= muchBetter:
		n = 2
	case d > 0:
		n = 1
	case d <= -muchBetter:
		n = -2
	case d < 0:
		n = -1
	}
	v := at(n, method)
	v.ScoreA, v.ScoreB = &a, &b
	return v
}

// contradicted flags a verdict that names the answer with the lower score, or calls a tie what the scores call much better.
func contradicted(v Verdict) Verdict {
	if v.State == Invalid || v.ScoreA == nil || v.ScoreB == nil {
		return v
	}
	if d := *v.ScoreA - *v.ScoreB; d*float64(v.Level) < 0 || v.Level == 0 && math.Abs(d) >= muchBetter {
		return v.flag(FlagContradiction)
	}
	return v
}
