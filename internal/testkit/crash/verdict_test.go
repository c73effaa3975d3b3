//go:build unix

package crash

import (
	"testing"

	"openarena/internal/testkit/fakellm"
)

// TestFleetChecks holds made-up ends of arenas against the promises: a check that cannot fail proves nothing.
func TestFleetChecks(t *testing.T) {
	call := func(arrivals int) fakellm.Call {
		return fakellm.Call{Arrivals: arrivals, Replies: arrivals, Input: 10, Output: 20}
	}
	ask := func(n, times int) fakellm.Stats {
		s := fakellm.Stats{Calls: map[string]fakellm.Call{}}
		for i := range n {
			s.Calls[string(rune('a'+i))] = call(times)
			s.Input, s.Output = s.Input+int64(10*times), s.Output+int64(20*times)
		}
		return s
	}
	booked := func(input, output int64) (s status) {
		s.Tokens.Input, s.Tokens.Output = input, output
		return s
	}
	for _, test := range []struct {
		why           string
		voids, stalls int
		again         int
		calls         fakellm.Stats
		status        status
		broken        bool
	}{
		{"each once, booked once", 0, 0, 0, ask(3, 1), booked(30, 60), false},
		{"asked twice, and only the server was killed", 0, 0, 0, ask(3, 2), booked(30, 60), true},
		{"asked twice after a kill", 1, 0, 0, ask(3, 2), booked(30, 60), false},
		{"more than was under way in what was killed", 1, 0, 0, ask(26, 2), booked(260, 520), true},
		{"asked after its commit", 1, 0, 1, ask(3, 1), booked(30, 60), true},
		{"asked after its commit by one that stood still", 0, 1, 3, ask(3, 2), booked(60, 120), false},
		{"booked twice without a stall", 1, 0, 0, ask(3, 2), booked(60, 120), true},
		{"booked more than was served", 0, 1, 0, ask(3, 2), booked(61, 120), true},
		{"booked less than is committed", 0, 1, 0, ask(3, 1), booked(29, 60), true},
	} {
		f := &fleet{arena: &arena{loop: &loop{report: newReport()}, settled: map[string]int{}}, voids: test.voids, stalls: test.stalls, again: test.again}
		for name := range test.calls.Calls {
			f.settled[name] = 1
		}
		f.checkCost(test.calls)
		f.checkBooks(results{status: test.status, calls: test.calls})
		if got := len(f.loop.report.Violations) > 0; got != test.broken {
			t.Errorf("%s: broken promises %q", test.why, f.loop.report.Violations)
		}
	}
}
