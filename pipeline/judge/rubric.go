package judge

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"openarena/configs"
)

// ties reports whether a judge may find the answers of the case equally good.
func (c Case) ties() bool { return c.Rubric == nil || c.Rubric.Ties != "forbid" }

// rubricText is what a judge is told of a rubric: its criteria, weights where they differ, and what scores mean; "" for nil.
func rubricText(r *configs.Rubric) string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("What counts:\n")
	for _, c := range r.Criteria {
		b.WriteString("- " + c.Name + weightText(c, r.Criteria) + "\n")
		for _, score := range slices.Backward(slices.Sorted(maps.Keys(c.Levels))) {
			fmt.Fprintf(&b, "  %d: %s\n", score, strings.TrimSpace(c.Levels[score]))
		}
	}
	b.WriteString("Nothing else counts, such as which answer comes first or a confident tone.\n")
	switch r.Ties {
	case "discourage":
		b.WriteString("Call the answers equally good only if nothing that counts sets them apart.\n")
	case "forbid":
		b.WriteString("The answers are never equally good: say which one is better, however little.\n")
	}
	return b.String()
}

// weightText is a criterion's part in the whole, "" where all have the same.
func weightText(c configs.Criterion, all []configs.Criterion) string {
	sum, equal := 0.0, true
	for _, other := range all {
		sum += other.Weight
		equal = equal && other.Weight == c.Weight
	}
	if equal {
		return ""
	}
	return " (weight " + decimal(c.Weight) + " of " + decimal(sum) + ")"
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }
