package main

import (
	"fmt"
	"strings"

	"openarena/pipeline"
)

// leftOut says why rows of a file cannot be used, a line for each of the first of them.
func leftOut(bad int, why []string) (lines []string) {
	for _, w := range why {
		lines = append(lines, "  "+w)
	}
	if more := bad - len(why); more > 0 {
		lines = append(lines, "  and "+count(more, "more row"))
	}
	return lines
}

// dropped says what the settings under `prompts` took, and why, with the first few rows of each.
func dropped(all []pipeline.Dropped) (lines []string) {
	for _, d := range all {
		lines = append(lines, fmt.Sprintf("  prompts.%s: %s left out", d.Setting, count(d.Rows, "row")))
		for _, w := range leftOut(d.Rows, d.Why) {
			lines = append(lines, "  "+w)
		}
	}
	return lines
}

// repeated says which rows of a dataset are no prompts of their own.
func repeated(d pipeline.DatasetStatus) (lines []string) {
	var parts []string
	if d.Duplicates > 0 {
		parts = append(parts, count(d.Duplicates, "duplicate row"))
	}
	if d.Shared > 0 {
		parts = append(parts, count(d.Shared, "prompt")+" of earlier datasets")
	}
	if n := len(parts); n > 0 || len(d.Dropped) > 0 {
		lines = append(lines, fmt.Sprintf("%s: %s", d.Name, strings.Join(append([]string{count(d.Prompts, "prompt")}, parts...), ", ")))
	}
	return append(lines, dropped(d.Dropped)...)
}
