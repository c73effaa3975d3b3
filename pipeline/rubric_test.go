package pipeline

import (
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
)

const ruled = `default_endpoint: {url: URL, concurrency: 16}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judges: [{name: Judge, model_id: judge, rubric: general}, {name: Second, model_id: judge-2}]
rubrics:
  general: {criteria: [{name: correctness, weight: 3}, {name: brevity}]}
  code: {criteria: [{name: it runs, levels: {10: at once, 1: never}}], ties: forbid}
datasets: [{path: prompts.jsonl}, {path: code.jsonl, rubric: code}]
`

// What a rubric says is part of a judgment; what it is called is not. 2 answers, 1 battle, 2 orders, 2 judges: 4 prompts of
// the first dataset are 16 judgments, 3 of the second 12.
func TestRubrics(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 4)
	w.write("code.jsonl", promptLines(2, 7)) // two of them are in both, and judged as those of the first
	db := w.open()
	calls := int64(0)
	for _, step := range []struct {
		why      string
		old, new string
		want     int64 // of judges
	}{
		{"all of it", "", "", 28},
		{"nothing has changed", "", "", 0},
		{"a rubric by another name", "code", "programs", 0},
		{"a level is said in other words", "at once", "on the first try", 12},
		{"a weight", "weight: 3", "weight: 4", 8},
		{"a rubric that no dataset replaces", ", rubric: general", "", 8},
		{"ties", "ties: forbid", "ties: discourage", 12},
		{"a rubric goes", ", rubric: code", "", 12},
		{"all is as it was", "", "", 0},
	} {
		yaml := strings.ReplaceAll(ruled, "code.jsonl", "C.jsonl")
		if step.old != "" {
			yaml = strings.ReplaceAll(yaml, step.old, step.new)
		}
		a := w.arena(strings.ReplaceAll(yaml, "C.jsonl", "code.jsonl"))
		run(t, a, db, both)
		wantDone(t, a, db, 14, 28)
		now := w.server.Stats(false).Models["judge"].Arrivals + w.server.Stats(false).Models["judge-2"].Arrivals
		if got := now - calls; got != step.want {
			t.Errorf("%s: the judges were asked %d times; want %d", step.why, got, step.want)
		}
		calls = now
		st := status(t, a, db)
		if step.why == "all of it" && (st.Judges[0].Calls != 14 || st.Judges[1].Calls != 14) {
			t.Errorf("status counts %d and %d calls; want 14 each, under both rubrics", st.Judges[0].Calls, st.Judges[1].Calls)
		}
		if o := run(t, a, db, both); o.Answers+o.Judgments != 0 {
			t.Errorf("%s: asked once more: %+v", step.why, o)
		}
	}
}

// Judging afterwards finds the same rubrics as judging while answers come in.
func TestRubricsOfALaterJudge(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 4)
	w.write("code.jsonl", promptLines(2, 7))
	db := w.open()
	a := w.arena(ruled)
	run(t, a, db, Job{Generate: true})
	run(t, a, db, Job{Judge: true})
	wantDone(t, a, db, 14, 28)
	later := dump(t, db)

	again := newWorld(t, fakellm.Options{}, 4)
	again.write("code.jsonl", promptLines(2, 7))
	other := again.open()
	run(t, again.arena(ruled), other, both)
	if dump(t, other) != later {
		t.Error("the two databases differ")
	}
}

// No battle is a tie where ties are forbidden, and the question says so.
func TestForbiddenTies(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 30)
	db := w.open()
	allowed := strings.Replace(plain, "datasets:", "rubrics: {r: {criteria: [{name: c}]}}\ndatasets:", 1)
	allowed = strings.Replace(allowed, "prompts.jsonl", "prompts.jsonl, rubric: r", 1)
	for _, yaml := range []string{allowed, strings.Replace(allowed, "{name: c}]}", "{name: c}], ties: forbid}", 1)} {
		a := w.arena(yaml)
		run(t, a, db, both)
		ties := 0
		v, err := a.View(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		for p, err := range v.Prompts(t.Context(), true) {
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range p.Judgments {
				if j.State == "tie" {
					ties++
				}
				if j.State == "invalid" {
					t.Errorf("a judgment is invalid: %s", j.Reason)
				}
			}
		}
		if forbidden := strings.Contains(yaml, "forbid"); forbidden != (ties == 0) {
			t.Errorf("ties forbidden: %v, and there are %d", forbidden, ties)
		}
	}
}
