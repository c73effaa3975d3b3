package crash

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// invariant is a promise of the program under kills.
type invariant uint8

const (
	i1 invariant = iota + 1
	i2
	i3
	i4
	i5
	i6
	i7
	i8
	i9
	i10
)

var promises = map[invariant]string{
	i1: "what is committed is never lost",
	i2: "what is committed is never asked again; repeats are bounded",
	i3: "tokens are those the server counted for committed work",
	i4: "dump, ratings and exports are byte for byte an undisturbed run's",
	i5: "a life long enough for one commit makes progress",
	i6: "an exported file is absent or complete",
	i7: "commands that only read leave the database unchanged",
	i8: "every judgment counts once",
	i9: "every text is kept as the server sent it",

	i10: "a budget is never passed",
}

// Report is what a crash loop found.
type Report struct {
	Kills, Arenas int
	Violations    []string // the first of each promise, in words

	causes    map[string]int
	checks    map[invariant]int
	broken    map[invariant]int
	takeovers []time.Duration // of what killed workers held
	repeats   []int           // calls made void, per kill
	progress  int             // killed lives that had committed something
}

func newReport() *Report {
	return &Report{causes: map[string]int{}, checks: map[invariant]int{}, broken: map[invariant]int{}}
}

func (r *Report) kill(command, cause string) {
	r.Kills++
	r.causes[command+", "+cause]++
}

// check books one check of a promise. The words of a violation are kept for the first few of each.
func (r *Report) check(i invariant, holds bool, format string, args ...any) {
	r.checks[i]++
	if holds {
		return
	}
	r.broken[i]++
	if r.broken[i] <= 3 {
		r.Violations = append(r.Violations, fmt.Sprintf("I%d: ", i)+fmt.Sprintf(format, args...))
	}
}

// String is the table for people.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d kills over %d arenas", r.Kills, r.Arenas)
	if r.progress > 0 {
		fmt.Fprintf(&b, "; %d killed lives had committed something", r.progress)
	}
	fmt.Fprintln(&b)
	for _, cause := range slices.Sorted(maps.Keys(r.causes)) {
		fmt.Fprintf(&b, "  %4d  %s\n", r.causes[cause], cause)
	}
	if len(r.repeats) > 0 {
		sum := 0
		for _, n := range r.repeats {
			sum += n
		}
		fmt.Fprintf(&b, "calls made void %s: mean %.1f, most %d (concurrency %d, bound %d for each kill)\n",
			r.per(), float64(sum)/float64(len(r.repeats)), slices.Max(r.repeats), concurrency, voidPerKill)
	}
	if len(r.takeovers) > 0 {
		fmt.Fprintf(&b, "what a killed worker held was handed to others after %s at most (rescue %s)\n", slices.Max(r.takeovers).Round(100*time.Millisecond), rescue)
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tpromise\tchecks\tbroken")
	for _, i := range slices.Sorted(maps.Keys(promises)) {
		if r.checks[i] > 0 {
			fmt.Fprintf(w, "I%d\t%s\t%d\t%d\n", i, promises[i], r.checks[i], r.broken[i])
		}
	}
	w.Flush()
	return b.String()
}

// per is what repeats are counted for: a kill, or, where many machines are at work, an arena.
func (r *Report) per() string {
	if len(r.repeats) == r.Kills {
		return "per kill"
	}
	return "per arena"
}
