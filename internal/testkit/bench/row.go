//go:build linux

package bench

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Row is a group of figures that are measured together.
type Row struct {
	Name    string // for -only
	Measure func(context.Context, *Bench) ([]Figure, error)
}

// Figure is one line of the table.
type Figure struct {
	What   string
	Target string
	Got    string
	Holds  bool
}

// rows are all of them, in the order of the table.
var rows = []Row{
	{"wall", measureWall},
	{"lognormal", measureLognormal},
	{"endpoints", measureEndpoints},
	{"rate", measureRate},
	{"faults", measureFaults},
	{"dead", measureDead},
	{"budget", measureBudget},
	{"limits", measureLimits},
	{"durable", measureDurable},
	{"writer", measureWriter},
	{"growth", measureGrowth},
	{"missing", measureMissing},
	{"commands", measureCommands},
	{"viewer", measureViewer},
	{"battles", measureBattles},
	{"client", measureClient},
	{"observed", measureObserved},
	{"viewed", measureViewed},
	{"inflight", measureInFlight},
	{"export", measureExport},
	{"upload", measureUpload},
	{"report", measureReport},
	{"remote", measureRemote},
	{"stored", measureStored},
	{"copy", measureCopy},
	{"crew", measureCrew},
	{"asked", measureAsked},
	{"swarm", measureSwarm},
}

// Run measures the rows whose name matches and returns the table as Markdown. A row that could not be measured says so in
// it, and is an error, too.
func (b *Bench) Run(ctx context.Context, only *regexp.Regexp) (string, error) {
	var table strings.Builder
	fmt.Fprintf(&table, "%s\n\n| figure | target | measured | holds |\n|---|---|---|---|\n", machine())
	var failed error
	for _, r := range rows {
		if !only.MatchString(r.Name) {
			continue
		}
		b.Logf("measuring %s", r.Name)
		figures, err := r.Measure(ctx, b)
		if ctx.Err() != nil {
			return table.String(), ctx.Err()
		}
		if err != nil {
			failed = fmt.Errorf("%s: %w", r.Name, err)
			b.Logf("%v", failed)
			figures = append(figures, Figure{What: r.Name, Got: "could not be measured"})
		}
		for _, f := range figures {
			fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", f.What, f.Target, f.Got, yes(f.Holds))
			b.Logf("%s: %s (%s)", f.What, f.Got, f.Target)
		}
	}
	return table.String(), failed
}

func yes(holds bool) string {
	if holds {
		return "yes"
	}
	return "**no**"
}

// atMost is a figure that should be small; values are several measurements of it, of which the median counts.
func atMost(what, unit string, limit float64, values ...float64) Figure {
	return Figure{what, "≤ " + number(limit) + unit, spread(values, unit), median(values) <= limit}
}

// atLeast is a figure that should be large.
func atLeast(what, unit string, limit float64, values ...float64) Figure {
	return Figure{what, "≥ " + number(limit) + unit, spread(values, unit), median(values) >= limit}
}

// spread is the median with the least and the most of several measurements.
func spread(values []float64, unit string) string {
	switch {
	case len(values) == 0:
		return ""
	case slices.Min(values) == slices.Max(values):
		return number(values[0]) + unit
	}
	return fmt.Sprintf("%s%s (%s to %s)", number(median(values)), unit, number(slices.Min(values)), number(slices.Max(values)))
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// number has three digits that mean something, and no more.
func number(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%d,%03d", int(v)/1000, int(v)%1000)
	case v >= 100 || v == float64(int(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
