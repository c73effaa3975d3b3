package pipeline

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
)

// What was done ahead comes in the order of what it was done for, the first error last; whoever leaves the loop leaves
// nothing behind that still works.
func TestAheadKeepsOrder(t *testing.T) {
	fault := errors.New("fault")
	for _, test := range []struct {
		name          string
		n             int // what there is
		in, do, leave int // where an error comes in, is made, or the loop is left; -1: nowhere
		want          int // values yielded
		fails         bool
	}{
		{"nothing", 0, -1, -1, -1, 0, false},
		{"all", 1000, -1, -1, -1, 1000, false},
		{"an error from where it comes from", 1000, 500, -1, -1, 500, true},
		{"an error of one", 1000, -1, 300, -1, 300, true},
		{"the loop is left", 1000, -1, -1, 20, 21, false},
	} {
		var working atomic.Int64
		in := func(yield func(int, error) bool) {
			for i := range test.n {
				var err error
				if i == test.in {
					err = fault
				}
				if !yield(i, err) {
					return
				}
			}
		}
		do := func(i int) (int, error) {
			working.Add(1)
			defer working.Add(-1)
			if i == test.do {
				return 0, fault
			}
			return 2 * i, nil
		}
		var got []int
		var failed error
		for v, err := range ahead(in, do) {
			if failed = err; err != nil {
				continue
			}
			if got = append(got, v); v == 2*test.leave {
				break
			}
		}
		if n := working.Load(); n != 0 {
			t.Errorf("%s: %d still work after the loop", test.name, n)
		}
		if len(got) != test.want || !slices.IsSorted(got) || (failed != nil) != test.fails {
			t.Errorf("%s: %d values, in order: %t, then %v; want %d, failing: %t", test.name, len(got), slices.IsSorted(got), failed, test.want, test.fails)
		}
	}
}
