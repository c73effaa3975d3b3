package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/pipeline/columns"
	"openarena/providers"
	"openarena/store"
)

// searchAll searches to the end, a look at a time, each with a search of its own that goes on where the one before was.
func searchAll(t *testing.T, a *Arena, r store.Reader, c *columns.Table, q columns.Query, text string, in SearchIn, enough func() bool) (all []string) {
	t.Helper()
	s, err := c.Select(q)
	if err != nil {
		t.Fatal(err)
	}
	from, looks := Hash{}, 0
	for ; looks < 1000; looks++ {
		f := a.NewSearch(c, s, text, in, from)
		if err := f.Look(t.Context(), r, func(h Hit) {
			b := c.Battle(h.Row)
			all = append(all, fmt.Sprintf("%x %s %s +%d [%s]", b.Prompt.Hash[:4], h.Where, h.Who, h.More, h.Match))
		}, enough); err != nil {
			t.Fatal(err)
		}
		looked, of := f.Progress()
		if f.Done() {
			if looked != of || of != s.Subjects().Len() {
				t.Errorf("the search for %q ended at %d of %d prompts", text, looked, of)
			}
			break
		}
		from = f.At()
	}
	slices.Sort(all)
	return all
}

// expectHits are the hits of a search by the texts that exports have.
func expectHits(t *testing.T, a *Arena, r store.Reader, text string, in SearchIn, models ...string) (all []string) {
	t.Helper()
	v, err := a.View(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	wanted := func(i int, p []string) bool { return len(models) == 0 || slices.Contains(models, p[i]) }
	for p, err := range v.Prompts(t.Context(), true) {
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, x := range p.Answers {
			names = append(names, x.Model)
		}
		battles := len(models) * (len(models) - 1) / 2
		if len(models) == 0 {
			battles = len(names) * (len(names) - 1) / 2
		}
		add := func(on bool, text2, where, who string, more int) {
			if i := strings.Index(strings.ToLower(text2), strings.ToLower(text)); on && i >= 0 {
				all = append(all, fmt.Sprintf("%s %s %s +%d [%s]", p.Hash[:8], where, who, more, text2[i:i+len(text)]))
			}
		}
		add(in.Prompts, p.Messages[0].Content, "prompt", "", battles-1)
		for i, x := range p.Answers {
			if wanted(i, names) {
				add(in.Answers, x.Text, "answer", x.Model, cmp.Or(len(models), len(names))-2)
			}
		}
		for _, j := range p.Judgments {
			if wanted(j.First, names) && wanted(j.Second, names) {
				add(in.Explanations, j.Explanation, "explanation", j.Judge, 0)
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestSearch compares what is found with a look at all texts, whether it is found in one go or in many, and whether the prompts
// lie close or far apart.
func TestSearch(t *testing.T) {
	m := &scripted{say: func(r *providers.Request) string {
		said := r.Messages[len(r.Messages)-1].Content
		if !strings.HasPrefix(r.Model, "judge") {
			return strings.ToUpper(r.Model) + " on " + said
		}
		return `{"analysis": "It \"Weighs\" what Alpha\nsaid: caf\u00e9.", "score_a": 7, "score_b": 4, "verdict": "A>B"}`
	}}
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, 60)+`{"prompt": "A \"quoted\" owl\nof Öhringen"}`+"\n")
	db := w.open()
	a := w.arena(plain)
	mustSync(t, a, db)
	r, err := newRunner(t.Context(), a, db, both, m.connect)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	c := tabulate(t, a, db)
	never := func() bool { return false }
	for _, x := range []struct {
		text string
		in   SearchIn
		hits int
	}{
		{"question 7:", SearchIn{Prompts: true}, 1},
		{"QUESTION", SearchIn{Prompts: true}, 60},
		{`"quoted" owl`, SearchIn{Prompts: true}, 1},
		{"öHRINGEN", SearchIn{Prompts: true, Answers: true}, 4},
		{"beta ON question 1", SearchIn{Answers: true}, 11},
		{"alpha", SearchIn{Prompts: true}, 0},
		{`"weighs" what`, SearchIn{Explanations: true}, 61 * 6},
		{"Café", SearchIn{Explanations: true}, 61 * 6},
		{"question 3:", SearchIn{true, true, true}, 4},
	} {
		want := expectHits(t, a, db, x.text, x.in)
		looks := 0
		for way, enough := range map[string]func() bool{"one go": never, "many": func() bool { looks++; return looks%2 == 0 }} {
			got := searchAll(t, a, db, c, columns.Query{}, x.text, x.in, enough)
			if len(got) != x.hits || x.text != "öHRINGEN" && x.text != "Café" && !slices.Equal(got, want) {
				t.Errorf("%q in %+v, in %s: %d hits, want %d: %q; want %q", x.text, x.in, way, len(got), x.hits, got, want)
			}
		}
		got := searchAll(t, a, db, c, columns.Query{Model: "Alpha", Versus: "Gamma"}, x.text, x.in, never)
		if want := expectHits(t, a, db, x.text, x.in, "Alpha", "Gamma"); x.text != "öHRINGEN" && x.text != "Café" && !slices.Equal(got, want) {
			t.Errorf("%q between Alpha and Gamma: %q; want %q", x.text, got, want)
		}
	}
}

// TestSearchFarApart: prompts of which few are wanted are read one by one, and what lies between is not.
func TestSearchFarApart(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 0)
	w.write("prompts.jsonl", promptLines(0, 120))
	w.write("few.jsonl", "{\"prompt\": \"Few one\"}\n{\"prompt\": \"Few two\"}\n{\"prompt\": \"Few three\"}\n")
	a, db := w.arena(strings.Replace(plain, "[{path: prompts.jsonl}]", "[{path: prompts.jsonl}, {path: few.jsonl}]", 1)), w.open()
	run(t, a, db, Job{Generate: true})
	c := tabulate(t, a, db)
	counted := &countingReader{Reader: db}
	got := searchAll(t, a, counted, c, columns.Query{Dataset: "few.jsonl"}, "few", SearchIn{Prompts: true}, func() bool { return false })
	if len(got) != 3 || counted.records > 3 {
		t.Errorf("%q were found, and %d prompts read; want 3 and 3", got, counted.records)
	}
}

// countingReader counts the prompts that are read.
type countingReader struct {
	store.Reader
	mu      sync.Mutex
	records int
}

func (c *countingReader) Scan(ctx context.Context, bk store.Bucket, in store.Range, want store.Fields) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for rec, err := range c.Reader.Scan(ctx, bk, in, want) {
			c.mu.Lock()
			if bk == store.Prompts {
				c.records++
			}
			c.mu.Unlock()
			if !yield(rec, err) {
				return
			}
		}
	}
}
