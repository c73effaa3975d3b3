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
	b.WriteString(criteriaText(r) + "Nothing else counts, such as which answer comes first or a confident tone.\n")
	switch r.Ties {
	case "discourage":
		b.WriteString("Call the answers equally good only if nothing that counts sets them apart.\n")
	case "forbid":
		b.WriteString("The answers are never equally good: say which one is better, however little.\n")
	}
	return b.String()
}

// soleRubricText is the same for a judge of one answer, who cannot know of ties.
func soleRubricText(r *configs.Rubric) string {
	if r == nil {
		return ""
	}
	return criteriaText(r) + "Nothing else counts, such as a confident tone or what the answer says of itself.\n"
}

func criteriaText(r *configs.Rubric) string {
	var b strings.Builder
	b.WriteString("What counts:\n")
	for _, c := range r.Criteria {
		b.WriteString("- " + c.Name + weightText(c, r.Criteria) + "\n" + levelsText(c))
	}
	return b.String()
}

// levelsText says what scores mean, the best first.
func levelsText(c configs.Criterion) string {
	var b strings.Builder
	for _, score := range slices.Backward(slices.Sorted(maps.Keys(c.Levels))) {
		fmt.Fprintf(&b, "  %d: %s\n", score, strings.TrimSpace(c.Levels[score]))
	}
	return b.String()
}

// criteriaOf are a rubric's criteria with the keys of their scores. Weights are not told: they are applied afterwards.
func criteriaOf(r *configs.Rubric) []criterion {
	if r == nil {
		return nil
	}
	all := make([]criterion, len(r.Criteria))
	for i, c := range r.Criteria {
		all[i] = criterion{Key: "c" + strconv.Itoa(i+1), Name: c.Name, Levels: levelsText(c)}
	}
	return all
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
