package pipeline

import (
	"context"
	"errors"
	"strings"
	"testing"

	"openarena/providers"
	"openarena/store"
)

// spoken is a filled arena whose judge has said something, of that many attempts, to each verdict.
func spoken(t *testing.T, prompts, attempts int) (*Arena, *store.DB) {
	t.Helper()
	a, db := filled(t, prompts, 0)
	words := newReply(&providers.Reply{Text: "words", Finish: providers.FinishStop})
	b := bulk{store: db}
	for rec, err := range db.Scan(t.Context(), store.Verdicts, store.Range{}, store.WithMeta) {
		if err != nil {
			t.Fatal(err)
		}
		k, err := parseVerdictKey(rec.Key)
		if err != nil {
			t.Fatal(err)
		}
		v, err := parseVerdict(rec.Meta)
		if err != nil {
			t.Fatal(err)
		}
		v.Attempts = uint8(attempts)
		b.put(store.Verdicts, k.bytes(), v.meta(), nil)
		for n := range attempts {
			b.putOnce(store.Judgments, k.attempt(uint8(n+1)), words.meta(), words.body())
		}
		if err := b.spill(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a, db
}

// killedOften does something whose process dies after every single commit, until it ends. check is called after each death.
func killedOften(t *testing.T, db store.Store, do func(store.Store) error, check func(deaths int)) {
	t.Helper()
	for deaths := 1; ; deaths++ {
		err := do(&dying{db, 1})
		if err == nil {
			if deaths < 3 {
				t.Fatalf("it took %d commits: too few to die in between", deaths)
			}
			return
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		check(deaths)
	}
}

func TestKilledPruneLeavesNoVerdictWithoutWords(t *testing.T) {
	all, db := spoken(t, 400, 1)
	w := &world{t: t, dir: all.Config.Dir}
	w.write("prompts.jsonl", promptLines(0, 100))
	a := w.arena(strings.Replace(spanArena, ", {name: D, model_id: d}", "", 1))
	mustSync(t, a, db)
	m := mender{bulk{store: db}}
	killedOften(t, db, func(s store.Store) error { _, err := a.Prune(t.Context(), s, false); return err }, func(deaths int) {
		for rec, err := range db.Scan(t.Context(), store.Verdicts, store.Range{}, store.KeyOnly) {
			if err != nil {
				t.Fatal(err)
			}
			if wordless, err := m.wordless(t.Context(), rec.Key); wordless || err != nil {
				t.Fatalf("after %d deaths verdict %x stands without words (%v)", deaths, rec.Key, err)
			}
		}
	})
	wantDone(t, a, db, 300, 600)
}

func TestKilledPruneLeavesNoDatasetWithoutPrompts(t *testing.T) {
	w := offline(t)
	w.write("one.jsonl", questions("a b"))
	w.write("two.jsonl", promptLines(0, bulkChanges+100))
	both, db := w.arena(twoSets), w.open()
	mustSync(t, both, db)
	one := w.arena(strings.Replace(twoSets, ", {path: two.jsonl}", "", 1))
	killedOften(t, db, func(s store.Store) error { _, err := one.Prune(t.Context(), s, false); return err }, func(deaths int) {
		all, err := both.listings(t.Context(), db)
		if errors.Is(err, errNotRead) {
			return // it is read again
		}
		if err != nil {
			t.Fatal(err)
		}
		for p, err := range both.wanted(t.Context(), db, all, everything) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := readPrompt(t.Context(), db, p.Prompt); err != nil {
				t.Fatalf("after %d deaths a dataset counts as read and lacks a prompt: %v", deaths, err)
			}
		}
	})
}

func TestWhatPruneTookFromFilesComesBack(t *testing.T) {
	const old, second = ", {name: Old, answers: {path: old.jsonl}}", ", {path: two.jsonl}"
	whole := strings.Replace(twoSets, "{name: B, model_id: b}", "{name: B, model_id: b}"+old, 1)
	for _, test := range []struct{ why, without string }{
		{"a file contestant left the file and is back", old},
		{"a dataset left it and is back", second},
	} {
		w := offline(t)
		w.write("one.jsonl", questions("a b"))
		w.write("two.jsonl", questions("c d"))
		w.write("old.jsonl", answerLines("a", "one", "c", "two"))
		a, db := w.arena(whole), w.open()
		mustSync(t, a, db)
		less := w.arena(strings.Replace(whole, test.without, "", 1))
		if n, err := less.Prune(t.Context(), db, false); n.Answers == 0 || err != nil {
			t.Fatalf("%s: Prune() = %+v, %v; want answers dropped", test.why, n, err)
		}
		mustSync(t, a, db)
		if got := answerTexts(t, db); got != "one two" {
			t.Errorf("%s: the answers are %q; want one two", test.why, got)
		}
	}
}

// BenchmarkPrune looks over a finished arena that has nothing to remove.
func BenchmarkPrune(b *testing.B) {
	const prompts = 3000
	a, db := filled(b, prompts, 0)
	for b.Loop() {
		if _, err := a.Prune(context.Background(), db, true); err != nil {
			b.Fatal(err)
		}
	}
}
