package surface

import (
	"reflect"
	"strconv"
	"strings"
)

// limits is what the tag `jsonschema` says about a setting.
type limits struct {
	required        bool
	fallback        string // the default
	enum            []string
	atLeast, atMost *float64
	above, below    *float64
	fewest          int // items of a list
}

func limitsOf(tag reflect.StructTag) limits {
	var l limits
	for part := range strings.SplitSeq(tag.Get("jsonschema"), ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "required":
			l.required = true
		case "default":
			l.fallback = value
		case "enum":
			l.enum = append(l.enum, value)
		case "minimum":
			l.atLeast = bound(value)
		case "maximum":
			l.atMost = bound(value)
		case "exclusiveMinimum":
			l.above = bound(value)
		case "exclusiveMaximum":
			l.below = bound(value)
		case "minItems":
			l.fewest, _ = strconv.Atoi(value)
		}
	}
	return l
}

func bound(text string) *float64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return &f
}

// check is the reason why a number is outside of its limits, or empty.
func (l limits) check(v float64) string {
	switch {
	case l.atLeast != nil && v < *l.atLeast:
		return "is too small: write at least " + number(*l.atLeast)
	case l.above != nil && v <= *l.above:
		return "is too small: write more than " + number(*l.above)
	case l.atMost != nil && v > *l.atMost:
		return "is too large: write at most " + number(*l.atMost)
	case l.below != nil && v >= *l.below:
		return "is too large: write less than " + number(*l.below)
	}
	return ""
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// either lists words: "a, b or c".
func either(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
