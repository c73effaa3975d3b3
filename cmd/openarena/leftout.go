package main

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
