package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/store"
)

// TestPlanCountsTheCallsOfARun: whatever happened before, a plan names the calls that the server then counts.
func TestPlanCountsTheCallsOfARun(t *testing.T) {
	const files = `default_endpoint: {url: URL}
models:
  - {name: Alpha, model_id: alpha}
  - {name: Old, answers: {path: old.jsonl}}
  - {name: Older, answers: {path: older.jsonl}}
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`
	for _, test := range []struct {
		name     string
		yaml     string
		server   fakellm.Options
		prompts  int
		before   func(t *testing.T, w *world, a *Arena, db *store.DB)
		answers  int64
		judgment int64
	}{
		{"nothing was done yet", plain, fakellm.Options{}, 4, nil, 12, 24},
		{
			"answers that failed for good are not asked for again, and their battles have nothing to show",
			plain, fakellm.Options{MaxChars: 3000, AnswerBytes: 200}, 4,
			func(t *testing.T, w *world, a *Arena, db *store.DB) {
				w.write("prompts.jsonl", promptLines(0, 4)+fmt.Sprintf("{\"prompt\": %q}\n", strings.Repeat("long ", 1000)))
				run(t, a, db, both)
			}, 0, 0,
		},
		{
			"judgments that failed for good neither",
			plain, fakellm.Options{MaxChars: 3000, AnswerBytes: 1500}, 4,
			func(t *testing.T, w *world, a *Arena, db *store.DB) { run(t, a, db, both) }, 0, 0,
		},
		{
			"answers that failed for now are asked for again, and then their battles",
			plain, fakellm.Options{}, 3,
			func(t *testing.T, w *world, a *Arena, db *store.DB) {
				mustSync(t, a, db)
				for key := range keysOf(t, db, store.Prompts) {
					k := AnswerKey{Prompt: Hash([]byte(key)), Contestant: a.Contestants[1].ID}
					if err := putFailure(t.Context(), db, k.bytes(), failure{Reason: "server"}); err != nil {
						t.Fatal(err)
					}
				}
			}, 9, 18,
		},
		{
			"answers that are equal or empty need no judge",
			files, fakellm.Options{}, 4,
			func(t *testing.T, w *world, a *Arena, db *store.DB) {
				// Old has an answer to three prompts of four, Older to two of these: one the same but for a space.
				w.write("old.jsonl", answerLines(question(0), "yes", question(1), "no", question(2), " "))
				w.write("older.jsonl", answerLines(question(0), `yes\n`, question(1), "perhaps"))
				run(t, a, db, Job{Generate: true})
			}, 0, 2 * (2 /* Alpha and Old */ + 2 /* Alpha and Older */ + 1 /* Old and Older */),
		},
		{
			"an empty answer loses to whatever comes",
			files, fakellm.Options{}, 2,
			func(_ *testing.T, w *world, _ *Arena, _ *store.DB) {
				w.write("old.jsonl", answerLines(question(0), "", question(1), "yes"))
				w.write("older.jsonl", answerLines("another question", "yes"))
			}, 2, 2,
		},
		{
			"what the judge said before a crash is read, not asked for",
			plain, fakellm.Options{}, 3,
			func(t *testing.T, w *world, a *Arena, db *store.DB) {
				run(t, a, db, both)
				b := bulk{store: db}
				for key := range keysOf(t, db, store.Verdicts) {
					b.delete(store.Verdicts, []byte(key))
				}
				if err := b.flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}, 0, 0,
		},
		{
			"a judge that cannot be read is not asked at all",
			plain, fakellm.Options{Faults: fakellm.Faults{BadVerdict: 1}}, 60,
			func(t *testing.T, w *world, a *Arena, db *store.DB) { run(t, a, db, both) }, 0, 0,
		},
		{
			"a judge leaves the battles of its own model to another",
			strings.Replace(plain, "judges: [", "judges: [{name: Own, model_id: alpha, structured: json_schema}, ", 1), fakellm.Options{}, 2,
			nil, 6, 2 * (6 + 2),
		},
		{
			"samples meet sample by sample",
			strings.Replace(plain, "model_id: alpha}", "model_id: alpha, samples: 3}", 1), fakellm.Options{}, 2,
			func(t *testing.T, w *world, a *Arena, db *store.DB) { run(t, a, db, Job{Generate: true}) }, 0, 2 * 2 * (3 + 3 + 1),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, test.server, test.prompts)
			w.write("old.jsonl", "")
			w.write("older.jsonl", "")
			a, db := w.arena(test.yaml), w.open()
			if test.before != nil {
				test.before(t, w, a, db)
			}
			mustSync(t, a, db)
			p, err := a.Plan(t.Context(), db, false)
			if err != nil {
				t.Fatal(err)
			}
			w.server.Reset()
			run(t, a, db, both)
			var answers, judgments int64
			for _, l := range p.Models {
				answers += l.Calls
			}
			for _, l := range p.Judges {
				judgments += l.Calls
			}
			if got := w.server.Stats(false).Arrivals; got != test.answers+test.judgment || p.Total.Calls != got {
				t.Errorf("the plan names %d calls, the server counted %d; want %d", p.Total.Calls, got, test.answers+test.judgment)
			}
			if answers != test.answers || judgments != test.judgment {
				t.Errorf("the plan is %d answers and %d judgments; want %d and %d", answers, judgments, test.answers, test.judgment)
			}
		})
	}
}
