package pipeline

import (
	"maps"
	"slices"
	"testing"

	"openarena/store"
)

// keysOf are all keys of a bucket.
func keysOf(t *testing.T, r store.Reader, bk store.Bucket) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for rec, err := range r.Scan(t.Context(), bk, store.Range{}, store.KeyOnly) {
		if err != nil {
			t.Fatal(err)
		}
		all[string(rec.Key)] = true
	}
	return all
}

func TestKilledRedoTakesJudgmentsBackWhole(t *testing.T) {
	a, db := spoken(t, 100, 2)
	first, last := outermost(t, db)
	b := bulk{store: db}
	// The first took two more attempts, so that a commit does not happen to end between two judgments.
	b.putOnce(store.Judgments, first.attempt(3), nil, nil)
	b.putOnce(store.Judgments, first.attempt(4), nil, nil)
	// The last needed no words: its answers spoke for themselves.
	b.put(store.Verdicts, last.bytes(), verdict{Attempts: 0}.meta(), nil)
	b.delete(store.Judgments, last.attempt(1))
	b.delete(store.Judgments, last.attempt(2))
	if err := b.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	verdicts, words := keysOf(t, db, store.Verdicts), keysOf(t, db, store.Judgments)
	redo := func(s store.Store) error { _, err := a.Redo(t.Context(), s, Selection{Judge: "Judge"}); return err }
	killedOften(t, db, redo, func(deaths int) {
		verdictsNow, wordsNow := keysOf(t, db, store.Verdicts), keysOf(t, db, store.Judgments)
		for key := range words {
			if verdict := key[:verdictSize]; verdictsNow[verdict] != wordsNow[key] {
				t.Fatalf("after %d deaths verdict %x is there: %t, its attempt %d: %t",
					deaths, verdict, verdictsNow[verdict], key[verdictSize], wordsNow[key])
			}
		}
	})
	if v, w := keysOf(t, db, store.Verdicts), keysOf(t, db, store.Judgments); len(v) != 0 || len(w) != 0 {
		t.Errorf("%d verdicts and %d attempts are left; want none", len(v), len(w))
	}
	if n, want := len(keysOf(t, db, store.Retired)), len(verdicts)+len(words); n != want {
		t.Errorf("%d records are kept; want %d", n, want)
	}
}

// outermost are the first and the last verdict.
func outermost(t *testing.T, r store.Reader) (first, last VerdictKey) {
	t.Helper()
	all := slices.Sorted(maps.Keys(keysOf(t, r, store.Verdicts)))
	for i, k := range [...]*VerdictKey{&first, &last} {
		var err error
		if *k, err = parseVerdictKey([]byte(all[i*(len(all)-1)])); err != nil {
			t.Fatal(err)
		}
	}
	return first, last
}

func TestRedoCountsVerdicts(t *testing.T) {
	a, db := spoken(t, 4, 2)
	if n, err := a.Redo(t.Context(), db, Selection{Judge: "Judge"}); n != 48 || err != nil {
		t.Errorf("Redo() = %d, %v; want 48 judgments, whatever the attempts", n, err)
	}
	if n, err := a.Redo(t.Context(), db, Selection{Judge: "Judge"}); n != 0 || err != nil {
		t.Errorf("a second Redo() = %d, %v; want nothing left to take back", n, err)
	}
}
