package main

import (
	"path/filepath"
	"strings"
)

// typed is a command line as one types it, with the program where it was found: it need not be in the PATH.
func typed(args ...string) string {
	words := append([]string{"openarena"}, args[1:]...)
	if strings.ContainsRune(args[0], filepath.Separator) {
		words[0] = args[0]
	}
	for i, w := range words {
		if strings.ContainsAny(w, " \t\n\"'$&|;<>()[]{}*?!#~`\\") || w == "" {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
