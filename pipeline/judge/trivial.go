package judge

import (
	"slices"
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

// TrivialAlone settles an answer that no judge has to see by itself: an empty one has no score, and forfeits its battles.
func TrivialAlone(answer string) (Verdict, bool) {
	if trim(answer) != "" {
		return Verdict{}, false
	}
	return Verdict{State: Decided}.flag(FlagForfeit), true
}

// forfeits reports whether a verdict about one answer is that it is empty.
func (v Verdict) forfeits() bool { return v.ScoreA == nil && slices.Contains(v.Flags, FlagForfeit) }

func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || invisible(r) })
}
