package judge

import (
	"strings"
	"unicode"
)

// Trivial settles a battle that no judge has to see: two equal answers are a tie (flag identical), an empty answer loses to
// any other by two levels (flag forfeit). Surrounding white space and invisible characters do not count. It returns false
// where a judge is needed.
func Trivial(a, b string) (Verdict, bool) {
	a, b = trim(a), trim(b)
	switch {
	case a == b:
		return at(0, "").flag(FlagIdentical), true
	case b == "":
		return at(2, "").flag(FlagForfeit), true
	case a == "":
		return at(-2, "").flag(FlagForfeit), true
	}
	return Verdict{}, false
}

func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || invisible(r) })
}
