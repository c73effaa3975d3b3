package scoreboard

import (
	"fmt"
	"strconv"
	"strings"
)

// Table is the results as Markdown, with a line on top that sums them up.
func Table(results []Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n| | fault | what the user sees | result | figures | shown by |\n|---|---|---|---|---|---|\n", summary(results))
	for _, r := range results {
		state := r.State.String()
		if r.Later != "" {
			state = "later: " + r.Later
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.ID, cell(r.Fault), cell(r.Holds), state,
			cell(strings.Join(r.Figures, "; ")), cell(strings.Join(r.Tests, ", ")))
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// summary counts the numbered faults: a row "T20-21" is two of them.
func summary(results []Result) string {
	counts := map[string]int{}
	total := 0
	for _, r := range results {
		n := faults(r.ID)
		total += n
		switch {
		case r.Later != "":
			counts["later"] += n
		default:
			counts[r.State.String()] += n
		}
	}
	s := fmt.Sprintf("%d of %d faults are handled and were just shown to be", counts[Passed.String()], total)
	for _, rest := range []struct{ state, words string }{
		{Skipped.String(), "could not be shown on this machine"}, {Failed.String(), "FAILED"}, {Missing.String(), "name a test that is not there"},
		{"later", "belong to parts that do not exist yet"},
	} {
		if n := counts[rest.state]; n > 0 {
			s += fmt.Sprintf("; %d %s", n, rest.words)
		}
	}
	return s + "."
}

// faults is how many numbered faults an ID stands for: "T8" one, "T20-21" two, "M1" none.
func faults(id string) int {
	number, ok := strings.CutPrefix(id, "T")
	if !ok {
		return 0
	}
	first, last, isRange := strings.Cut(number, "-")
	if !isRange {
		return 1
	}
	from, err1 := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err1 != nil || err2 != nil || to < from {
		return 0
	}
	return to - from + 1
}
