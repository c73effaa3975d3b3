package tree

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	plainInt   = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)$`)
	plainFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	oddNumber  = regexp.MustCompile(`^[-+]?(\.(inf|Inf|INF|nan|NaN|NAN)|0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?)$`)
)

// KindOf is what a scalar without quotes is, after the core schema of YAML 1.2. Only decimal numbers are numbers here:
// the forms that YAML's versions disagree about are Odd.
func KindOf(text string) Kind {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return Null
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return Bool
	}
	switch {
	case plainInt.MatchString(text):
		return Int
	case plainFloat.MatchString(text):
		return Float
	case oddNumber.MatchString(text):
		return Odd
	}
	return Text
}

// ParseInt reads an Int. The reason is empty, or why it cannot be kept.
func ParseInt(text string) (n int64, reason string) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, "is too large: whole numbers end at 9223372036854775807"
	}
	return n, ""
}

// ParseFloat reads an Int or a Float. The reason is empty, or why the number would not be kept as it is written.
func ParseFloat(text string) (f float64, reason string) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, "is too large: numbers end at 1.79e308"
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	digits := strings.TrimLeft(strings.NewReplacer(".", "", "-", "", "+", "").Replace(mantissa), "0")
	if strings.Contains(mantissa, ".") {
		digits = strings.TrimRight(digits, "0")
	}
	if f == 0 && digits != "" {
		return 0, "is too small: it would become 0"
	}
	if len(strings.TrimRight(digits, "0")) > 17 {
		return 0, "has more digits than can be kept: write at most 17"
	}
	if KindOf(text) == Int {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && math.Abs(f) >= 1<<53 && int64(f) != n {
			return 0, "would be rounded: write at most 9007199254740992"
		}
	}
	return f, ""
}
