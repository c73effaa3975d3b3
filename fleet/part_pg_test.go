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

// What a worker of an epoch before says late is of another arena than that of now.
func TestPGLateWord(t *testing.T) {
	f, ctx := openFleet(t), t.Context()
	p := pipeline.Part{Who: pipeline.ID{7}, To: pipeline.Hash{0xff}}
	if err := f.lay(ctx, []pipeline.Part{p}); err != nil {
		t.Fatal(err)
	}
	for _, w := range []struct {
		epoch int64
		left  int64
	}{{2, 5}, {1, 0}} {
		if err := f.tell(ctx, p, w.epoch, time.Now(), pipeline.PartResult{Wanted: 9, Left: w.left, Complete: w.left == 0}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := f.states(ctx)
	if err != nil || len(all) != 1 || all[0].epoch != 2 || all[0].complete || all[0].remaining != 5 {
		t.Errorf("states = %+v, %v; want what was said in epoch 2", all, err)
	}
}

// Parts of other ranges take the place of those before, so that no prompt counts twice; what is known of the same ones stays.
func TestPGLaidAnew(t *testing.T) {
	f, ctx := inForce(t), t.Context()
	who := pipeline.ID{7}
	part := func(from, to byte) pipeline.Part {
		return pipeline.Part{Who: who, From: pipeline.Hash{from}, To: pipeline.Hash{to}}
	}
	for _, c := range []struct {
		why      string
		parts    []pipeline.Part
		done     int64
		complete int
	}{
		{"two halves", []pipeline.Part{part(0, 0x7f), part(0x80, 0xff)}, 20, 2},
		{"the same", []pipeline.Part{part(0, 0x7f), part(0x80, 0xff)}, 20, 2},
		{"one of them in two", []pipeline.Part{part(0, 0x7f), part(0x80, 0xbf), part(0xc0, 0xff)}, 10, 1},
	} {
		if err := f.lay(ctx, c.parts); err != nil {
			t.Fatal(err)
		}
		if c.why == "two halves" {
			for _, p := range c.parts {
				if err := f.tell(ctx, p, 1, time.Now(), pipeline.PartResult{Wanted: 10, Done: 10, Complete: true}); err != nil {
					t.Fatal(err)
				}
			}
		}
		n, err := f.Counts(ctx)
		if err != nil || len(n) != 1 || n[0].Parts != len(c.parts) || n[0].Done != c.done || n[0].Complete != c.complete {
			t.Errorf("%s: Counts = %+v, %v; want %d parts, %d of them complete, %d done", c.why, n, err, len(c.parts), c.complete, c.done)
		}
	}
	if err := f.Touch(ctx, "redo"); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Counts(ctx); err != nil || len(n) != 1 || n[0].Complete != 0 || n[0].Done != 10 {
		t.Errorf("Counts = %+v, %v in a new epoch; want that no part is complete before it is looked at", n, err)
	}
}

// A worker that has not heard yet of an epoch in which a part was done neither holds that part nor counts it: what it says at the
// end is not heard.
func TestPGLateTake(t *testing.T) {
	f, ctx := inForce(t), t.Context()
	p := pipeline.Part{Who: pipeline.ID{7}, To: pipeline.Hash{0xff}}
	if err := f.lay(ctx, []pipeline.Part{p}); err != nil {
		t.Fatal(err)
	}
	if err := f.tell(ctx, p, 2, time.Now(), pipeline.PartResult{Wanted: 9, Done: 9, Complete: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.take(ctx, p, 1, "late"); err != nil {
		t.Fatal(err)
	}
	m := Member{ID: "late", Underway: []pipeline.Underway{{Part: p, Wanted: 5, Done: 1}}}
	if _, err := f.Beat(ctx, m, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := f.tell(ctx, p, 1, time.Now(), pipeline.PartResult{Wanted: 5, Done: 2}); err != nil {
		t.Fatal(err)
	}
	all, err := f.states(ctx)
	if err != nil || len(all) != 1 || all[0].held {
		t.Errorf("states = %+v, %v; want one that nobody holds", all, err)
	}
	counts, err := f.Counts(ctx)
	if err != nil || len(counts) != 1 || counts[0].Wanted != 9 || counts[0].Done != 9 {
		t.Errorf("Counts = %+v, %v; want 9 of 9", counts, err)
	}
}
