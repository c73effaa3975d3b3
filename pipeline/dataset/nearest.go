package dataset

import "strings"

// nearest is the name that someone who wrote name most likely meant; "" when none is close.
func nearest(name string, names []string) string {
	const longest = 64 // names beyond it are no typing mistakes, and the distance is quadratic
	if len(name) > longest {
		return ""
	}
	best, least := "", 1+len(name)/3
	for _, n := range names {
		if len(n) > longest {
			continue
		}
		d := distance(strings.ToLower(name), strings.ToLower(n))
		if d <= least && (best == "" || d < least) {
			best, least = n, d
		}
	}
	return best
}

// distance counts the insertions, deletions and replacements that make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
