package pipeline

import (
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/providers"
)

// However many calls are in flight when a server says what it does not take, all of them are made anew, nothing fails, and the next
// run knows it. The dump has nothing of it: it is no part of the work.
func TestRefusedFieldsAreLearntOnce(t *testing.T) {
	const prompts = 40
	const arena = `default_endpoint: {url: URL, concurrency: 32}
models: [{name: Alpha, model_id: alpha, params: {seed: 1, max_tokens: 100, top_k: 3}}, {name: Beta, model_id: beta, params: {seed: 1}}]
judges: [{name: Judge, model_id: judge, params: {seed: 1, max_tokens: 500}}]
datasets: [{path: prompts.jsonl}]
`
	w := newWorld(t, fakellm.Options{AnswerBytes: 40, Taste: fakellm.Taste{Unknown: []string{"seed", "top_k"}, Renames: true}}, prompts)
	a, db := w.arena(arena), w.open()
	o := run(t, a, db, both)
	wantDone(t, a, db, 2*prompts, 2*prompts)
	if told := strings.Join(o.Notes, "\n"); o.Failed != 0 || len(o.Notes) != 3 || !strings.Contains(told, "Alpha: max_tokens is sent as max_completion_tokens, seed is left out, top_k is left out; ") ||
		!strings.Contains(told, "Beta: seed is left out; ") || !strings.Contains(told, "Judge: max_tokens is sent as max_completion_tokens, seed is left out; ") {
		t.Errorf("%d failed; the run tells:\n%s\nwant a sentence for each model", o.Failed, told)
	}
	w.write("prompts.jsonl", promptLines(0, prompts+1))
	a = w.arena(arena)
	w.server.Reset()
	if o = run(t, a, db, both); len(o.Notes) != 0 || w.server.Stats(false).Arrivals != 4 {
		t.Errorf("the next run makes %d calls and tells %q; want 4 calls, each as was learnt", w.server.Stats(false).Arrivals, o.Notes)
	}
	if notes := strings.Join(status(t, a, db).Notes, "\n"); !strings.Contains(notes, "Beta: seed is left out") {
		t.Errorf("status tells %q; want what was learnt", notes)
	}
	if strings.Contains(dump(t, db), "left out") || strings.Contains(dump(t, db), "top_k is") {
		t.Error("the dump has what was learnt of a server")
	}
}

// A call that was sent before another one taught what to leave out teaches nothing; it is made anew.
func TestStaleRefusals(t *testing.T) {
	r := idle(t)
	l := r.callees[0].learnt
	var early, late task
	l.apply(&early, &providers.Request{})
	refusal := func(field string) *providers.Error {
		return &providers.Error{Class: providers.Unsupported, Param: field}
	}
	for range 2 {
		if !l.refused(t.Context(), &early, refusal("seed")) {
			t.Error("a call that was sent before is not made anew")
		}
	}
	request := &providers.Request{}
	l.apply(&late, request)
	if to, left := request.Adapt["seed"]; !left || to != "" || l.refused(t.Context(), &late, refusal("seed")) {
		t.Errorf("adapted as %v; want seed left out, and a second refusal of it to be final", request.Adapt)
	}
	if r.callees[1].learnt == l {
		t.Error("two models share what was learnt of one")
	}
}

// Another model's name is cut to what can be shown, and the first one stays.
func TestNamesOfReplies(t *testing.T) {
	l := idle(t).callees[0].learnt
	l.named(t.Context(), "alpha", "alpha-2024-08-06")
	if l.facts.As != "" {
		t.Errorf("a date makes another model: %q", l.facts.As)
	}
	l.named(t.Context(), "alpha", strings.Repeat("ä", 5000))
	l.named(t.Context(), "alpha", "gamma")
	if len(l.facts.As) > 2*mostOfName || !strings.HasPrefix(l.facts.As, "ää") {
		t.Errorf("the name has %d bytes; want the first one, cut", len(l.facts.As))
	}
}

// idle is a runner that does not run.
func idle(t *testing.T) *Runner {
	w := newWorld(t, fakellm.Options{}, 1)
	a, db := w.arena(plain), w.open()
	mustSync(t, a, db)
	r, err := NewRunner(t.Context(), a, db, both)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
