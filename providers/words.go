package providers

import (
	"iter"
	"strings"
)

// wordsIn yields where word stands in s as a whole word: no letter, digit or underscore touches it. Both are lower case.
func wordsIn(s, word string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for from := 0; from < len(s); {
			i := strings.Index(s[from:], word)
			if i < 0 {
				return
			}
			i += from
			from = i + 1
			if touches(s, i-1) || touches(s, i+len(word)) {
				continue
			}
			if !yield(i) {
				return
			}
		}
	}
}

func touches(s string, i int) bool {
	if i < 0 || i >= len(s) {
		return false
	}
	c := s[i]
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z'
}

// containsAny reports whether s holds one of the phrases.
func containsAny(s string, phrases ...string) bool {
	for _, p := range phrases {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
