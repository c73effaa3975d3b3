package pipeline

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/store"
)

func TestOnlyWhatChangedIsAskedFor(t *testing.T) {
	const two = `default_endpoint: {url: URL, concurrency: 8}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`
	for _, test := range []struct {
		name, from, to    string
		answers, judgment int64
	}{
		{"a renamed model makes no call", "name: Beta", "name: Renamed", 0, 0},
		{"a price makes no call", "model_id: beta", "model_id: beta, price: {input: 1, output: 2}", 0, 0},
		{"a renamed judge makes no call", "name: Judge", "name: Renamed", 0, 0},
		{"a further model makes its answers and its battles", "{name: Beta,", "{name: Gamma, model_id: gamma}, {name: Beta,", 5, 20},
		{"another system message is another contestant", "model_id: beta", "model_id: beta, system: Be terse.", 5, 10},
		{"other params are another contestant", "model_id: beta", "model_id: beta, params: {temperature: 0.5}", 5, 10},
		{"another revision is another contestant", "model_id: beta", "model_id: beta, revision: q4", 5, 10},
		{"a further sample makes its answers and its battles", "model_id: beta", "model_id: beta, samples: 2, params: {}", 5, 10},
		{"another protocol makes its judgments", "model_id: judge", "model_id: judge, protocol: scores", 0, 10},
		{"a further judge makes its judgments", "{name: Judge,", "{name: Other, model_id: judge-2}, {name: Judge,", 0, 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakellm.Options{}, 5)
			db := w.open()
			run(t, w.arena(two), db, both)
			changed := strings.Replace(two, test.from, test.to, 1)
			if changed == two {
				t.Fatal("the test changes nothing")
			}
			if o := run(t, w.arena(changed), db, both); o.Answers != test.answers || o.Judgments != test.judgment {
				t.Errorf("%d answers and %d judgments were asked for; want %d and %d", o.Answers, o.Judgments, test.answers, test.judgment)
			}
		})
	}
}

func TestGenerateAndJudgeAreRun(t *testing.T) {
	apart, whole := newWorld(t, fakellm.Options{}, 8), newWorld(t, fakellm.Options{}, 8)
	a, db := apart.arena(plain), apart.open()
	if o := run(t, a, db, Job{Generate: true}); o.Answers != 24 || o.Judgments != 0 {
		t.Errorf("generate alone = %+v", o)
	}
	if o := run(t, a, db, Job{Judge: true}); o.Answers != 0 || o.Judgments != 48 {
		t.Errorf("judge alone = %+v", o)
	}
	other := whole.open()
	// One call at a time and the last model first: the same work in quite another order.
	reversed := strings.NewReplacer("concurrency: 16", "concurrency: 1", "{name: Alpha, model_id: alpha}, ", "",
		"{name: Gamma, model_id: gamma}", "{name: Gamma, model_id: gamma}, {name: Alpha, model_id: alpha}").Replace(plain)
	run(t, whole.arena(reversed), other, both)
	if dump(t, db) != dump(t, other) {
		t.Error("the same work in another order gives another dump")
	}
}

func TestPruneRemovesWhatIsNotWanted(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 6)
	db := w.open()
	run(t, w.arena(plain), db, both)
	w.write("prompts.jsonl", promptLines(0, 4))
	smaller := strings.Replace(plain, ", {name: Gamma, model_id: gamma}", "", 1)
	a := w.arena(smaller)
	mustSync(t, a, db)
	before := dump(t, db)
	rated := status(t, a, db)
	counted, err := a.Prune(t.Context(), db, true)
	if err != nil || dump(t, db) != before {
		t.Fatalf("Prune(dry) = %v, and it changed the database", err)
	}
	pruned, err := a.Prune(t.Context(), db, false)
	if err != nil || pruned != counted {
		t.Errorf("Prune() = %+v, %v; dry it counted %+v", pruned, err, counted)
	}
	// Two prompts go with 3 answers and 6 judgments each; of four prompts Gamma goes with its 4 judgments each.
	if want := (Pruned{Prompts: 2, Answers: 10, Judgments: 28, Verdicts: 28, Listings: pruned.Listings}); pruned != want || pruned.Listings == 0 {
		t.Errorf("Prune() = %+v; want %+v and the old listing", pruned, want)
	}
	after := status(t, a, db)
	if after.Generate != rated.Generate || after.Judge != rated.Judge || after.Tokens != rated.Tokens {
		t.Errorf("pruning changed status from %+v to %+v", rated, after)
	}
	if again, err := a.Prune(t.Context(), db, false); again != (Pruned{}) || err != nil {
		t.Errorf("a second Prune() = %+v, %v; want nothing left", again, err)
	}
	if o := run(t, a, db, both); o.Answers != 0 || o.Judgments != 0 {
		t.Errorf("after Prune() a run asked for %+v; want nothing", o)
	}
}

func TestRedo(t *testing.T) {
	for _, test := range []struct {
		name             string
		sel              Selection
		taken            int
		answers, replies int64 // asked for by the next run
	}{
		{"the answers of one model: the same texts come again, so their judgments stand", Selection{Model: "Beta"}, 5, 5, 0},
		{"the judgments of a judge", Selection{Judge: "Judge"}, 30, 0, 30},
		{"the judgments of one model's battles", Selection{Judge: "Judge", Model: "Beta"}, 20, 0, 20},
	} {
		w := newWorld(t, fakellm.Options{}, 5)
		a, db := w.arena(plain), w.open()
		run(t, a, db, both)
		before := status(t, a, db)
		if n, err := a.Redo(t.Context(), db, test.sel); n != test.taken || err != nil {
			t.Errorf("%s: Redo() = %d, %v; want %d", test.name, n, err, test.taken)
		}
		w.server.Reset()
		if o := run(t, a, db, both); o.Answers != test.answers || o.Judgments != test.replies {
			t.Errorf("%s: the next run brought %d answers and %d judgments; want %d and %d", test.name, o.Answers, o.Judgments, test.answers, test.replies)
		}
		after := status(t, a, db)
		if after.Generate != before.Generate || after.Judge != before.Judge {
			t.Errorf("%s: status went from %+v to %+v", test.name, before.Judge, after.Judge)
		}
		if got := w.server.Stats(false); after.Tokens.Output != before.Tokens.Output+got.Output {
			t.Errorf("%s: the books grew from %+v to %+v; the server counted %d", test.name, before.Tokens, after.Tokens, got.Output)
		}
	}
	a := newWorld(t, fakellm.Options{}, 1).arena(plain)
	for _, sel := range []Selection{{}, {Model: "Nobody"}, {Judge: "Nobody"}} {
		if _, err := a.Redo(t.Context(), nil, sel); err == nil {
			t.Errorf("Redo(%+v) is no error", sel)
		}
	}
}

func TestTemporaryFailuresAreTriedByTheNextRun(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 3)
	a, db := w.arena(plain), w.open()
	mustSync(t, a, db)
	all, err := a.listings(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for p, err := range a.wanted(t.Context(), db, all, everything) {
		if err != nil {
			t.Fatal(err)
		}
		key := AnswerKey{Prompt: p.Prompt, Contestant: a.Contestants[0].ID}.bytes()
		if err := putFailure(t.Context(), db, key, failure{Reason: "cut", Message: "the connection ended"}); err != nil {
			t.Fatal(err)
		}
	}
	if st := status(t, a, db); st.Generate != (Count{Wanted: 9, Failed: 3, Pending: 6, again: 3}) {
		t.Errorf("status is %+v; want three failures", st.Generate)
	}
	run(t, a, db, both)
	wantDone(t, a, db, 9, 18)
	for f := range a.Failures(t.Context(), db) {
		t.Errorf("%+v is still on record; want it gone with its answer", f)
	}
}

func TestEditedPromptsAreSeenWithoutWriting(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 4)
	w.write("other.jsonl", questions("x y"))
	yaml := strings.Replace(plain, "{path: prompts.jsonl}", "{path: prompts.jsonl}, {path: other.jsonl}", 1)
	path := filepath.Join(w.dir, "arena.db")
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	run(t, w.arena(yaml), db, both)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	sum := fileSum(t, path)
	look := func() (*Status, bool) {
		t.Helper()
		r, err := store.OpenReader(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		scratched := false
		now, err := w.arena(yaml).Current(t.Context(), r, func() (store.Store, error) {
			scratched = true
			return (&world{t: t, dir: t.TempDir()}).open(), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return status(t, w.arena(yaml), now.Over(r)), scratched
	}
	if st, scratched := look(); st.Prompts != 6 || scratched {
		t.Errorf("unchanged files: %d prompts, read anew %t; want 6 from the database", st.Prompts, scratched)
	}
	w.write("prompts.jsonl", promptLines(2, 9)) // two stay, five are new, two are gone
	if err := os.Remove(filepath.Join(w.dir, "other.jsonl")); err != nil {
		t.Fatal(err)
	}
	st, scratched := look()
	if want := (Count{Wanted: 27, Done: 12, Pending: 15}); st.Generate != want || !scratched {
		t.Errorf("after an edit generate is at %+v; want %+v: the set whose file is gone as the database has it", st.Generate, want)
	}
	if fileSum(t, path) != sum {
		t.Error("looking changed the database file")
	}
}

func fileSum(t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(b)
}

func TestOverlay(t *testing.T) {
	over, under := offline(t).open(), offline(t).open()
	put := func(s store.Store, keys string, meta string) {
		t.Helper()
		var b store.Batch
		for _, k := range strings.Split(keys, "") {
			b.Put(store.Prompts, []byte(k), []byte(meta), nil)
		}
		if _, err := s.Apply(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	put(over, "bdg", "over")
	put(under, "acdf", "under")
	o := overlay{over: over, under: under}
	var got []string
	for rec, err := range o.Scan(t.Context(), store.Prompts, store.Range{}, store.WithMeta) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(rec.Key)+":"+string(rec.Meta))
	}
	if want := "a:under b:over c:under d:over f:under g:over"; strings.Join(got, " ") != want {
		t.Errorf("Scan() = %s; want %s", got, want)
	}
	for key, want := range map[string]string{"d": "over", "a": "under", "z": ""} {
		rec, err := o.Get(t.Context(), store.Prompts, []byte(key), store.WithMeta)
		if string(rec.Meta) != want || (want == "") != errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get(%s) = %q, %v; want %q", key, rec.Meta, err, want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	failed := false
	for _, err := range o.Scan(ended, store.Prompts, store.Range{}, store.KeyOnly) {
		failed = failed || err != nil
	}
	if !failed {
		t.Error("Scan() of a context that has ended yields no error")
	}
}

// What failed for a prompt or a model that left the file is no failure any more.
func TestFailuresAreOfWhatIsWanted(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 2)
	a, db := w.arena(plain), w.open()
	mustSync(t, a, db)
	listings, err := a.listings(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for p, err := range a.wanted(t.Context(), db, listings, everything) {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range a.Contestants {
			key := AnswerKey{Prompt: p.Prompt, Contestant: c.ID}.bytes()
			if err := putFailure(t.Context(), db, key, failure{Permanent: true, Reason: "context_length", Message: "too long"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		why     string
		yaml    string
		prompts int
		want    int
	}{
		{"all are wanted", plain, 2, 6},
		{"a model left the file", strings.Replace(plain, "{name: Alpha, model_id: alpha}, ", "", 1), 2, 4},
		{"a prompt left the file", plain, 1, 3},
	} {
		w.write("prompts.jsonl", promptLines(0, c.prompts))
		now := w.arena(c.yaml)
		mustSync(t, now, db)
		n := 0
		for _, err := range now.Failures(t.Context(), db) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != c.want {
			t.Errorf("%s: %d failures; want %d", c.why, n, c.want)
		}
	}
}
