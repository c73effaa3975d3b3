package postgres

import (
	"fmt"
	"slices"
	"testing"

	"openarena/store"
)

// TestGroupOrder: whatever the order in which things come, all writers lock them in the same, or they would wait for each other.
func TestGroupOrder(t *testing.T) {
	names := func(backwards bool) (got []string) {
		var jobs []*job
		for i := range 6 {
			if backwards {
				i = 5 - i
			}
			key := fmt.Append(nil, i%3)
			var b store.Batch
			b.PutOnce([]store.Bucket{store.Answers, store.Verdicts}[i/3], key, nil, nil)
			b.Add(key, 1)
			j, err := newJob(&b)
			if err != nil {
				t.Fatal(err)
			}
			jobs = append(jobs, j)
		}
		g := newGroup(jobs)
		for _, c := range g.changes {
			got = append(got, fmt.Sprintf("%s %s", c.bucket, c.key))
		}
		for _, c := range g.counters {
			got = append(got, string(c.key))
		}
		return got
	}
	want := []string{"answers 0", "answers 1", "answers 2", "verdicts 0", "verdicts 1", "verdicts 2", "0", "1", "2"}
	if ahead, back := names(false), names(true); !slices.Equal(ahead, want) || !slices.Equal(back, want) {
		t.Errorf("locks are taken in the order %q, or %q; want %q", ahead, back, want)
	}
}
