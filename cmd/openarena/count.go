package main

import "openarena/internal/terminal"

// count is a number with its noun, which takes an s unless there is exactly one.
func count[N int | int64](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return terminal.Count(int64(n)) + " " + noun
}
