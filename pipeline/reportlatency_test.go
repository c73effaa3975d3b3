package pipeline

import (
	"math"
	"testing"
	"time"

	"openarena/providers"
	"openarena/store"
)

// Every call of a judge counts, re-asks too; those of other judges, and those that an older version stored, do not.
func TestReportOfLatencies(t *testing.T) {
	a := parseArena(t, t.TempDir(), reportModels, Trial{})
	db, err := store.Open(t.Context(), t.TempDir()+"/arena.db", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var b store.Batch
	for i := range 20 {
		said := newReply(&providers.Reply{Took: time.Duration(i+1) * 100 * time.Millisecond})
		b.PutOnce(store.Judgments, VerdictKey{Prompt: Hash{byte(i / 2)}, Judge: a.Judges[0].ID}.attempt(uint8(i%2+1)), said.meta(), said.body())
	}
	stranger, old := newReply(&providers.Reply{Took: time.Hour}), newReply(&providers.Reply{})
	b.PutOnce(store.Judgments, VerdictKey{Judge: ID{9}}.attempt(1), stranger.meta(), stranger.body())
	b.PutOnce(store.Judgments, VerdictKey{Judge: a.Judges[0].ID, Order: 1}.attempt(1), old.meta(), old.body())
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	rep := &JudgeReport{Judges: make([]JudgeQuality, len(a.Judges))}
	if err := rep.readLatencies(t.Context(), db, a); err != nil {
		t.Fatal(err)
	}
	l := rep.Judges[0].Latency
	if l.N != 20 || math.Abs(*l.P50-1000) > 10 || math.Abs(*l.P95-1900) > 19 {
		t.Errorf("latency of %d calls: p50 %v, p95 %v; want 20, 1000 and 1900 ms", l.N, *l.P50, *l.P95)
	}
	if other := rep.Judges[1].Latency; other.N != 0 || other.P50 != nil {
		t.Errorf("a judge that was never called: %+v", other)
	}
}
