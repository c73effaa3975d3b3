package pipeline

import (
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
)

// A soft preference is stored with the verdict and counts in ratings by levels and shares; what it was read from is stored too.
func TestPreferencesAreKept(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 5)
	yaml := strings.Replace(plain, "reask: 1", "protocol: logprob", 1)
	a, db := w.arena(yaml), w.open()
	if o := run(t, a, db, both); o.Failed != 0 || o.Judgments != 30 || len(o.Stopped) != 0 {
		t.Fatalf("Run() = %+v; want 30 judgments", o)
	}
	before := verdictsIn(t, db)
	for k, v := range before {
		if v.Preference == nil {
			t.Fatalf("the verdict %+v has no preference", v)
		}
		level, share := fromA(v, k.Order)
		if want := 4*share - 2; level-want > 1e-9 || want-level > 1e-9 {
			t.Errorf("a preference of %v counts as level %v, share %v", *v.Preference, level, share)
		}
		outdate(t, db, k, verdict{Parser: oldParser, Attempts: 1})
	}
	if n, err := a.Reread(t.Context(), db); n != 30 || err != nil {
		t.Errorf("Reread = %d, %v; want 30", n, err)
	}
	for k, v := range verdictsIn(t, db) {
		if v.Preference == nil || *v.Preference != *before[k].Preference {
			t.Errorf("read anew the verdict is %+v; want the preference %v", v, *before[k].Preference)
		}
	}
}

// A server without logprobs stops the judge at once, and says what helps.
func TestServerWithoutLogprobs(t *testing.T) {
	for why, o := range map[string]fakellm.Options{"it ignores the wish": {NoLogprobs: true}, "it refuses the wish": {RefuseLogprobs: true}} {
		w := newWorld(t, o, 30)
		a, db := w.arena(strings.Replace(plain, "reask: 1", "protocol: logprob", 1)), w.open()
		got := run(t, a, db, both)
		if len(got.Stopped) != 1 || !strings.Contains(got.Stopped[0].Cause.Error(), "protocol: verdict3") {
			t.Errorf("%s: Run() = %+v; want the judge stopped with advice", why, got)
		}
		if n := w.server.Stats(false).Models["judge"].Arrivals; n > 4*16 { // of 180, however late a busy machine reads the first reply
			t.Errorf("%s: the judge was asked %d times; want no more than were in flight", why, n)
		}
		if st := status(t, a, db); st.Judge.Done != st.Judge.Invalid || st.Generate.Done != 90 {
			t.Errorf("%s: status %+v, %+v; want no verdict, and all answers", why, st.Generate, st.Judge)
		}
	}
}
