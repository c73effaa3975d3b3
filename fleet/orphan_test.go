package fleet

import (
	"slices"
	"testing"
	"time"
)

func TestHands(t *testing.T) {
	var h hands
	end := h.hold(1)
	h.hold(2)
	end()
	now := time.Now()
	for _, row := range []struct {
		after time.Duration
		want  []int64
	}{{0, []int64{1, 2}}, {writing / 2, []int64{1, 2}}, {2 * writing, []int64{2}}} {
		if got := h.held(now.Add(row.after)); !slices.Equal(slices.Sorted(slices.Values(got)), row.want) {
			t.Errorf("%v after the first has ended %v are held; want %v", row.after, got, row.want)
		}
	}
	h.hold(1) // handed out once more
	if got := h.held(now.Add(2 * writing)); len(got) != 2 {
		t.Errorf("%v are held after the first was handed out once more; want both", got)
	}
}
