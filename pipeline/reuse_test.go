package pipeline

import (
	"testing"

	"openarena/providers"
	"openarena/store"
)

const reuseArena = `
models:
  - {name: Alpha, model_id: a, params: {max_tokens: 100, temperature: 0.5}}
  - {name: Beta, model_id: b, params: {max_tokens: 100}}
judge_model: {name: Judge, model_id: j}
datasets: [{path: prompts.jsonl}]
`

func TestReuseFinished(t *testing.T) {
	for _, c := range []struct {
		why    string
		models string // after the change
		want   int
	}{
		{"a raised limit keeps what had ended by itself", "{name: A, model_id: a, params: {max_tokens: 200, temperature: 0.5}}", 1},
		{"so does one that was taken away", "{name: A, model_id: a, params: {temperature: 0.5}}", 1},
		{"a lowered limit keeps nothing", "{name: A, model_id: a, params: {max_tokens: 50, temperature: 0.5}}", 0},
		{"another temperature is another contestant", "{name: A, model_id: a, params: {max_tokens: 200, temperature: 0.6}}", 0},
		{"an unchanged contestant needs nothing", "{name: A, model_id: a, params: {max_tokens: 100, temperature: 0.5}}", 0},
	} {
		w := &world{t: t, dir: t.TempDir()}
		s := w.open()
		before := w.arena(reuseArena)
		if err := before.define(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		put := func(prompt byte, contestant int, finish string) {
			r := newReply(&providers.Reply{Text: "text", Finish: finish})
			key := AnswerKey{Prompt: Hash{prompt}, Contestant: before.Contestants[contestant].ID}
			var b store.Batch
			b.PutOnce(store.Answers, key.bytes(), r.meta(), r.body())
			if _, err := s.Apply(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
		}
		put(1, 0, providers.FinishStop)
		put(2, 0, providers.FinishLength)
		put(1, 1, providers.FinishStop)
		after := w.arena("models: [" + c.models + "]\njudge_model: {name: J, model_id: j}\ndatasets: [{path: prompts.jsonl}]\n")
		if n, err := after.finished(t.Context(), s, nil); len(n) != 0 || err != nil {
			t.Errorf("%s: finished = %v, %v; want none, since no dataset has these prompts", c.why, n, err)
		}
		for _, want := range []int{c.want, 0} { // the second time there is nothing left to keep
			if n, err := after.ReuseFinished(t.Context(), s); n != want || err != nil {
				t.Errorf("%s: ReuseFinished = %d, %v; want %d", c.why, n, err, want)
			}
		}
		key := AnswerKey{Prompt: Hash{1}, Contestant: after.Contestants[0].ID}
		if rec, err := s.Get(t.Context(), store.Answers, key.bytes(), store.WithBody); c.want == 1 && (err != nil || len(rec.Body) == 0) {
			t.Errorf("%s: the answer was not kept: %v", c.why, err)
		}
	}
}

// limited is an arena of one contestant with a limit of tokens.
func (w *world) limited(limit string) *Arena {
	return w.arena("models: [{name: A, model_id: a, params: {max_tokens: " + limit + "}}]\njudge_model: {name: J, model_id: j}\ndatasets: [{path: prompts.jsonl}]\n")
}

func TestReuseTakesTheHighestOfLowerLimits(t *testing.T) {
	w := offline(t)
	s := w.open()
	// Prompt 1: all were finished. Prompt 2: the highest was cut off. Identities sort in no order of limits.
	limits := []string{"100", "800", "200", "400", "300"}
	b := bulk{store: s}
	for _, limit := range limits {
		a := w.limited(limit)
		if err := a.define(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		for prompt := range 2 {
			finish := providers.FinishStop
			if prompt == 1 && limit == "800" {
				finish = providers.FinishLength
			}
			r := newReply(&providers.Reply{Text: "under " + limit, Finish: finish})
			b.putOnce(store.Answers, AnswerKey{Prompt: Hash{byte(prompt + 1)}, Contestant: a.Contestants[0].ID}.bytes(), r.meta(), r.body())
		}
	}
	if err := b.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := w.limited("1000")
	if n, err := after.ReuseFinished(t.Context(), s); n != 2 || err != nil {
		t.Errorf("ReuseFinished = %d, %v; want one answer to each prompt", n, err)
	}
	for prompt, want := range map[byte]string{1: "under 800", 2: "under 400"} {
		rec, err := s.Get(t.Context(), store.Answers, AnswerKey{Prompt: Hash{prompt}, Contestant: after.Contestants[0].ID}.bytes(), store.WithBody)
		if err != nil {
			t.Fatal(err)
		}
		if kept, err := parseReply(rec.Meta, rec.Body); kept.Text != want || err != nil {
			t.Errorf("prompt %d has the answer %q (%v); want %q", prompt, kept.Text, err, want)
		}
	}
}

func TestReuseBringsNothingBackThatRedoTook(t *testing.T) {
	w := offline(t)
	s := w.open()
	before, after := w.limited("100"), w.limited("200")
	for _, a := range []*Arena{before, after} {
		if err := a.define(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	r := newReply(&providers.Reply{Text: "dull", Finish: providers.FinishStop})
	b := bulk{store: s}
	b.putOnce(store.Answers, AnswerKey{Prompt: Hash{1}, Contestant: before.Contestants[0].ID}.bytes(), r.meta(), r.body())
	if err := b.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := after.ReuseFinished(t.Context(), s); n != 1 || err != nil {
		t.Fatalf("ReuseFinished = %d, %v; want 1", n, err)
	}
	if n, err := after.Redo(t.Context(), s, Selection{Model: "A"}); n != 1 || err != nil {
		t.Fatalf("Redo = %d, %v; want 1", n, err)
	}
	if n, err := after.ReuseFinished(t.Context(), s); n != 0 || err != nil {
		t.Errorf("after redo ReuseFinished = %d, %v; want the answer to be asked for again", n, err)
	}
}
