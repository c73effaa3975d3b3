package pipeline

import (
	"context"
	"sync"
	"testing"

	"openarena/providers"
	"openarena/store"
)

// parts is a job that is fed part by part.
var parts = Job{Generate: true, Judge: true, Parts: true}

// serving starts a Runner that is fed part by part, until the test ends.
func serving(t testing.TB, a *Arena, s store.Store, connect func(providers.Endpoint) (providers.Client, error)) *Runner {
	t.Helper()
	r, err := newRunner(t.Context(), a, s, parts, connect)
	if err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		if o, err := r.Serve(context.Background(), stop); err != nil || !o.Interrupted {
			t.Errorf("Serve() = %+v, %v; want it to be interrupted", o, err)
		}
	})
	t.Cleanup(func() {
		cancel()
		ended.Wait()
	})
	return r
}

func mustParts(t testing.TB, a *Arena, r store.Reader) []Part {
	t.Helper()
	all, err := a.Parts(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestServeDoesWhatRunDoes: an arena worked part by part is the one that a run makes, at the same calls, and the counts of its parts
// add up to those of all.
func TestServeDoesWhatRunDoes(t *testing.T) {
	whole := &scripted{}
	_, _, db, _ := runWhole(t, plain, 40, whole.connect)
	want := dump(t, db)

	w, s := &world{t: t, dir: t.TempDir()}, &scripted{}
	w.write("prompts.jsonl", promptLines(0, 40))
	a := w.arena(plain)
	db = w.open()
	mustSync(t, a, db)
	r := serving(t, a, db, s.connect)
	var sum PartResult
	for round := range 2 {
		sum = PartResult{}
		for _, p := range mustParts(t, a, db) {
			got, err := r.Work(t.Context(), p)
			if err != nil || !got.Complete || round > 0 && got.Asked > 0 {
				t.Errorf("round %d: Work(%+v) = %+v, %v; want it complete", round, p, got, err)
			}
			sum.Wanted, sum.Done, sum.Failed, sum.Waiting = sum.Wanted+got.Wanted, sum.Done+got.Done, sum.Failed+got.Failed, sum.Waiting+got.Waiting
		}
	}
	if st := status(t, a, db); sum.Wanted != st.Generate.Wanted+st.Judge.Wanted || sum.Done != sum.Wanted {
		t.Errorf("all parts have %+v; the status is %+v and %+v", sum, st.Generate, st.Judge)
	}
	if got := dump(t, db); got != want {
		t.Errorf("part by part the database is another one than after a run:\n%s\nwant\n%s", got, want)
	}
	if s.calls("") != whole.calls("") {
		t.Errorf("part by part it took %d calls; a run %d", s.calls(""), whole.calls(""))
	}
}
