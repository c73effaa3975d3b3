package pipeline

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Calls that wait for a minute to pass are not in flight; their endpoint says what they wait for, and the time to go is what the
// limit allows, not the pace of the moment before.
func TestRequestsAMinuteAreShown(t *testing.T) {
	const rpm, prompts = 6, 20
	w := offline(t)
	w.write("prompts.jsonl", promptLines(0, prompts))
	a, db := w.arena(`default_endpoint: {url: "http://bench.test/v1", rpm: 6}
models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`), newOutside(t, w.open(), time.Millisecond)
	mustSync(t, a, db)
	s := &scripted{hook: func(context.Context, string, int) { time.Sleep(time.Second) }}
	synctest.Test(t, func(t *testing.T) {
		r, err := newRunner(t.Context(), a, db, both, s.connect)
		if err != nil {
			t.Fatal(err)
		}
		starting, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if _, err := r.Run(starting, t.Context()); err != nil {
				t.Error(err)
			}
		}()
		r.Progress() // the first look at the pace
		time.Sleep(5 * time.Second)
		p := r.Progress()
		if e := p.Endpoints[0]; e.InFlight != 0 || !strings.HasPrefix(e.Note, "rpm: 6 is used up until ") || p.Generate.InFlight+p.Judge.InFlight != 0 {
			t.Errorf("the endpoint is %+v, the stages %+v, %+v; want nothing in flight, and the limit as the reason", e, p.Generate, p.Judge)
		}
		if f := obey(t, r, Directive{Do: DoPause}); f.Endpoints[0].InFlight != 0 {
			t.Errorf("a pause tells of %d calls in flight that are to be finished; want none", f.Endpoints[0].InFlight)
		}
		if g, j := p.Generate, p.Judge; g.Done != rpm || g.ETA < 4*time.Minute || j.ETA < 11*time.Minute {
			t.Errorf("of 40 answers and 40 judgments at 6 a minute, %d are there, and the others are expected in %v and %v", g.Done, g.ETA, j.ETA)
		}
		stop()
		<-ended
	})
}
