package rating

import (
	"fmt"
	"slices"
	"strings"
)

// Enumerate is "a, b and c", or the first few and how many more there are than most. A name that holds a comma stands in quotes.
func Enumerate(names []string, most int) string {
	names = slices.Clone(names)
	if len(names) > most {
		names = append(names[:most-1], fmt.Sprintf("%d more", len(names)-most+1))
	}
	for i, name := range names {
		if strings.Contains(name, ",") {
			names[i] = `"` + name + `"`
		}
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
