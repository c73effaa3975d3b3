package pipeline

import (
	"errors"
	"testing"

	"openarena/elo"
)

// TestMilestones: however many steps there are, few are kept, evenly spread, the first and the last among them.
func TestMilestones(t *testing.T) {
	steps := func(n int, err error) func(func(elo.Progress, error) bool) {
		return func(yield func(elo.Progress, error) bool) {
			ratings := []float64{0} // one for all steps, as elo has it
			for i := range n {
				ratings[0] = float64(i + 1)
				if !yield(elo.Progress{Ratings: ratings}, nil) {
					return
				}
			}
			if err != nil {
				yield(elo.Progress{}, err)
			}
		}
	}
	for _, n := range []int{1, 2, 3, 4, 7, 10, 11, 100, 12345} {
		for _, most := range []int{0, 2, 5, 10, 100} {
			got, err := milestones([]float64{0}, steps(n, nil), most)
			if err != nil || len(got) < 2 || len(got) > max(most, 2) || most > 2 && n >= most && len(got) < most/2 {
				t.Fatalf("of %d steps %d are kept, %v; want at most %d", n, len(got), err, most)
			}
			if last := got[len(got)-1]; got[0].Prompts != 0 || last.Prompts != n {
				t.Errorf("of %d steps those from %d to %d are kept", n, got[0].Prompts, last.Prompts)
			}
			for i, m := range got {
				if m.Ratings[0] != float64(m.Prompts) {
					t.Errorf("after %d prompts the rating is %v", m.Prompts, m.Ratings[0])
				}
				if i > 0 && i < len(got)-1 && m.Prompts-got[i-1].Prompts != got[1].Prompts {
					t.Errorf("of %d steps, %d at most: from %d to %d is no step like the first", n, most, got[i-1].Prompts, m.Prompts)
				}
			}
		}
	}
	if _, err := milestones(nil, steps(3, errors.New("no")), 9); err == nil {
		t.Error("a step that failed is no error")
	}
}
