package pipeline

import (
	"context"
	"math"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
)

// lastLook runs an arena to its end with a client and returns what Progress says then. The walk over the state of the
// start has to have ended by then, so the client's last call waits for it.
func lastLook(t *testing.T, a *Arena, w *world, calls int) Progress {
	t.Helper()
	db := w.open()
	mustSync(t, a, db)
	s := &scripted{}
	r, err := newRunner(t.Context(), a, db, both, s.connect)
	if err != nil {
		t.Fatal(err)
	}
	s.hook = func(ctx context.Context, _ string, n int) {
		for n == calls && r.Progress().Generate.Wanted == 0 && ctx.Err() == nil {
			continue
		}
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.Progress()
}

func TestProgressEndsWhereStatusIs(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 10)
	p := lastLook(t, w.arena(plain), w, 90)
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
		if line.Verdicts != 40 || math.IsNaN(line.Rating) {
			t.Errorf("%+v; want 40 verdicts of each model", line)
		}
	}
}

func TestProgressOfATrialIsOfTheTrial(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 10)
	a := w.trial(plain, Trial{Limit: 4, Models: map[string]bool{"Alpha": true}})
	if p := lastLook(t, a, w, 4); p.Generate.Wanted != 4 || p.Generate.Done != 4 || p.Judge.Wanted != 0 {
		t.Errorf("progress is %+v, %+v; want the four answers of one model, and no battle", p.Generate, p.Judge)
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
