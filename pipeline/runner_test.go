package pipeline

import (
	"testing"

	"openarena/internal/testkit/fakellm"
)

func TestRunDoesEverythingOnce(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 20)
	a, db := w.arena(plain), w.open()
	o := run(t, a, db, both)
	if o.Answers != 60 || o.Judgments != 120 || o.Failed != 0 || o.Interrupted || len(o.Stopped) != 0 {
		t.Errorf("Run() = %+v; want 60 answers and 120 judgments", o)
	}
	wantDone(t, a, db, 60, 120)
	if got := w.server.Stats(false); got.Arrivals != 180 || got.Distinct != 180 {
		t.Errorf("the server saw %d calls, %d different ones; want 180 of each", got.Arrivals, got.Distinct)
	}
	before := dump(t, db)
	w.server.Reset()
	if o := run(t, a, db, both); o.Answers != 0 || o.Judgments != 0 {
		t.Errorf("a second Run() = %+v; want no work", o)
	}
	if got := w.server.Stats(false).Arrivals; got != 0 {
		t.Errorf("a second run made %d calls; want none", got)
	}
	if after := dump(t, db); after != before {
		t.Error("a second run changed the dump")
	}
}
