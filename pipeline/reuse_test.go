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
