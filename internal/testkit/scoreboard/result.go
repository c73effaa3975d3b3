package scoreboard

import (
	"cmp"
	"strings"
)

// State is how a row or one of its tests ended.
type State uint8

// From best to worst, so that the worst of several is their maximum.
const (
	Passed State = iota
	Skipped
	Failed
	Missing // there is no such test
)

func (s State) String() string {
	return [...]string{"ok", "skipped", "FAILED", "NO SUCH TEST"}[s]
}

// Result is a row after its tests have run.
type Result struct {
	Row
	State   State
	Figures []string // what its tests measured, in the order of Tests
}

// results gives each row the worst outcome of its tests.
func results(rows []Row, seen map[string]*outcome) []Result {
	all := make([]Result, 0, len(rows))
	for _, row := range rows {
		r := Result{Row: row}
		for _, test := range row.Tests {
			o := cmp.Or(seen[test], &outcome{state: Missing})
			r.State = max(r.State, o.state)
			r.Figures = append(r.Figures, o.figures...)
		}
		all = append(all, r)
	}
	return all
}

// outcome is what is known of one test of the rows, its subtests included.
type outcome struct {
	state   State
	figures []string
}

// event is a line of `go test -json`.
type event struct {
	Action, Test, Key, Value, Output string
}

// book notes an event of a package under every test of the rows that it belongs to.
func book(seen map[string]*outcome, dir string, e event) {
	for name := e.Test; name != ""; {
		o := seen[dir+" "+name]
		if o != nil && e.Action == "attr" && e.Key == "figure" {
			o.figures = append(o.figures, e.Value)
		}
		if o != nil && (name == e.Test || e.Action == "skip") {
			o.conclude(e.Action)
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return
		}
		name = name[:i]
	}
}

// conclude takes the end of a test. A test with a skipped subtest is skipped itself: part of what it shows was not shown.
func (o *outcome) conclude(action string) {
	switch action {
	case "pass":
		if o.state == Missing {
			o.state = Passed
		}
	case "skip":
		if o.state == Missing {
			o.state = Skipped
		}
	case "fail":
		o.state = Failed
	}
}
