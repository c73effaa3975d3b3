package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/internal/testkit/fakellm"
	"openarena/store"
)

const referred = `default_endpoint: {url: URL, concurrency: 16}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judges: [{name: Judge, model_id: judge, protocol: reference}, {name: Other, model_id: judge-2}]
datasets: [{path: prompts.jsonl, reference_field: answer}]
`

func referenceLines(answers ...string) string {
	var b strings.Builder
	for i, answer := range answers {
		fmt.Fprintf(&b, "{\"prompt\": \"Question %d\", \"answer\": %q}\n", i, answer)
	}
	return b.String()
}

// A reference is part of what a judge was shown: another one makes another judgment, of those judges alone that see it.
func TestReferences(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 0)
	db := w.open()
	var before int64
	for _, step := range []struct {
		why     string
		answers []string
		want    int64
	}{
		{"all of it", []string{"one", "two", ""}, 12},
		{"nothing has changed", []string{"one", "two", ""}, 0},
		{"one reference is another", []string{"one", "2", ""}, 2},
		{"one comes, one goes", []string{"one", "", "three"}, 4},
		{"all is as it was", []string{"one", "two", ""}, 0},
	} {
		w.write("prompts.jsonl", referenceLines(step.answers...))
		a := w.arena(referred)
		run(t, a, db, both)
		wantDone(t, a, db, 6, 12)
		st := w.server.Stats(false)
		now := st.Models["judge"].Arrivals + st.Models["judge-2"].Arrivals
		if now-before != step.want {
			t.Errorf("%s: the judges were asked %d times; want %d", step.why, now-before, step.want)
		}
		before = now
		if notes := strings.Join(status(t, a, db).Notes, " "); !strings.Contains(notes, "1 of 3 prompts have no reference") {
			t.Errorf("%s: status notes %q; want how many prompts have no reference", step.why, notes)
		}
	}
}

// What an older parser read is read anew as it was shown, with the reference.
func TestRereadWithReferences(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 0)
	w.write("prompts.jsonl", referenceLines("one", "two", ""))
	db := w.open()
	a := w.arena(referred)
	run(t, a, db, both)
	before := verdictsIn(t, db)
	for k, v := range before {
		v.Parser, v.Level = oldParser, 0
		outdate(t, db, k, v)
	}
	if n, err := a.Reread(t.Context(), db); n != 12 || err != nil {
		t.Errorf("Reread = %d, %v; want all 12", n, err)
	}
	if after := verdictsIn(t, db); cmp.Diff(before, after) != "" {
		t.Errorf("read anew the verdicts differ (-before +after):\n%s", cmp.Diff(before, after))
	}
}

func verdictsIn(t *testing.T, db *store.DB) map[VerdictKey]verdict {
	t.Helper()
	all := map[VerdictKey]verdict{}
	for rec, err := range db.Scan(t.Context(), store.Verdicts, store.Range{}, store.WithMeta) {
		if err != nil {
			t.Fatal(err)
		}
		k, err := parseVerdictKey(rec.Key)
		if err != nil {
			t.Fatal(err)
		}
		if all[k], err = parseVerdict(rec.Meta); err != nil {
			t.Fatal(err)
		}
	}
	return all
}
