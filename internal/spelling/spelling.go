// Package spelling finds the word that was probably meant.
package spelling

import (
	"strings"
	"unicode/utf8"
)

// longest is a word's length, in bytes, beyond which nobody mistypes it; the time to compare is quadratic in it.
const longest = 64

// Nearest returns the word of words that is closest to typed, and whether it is close enough to suggest: at most a
// third of its letters wrong, and never all of them. Capitals do not matter. Of equally close words the first wins.
func Nearest(typed string, words []string) (string, bool) {
	if len(typed) > longest {
		return "", false
	}
	typed = strings.ToLower(typed)
	letters := utf8.RuneCountInString(typed)
	best, found := "", false
	least := 0
	for _, w := range words {
		of := utf8.RuneCountInString(w)
		allowed := max(1, of/3)
		if len(w) > longest || of > letters+allowed || letters > of+allowed {
			continue
		}
		d := Distance(typed, strings.ToLower(w))
		if d > allowed || d >= max(of, letters) {
			continue
		}
		if !found || d < least {
			best, found, least = w, true, d
		}
	}
	return best, found
}

// Hint returns `; did you mean "word"?` for the nearest of words, or the empty string where none is near.
func Hint(typed string, words []string) string {
	if w, ok := Nearest(typed, words); ok {
		return `; did you mean "` + w + `"?`
	}
	return ""
}

// Distance counts the letters to put in, take out, replace or swap with their neighbour to get from one text to the
// other. Its time is the product of their lengths: bound what comes from outside.
func Distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
