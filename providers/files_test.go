package providers

import (
	"slices"
	"strings"
	"testing"
)

func TestShareFiles(t *testing.T) {
	for _, c := range []struct {
		name   string
		stated []int // 0: auto
		files  int
		want   []int // the most of each
		warns  bool
	}{
		{"no limit is known", []int{0, 5000}, 0, []int{1024, 5000}, false},
		{"there is room", []int{0, 64}, 4096, []int{1024, 64}, false},
		{"one is too many", []int{5000}, 1024, []int{824}, true},
		{"small ones are kept, large ones share the rest", []int{0, 4, 600, 0}, 1204, []int{333, 4, 333, 334}, true},
		{"auto gets less than it might, but plenty", []int{0}, 1024, []int{824}, false},
		{"auto gets little", []int{0}, 300, []int{100}, true},
		{"less than one each: one each", []int{8, 8}, 64, []int{1, 1}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var gates []*Gate
			for _, n := range c.stated {
				gates = append(gates, newGate(Limits{Concurrency: n}, c.files))
			}
			said := shareFiles(gates, c.files)
			var got []int
			for _, g := range gates {
				got = append(got, g.top())
			}
			if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(c.want))) || (said != "") != c.warns {
				t.Errorf("the most of each is %v, %q; want %v, a warning: %v", got, said, c.want, c.warns)
			}
			if c.warns && !strings.Contains(said, "ulimit -n") {
				t.Errorf("%q does not say what to do", said)
			}
			for i, g := range gates { // a share outlives a change of limits
				top := g.top()
				g.Set(Limits{Concurrency: 9000})
				if c.warns && c.stated[i] != 4 && g.top() > top {
					t.Errorf("after a change the most is %d; want at most %d", g.top(), top)
				}
			}
		})
	}
}
