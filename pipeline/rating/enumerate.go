package rating

import (
	"fmt"
	"slices"
	"strings"
)

// Enumerate is "a, b and c", or the first few and how many more there are than most.
func Enumerate(names []string, most int) string {
	if len(names) > most {
		names = append(slices.Clone(names[:most-1]), fmt.Sprintf("%d more", len(names)-most+1))
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
