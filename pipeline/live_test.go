package pipeline

import (
	"context"
	"math"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/store"
)

// lastLook runs an arena to its end with a client and returns what Progress says then. The walk over the state of the
// start has to have ended by then, so the client's last call waits for it.
func lastLook(t *testing.T, a *Arena, db *store.DB, job Job, calls int) Progress {
	t.Helper()
	mustSync(t, a, db)
	s := &scripted{}
	r, err := newRunner(t.Context(), a, db, job, s.connect)
	if err != nil {
		t.Fatal(err)
	}
	s.hook = func(ctx context.Context, _ string, n int) {
		for n == calls && ctx.Err() == nil {
			if p := r.Progress(); p.Generate.Wanted+p.Judge.Wanted > 0 {
				return
			}
		}
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.Progress()
}

func TestProgressEndsWhereStatusIs(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 10)
	p := lastLook(t, w.arena(plain), w.open(), both, 90)
	if g, j := p.Generate, p.Judge; g.Wanted != 30 || g.Done != 30 || j.Wanted != 60 || j.Done != 60 || g.Failed+j.Failed+g.InFlight+j.InFlight != 0 {
		t.Errorf("progress is %+v, %+v; want 30 and 60 done", p.Generate, p.Judge)
	}
	if p.Input != 900 || p.Output != 450 {
		t.Errorf("progress tells %d tokens in, %d out; want those of 90 calls", p.Input, p.Output)
	}
	if len(p.Ranking) != 3 || p.Ranking[0].Place != 1 {
		t.Errorf("the ranking is %+v; want three models", p.Ranking)
	}
	for _, line := range p.Ranking {
		if line.Battles != 20 || math.IsNaN(line.Rating) {
			t.Errorf("%+v; want the 20 battles of each model, not their 40 verdicts", line)
		}
	}
}

func TestProgressOfATrialIsOfTheTrial(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 10)
	a := w.trial(plain, Trial{Limit: 4, Models: map[string]bool{"Alpha": true}})
	if p := lastLook(t, a, w.open(), both, 4); p.Generate.Wanted != 4 || p.Generate.Done != 4 || p.Judge.Wanted != 0 {
		t.Errorf("progress is %+v, %+v; want the four answers of one model, and no battle", p.Generate, p.Judge)
	}
}

// TestProgressKnowsWhatCanBeDone: work that waits for answers which this run does not ask for, or which failed for good, is
// no part of it.
func TestProgressKnowsWhatCanBeDone(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 10)
	db := w.open()
	run(t, w.trial(plain, Trial{Limit: 4}), db, Job{Generate: true})
	a := w.arena(plain)
	if p := lastLook(t, a, db, Job{Judge: true}, 24); p.Judge.Wanted != 24 || p.Judge.Done != 24 || p.Judge.ETA != 0 {
		t.Errorf("judge alone ends at %+v; want the 24 judgments whose answers are there", p.Judge)
	}
	b := bulk{store: db}
	for key := range keysOf(t, db, store.Prompts) {
		k := AnswerKey{Prompt: Hash([]byte(key)), Contestant: a.Contestants[0].ID}
		f := failure{Permanent: true, Reason: "context_length"}
		b.put(store.Failures, k.bytes(), f.meta(), f.body())
	}
	if err := b.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Beta and Gamma answer six more prompts, and meet there in both orders.
	if p := lastLook(t, a, db, both, 24); p.Judge.Wanted != 36 || p.Judge.Done != 36 || p.Judge.ETA != 0 {
		t.Errorf("a run where answers failed for good ends at %+v; want 36 judgments", p.Judge)
	}
}

func TestRatingsDoNotDependOnWhoCameFirst(t *testing.T) {
	var boards []string
	for _, concurrency := range []string{"1", "16"} {
		w := newWorld(t, fakellm.Options{}, 12)
		a, db := w.arena(strings.Replace(plain, "concurrency: 16", "concurrency: "+concurrency, 1)), w.open()
		run(t, a, db, both)
		l, err := a.Rate(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if l.Battles != 36 || l.Prompts != 12 || len(l.Ratings) != 3 {
			t.Errorf("Rate() = %+v; want 36 battles over 12 prompts", l)
		}
		steps, err := a.Progression(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		text, err := encode(l)
		if err != nil {
			t.Fatal(err)
		}
		board := string(text)
		for step, err := range steps {
			if err != nil {
				t.Fatal(err)
			}
			if text, err = encode(step); err != nil {
				t.Fatal(err)
			}
			board += string(text)
		}
		boards = append(boards, board)
	}
	if boards[0] != boards[1] {
		t.Errorf("one call at a time rates as %s; many at once as %s", boards[0], boards[1])
	}
}
