package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/pipeline/judge"
)

// What a run has read is what a reading of all stored replies reads; what differs is told and put right, without a call.
func TestReparse(t *testing.T) {
	w, a, db, k := outdated(t)
	if _, err := a.Reread(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	all, err := a.Reparse(t.Context(), db)
	if err != nil || len(all) != 1 || all[0].Read != 2 || all[0].Changed != 0 {
		t.Fatalf("Reparse of a finished arena = %+v, %v; want 2 verdicts read and none changed", all, err)
	}
	before, _ := verdictAt(t, db, k)
	outdate(t, db, k, verdict{Parser: judge.ParserVersion, Attempts: 1, Verdict: judge.Verdict{Reason: judge.NoVerdict}})
	want := []Reparsed{{Judge: "Judge", Read: 2, Changed: 1, Changes: []Change{
		{From: "invalid: no_verdict", To: before.Label(), Count: 1, Examples: []string{k.Prompt.String()}},
	}}}
	got, err := a.Reparse(t.Context(), db)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("Reparse = %v (-want +got):\n%s", err, d)
	}
	if after, _ := verdictAt(t, db, k); after.differs(before) {
		t.Errorf("the verdict is %+v; want %+v again", after, before)
	}
	flagged := before
	flagged.Flags = []string{judge.FlagConflict}
	outdate(t, db, k, flagged)
	got, err = a.Reparse(t.Context(), db)
	if err != nil || got[0].Changed != 1 || got[0].Changes[0].From != got[0].Changes[0].To+" "+judge.FlagConflict {
		t.Errorf("Reparse = %+v, %v; want one change, of a flag", got, err)
	}
	if calls := w.server.Stats(false).Arrivals; calls != 0 {
		t.Errorf("%d calls were made", calls)
	}
}
