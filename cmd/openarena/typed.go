package main

import (
	"path/filepath"
	"regexp"
	"strings"
)

var (
	userPassword  = regexp.MustCompile(`(?i)(postgres(?:ql)?://[^:@/?#]*):.*@`)
	queryPassword = regexp.MustCompile(`(?i)([?&](?:ssl)?password=)[^&\s]*`)
)

// withoutPassword masks that of a store's URL.
func withoutPassword(word string) string {
	if !strings.Contains(strings.ToLower(word), "postgres") {
		return word
	}
	return queryPassword.ReplaceAllString(userPassword.ReplaceAllString(word, "$1:***@"), "$1***")
}

// typed is a command line as one types it, with the program where it was found: it need not be in the PATH. The password of a
// store's URL is to be put in again.
func typed(args ...string) string {
	words := append([]string{"openarena"}, args[1:]...)
	if strings.ContainsRune(args[0], filepath.Separator) {
		words[0] = args[0]
	}
	for i, w := range words {
		w = withoutPassword(w)
		words[i] = w
		if strings.ContainsAny(w, " \t\n\"'$&|;<>()[]{}*?!#~`\\") || w == "" {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
