package judge

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// What a score line is, as regular expressions: slow, and easy to read.
var (
	scoreLine  = regexp.MustCompile(`(?i)^score[-_\s]*(?:(?:for|of)\s+)?(?:(?:answer|assistant|response|model)[-_\s]+)?([ab])[*_"'\s)\]]*[:=|][*_"'\s(\[]*([-+]?\d+(?:\.\d+|,\d{1,2})?)`)
	scaleLine  = regexp.MustCompile(`(?i)^[*_]*\s*(?:/|out\s+of)\s*10(?:\.0+)?\b`)
	unsureLine = regexp.MustCompile(`(?i)^[*_]*\s*(?:[/%\d]|[.,]\d|(?:-|–|—|to|or|out\s+of)\s*\d)`)
)

// slowScore is what scoreMarks makes of the first score of a line.
func slowScore(line string) string {
	rest := strings.TrimLeft(line, decoration)
	m := scoreLine.FindStringSubmatchIndex(rest)
	if m == nil {
		return "none"
	}
	side, digits := strings.ToUpper(rest[m[2]:m[3]]), strings.Replace(rest[m[4]:m[5]], ",", ".", 1)
	rest = rest[m[1]:]
	if i := scaleLine.FindStringIndex(rest); i != nil {
		rest = rest[i[1]:]
	}
	n, ok := number(digits)
	if !ok || unsureLine.MatchString(rest) {
		return side + " " + NoVerdict
	}
	if score, reason := inRange(n); reason == "" {
		return fmt.Sprint(side, " ", *score)
	}
	return side + " " + OutOfRange
}

func fastScore(line string) string {
	marks := scoreMarks(line, false)
	switch {
	case len(marks) == 0:
		return "none"
	case marks[0].reason != "":
		return string(marks[0].side) + " " + marks[0].reason
	}
	return fmt.Sprint(string(marks[0].side), " ", *marks[0].score)
}

// Lines put together from what score lines are made of are read as the expressions say.
func TestScoreLinesLikeExpressions(t *testing.T) {
	parts := [][]string{
		{"", "", "**", "- ", "| ", "• ", "x"},
		{"Score", "score", "SCORE", "Scores", "Score for", "Score of", "scorefor"},
		{"", "-", "_", " ", "  ", " - ", "\t"},
		{"", "", "answer", "Assistant", "response ", "model-", "for ", "answers"},
		{"", "", " ", "_", "-"},
		{"A", "b", "a", "B", "C", ""},
		{"", "**", `"`, " ", ")", "]", " x"},
		{":", ":", "=", "|", "", "::"},
		{" ", "", " **", " [", "\"", " ("},
		{"8", "7.5", "7,5", "10", "-3", "+4", "0", "85", "7,500", "7.", "7,", "1e3", "x", "", "12345678901234567890"},
		{"", "", "**", "]", "_", " "},
		{"", "", "/10", "/ 10", " out of 10", "/10.0", "/10.05", "/100", " out  of 100", "-9", " to 9", " or 9", "–9", " — 9", "%", ".5", ",5", " outof 10", "/10x", " (fair)", " to go"},
		{"\n", "", " \n", " and", ", Score-B: 3"},
	}
	random := rand.New(rand.NewPCG(5, 5))
	seen := map[string]int{}
	for range 100_000 {
		var line strings.Builder
		for _, p := range parts {
			line.WriteString(p[random.IntN(len(p))])
		}
		got, want := fastScore(line.String()), slowScore(line.String())
		if got != want {
			t.Fatalf("scoreMarks(%q) = %s; want %s", line.String(), got, want)
		}
		seen[strings.TrimLeft(want, "AB ")]++
	}
	for _, what := range []string{"none", NoVerdict, OutOfRange, "8", "7.5"} {
		if seen[what] < 10 {
			t.Errorf("%s came up %d times: the lines try too little (%v)", what, seen[what], seen)
		}
	}
}
