package fleet

import (
	"testing"
	"time"

	"openarena/pipeline"
)

// Answers that were taken back and made anew are as many as before; judges who looked in between have to look again.
func TestPGNewsOfAnEpoch(t *testing.T) {
	f, ctx := openFleet(t), t.Context()
	p := pipeline.Part{Who: pipeline.ID{7}, To: pipeline.Hash{0xff}}
	if err := f.lay(ctx, []pipeline.Part{p}); err != nil {
		t.Fatal(err)
	}
	whole := pipeline.PartResult{Wanted: 2, Done: 2, Complete: true}
	changed := func(epoch int64) time.Time {
		t.Helper()
		if err := f.tell(ctx, p, epoch, time.Now(), whole); err != nil {
			t.Fatal(err)
		}
		all, err := f.states(ctx)
		if err != nil || len(all) != 1 {
			t.Fatalf("states = %+v, %v", all, err)
		}
		return all[0].changed
	}
	first := changed(1)
	if again := changed(1); !again.Equal(first) {
		t.Errorf("a second look in an epoch that found the same is news of %v; want that of %v", again, first)
	}
	if next := changed(2); !next.After(first) {
		t.Errorf("the first look in another epoch is news of %v; want later than %v", next, first)
	}
}
