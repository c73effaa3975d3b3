package pipeline

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openarena/providers"
)

// A pause that begins while no work is waiting holds for the work that comes in it.
func TestNoCallDuringAPause(t *testing.T) {
	const pause = time.Minute
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, 1))
	a := w.arena(`default_endpoint: {url: URL, concurrency: 5}
models: [{name: A, model_id: a}, {name: B, model_id: b}, {name: C, model_id: c}, {name: D, model_id: d}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`)
	db := newOutside(t, w.open(), time.Millisecond)
	mustSync(t, a, db)
	var mu sync.Mutex
	var refusedAt, judgedAt time.Time
	s := &scripted{fail: func(r *providers.Request) error {
		switch r.Model {
		case "judge":
			mu.Lock()
			defer mu.Unlock()
			if judgedAt.IsZero() {
				judgedAt = time.Now()
			}
		case "a", "b": // ready to be judged in the middle of the pause
			time.Sleep(time.Second)
		default:
			mu.Lock()
			defer mu.Unlock()
			if refusedAt.IsZero() || time.Since(refusedAt) < pause {
				refusedAt = time.Now()
				return &providers.Error{Class: providers.Overloaded, Reason: providers.ReasonRateLimit, Status: 429, After: pause, Err: errors.New("slow down")}
			}
		}
		return nil
	}}
	synctest.Test(t, func(t *testing.T) {
		r, err := newRunner(t.Context(), a, db, both, s.connect)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if waited := judgedAt.Sub(refusedAt); waited < 0 && -waited < pause || waited >= 0 && waited < pause-time.Second {
		t.Errorf("the first judgment was asked for %v after the refusal; want the pause of %v over", waited, pause)
	}
}

// A 403 after good answers is about that prompt; one before any answer, or ten in a row, are about the key.
func TestForbidden(t *testing.T) {
	forbidden := func(r *providers.Request) error {
		return &providers.Error{Class: providers.Refused, Reason: providers.ReasonBadKey, Status: http.StatusForbidden, Err: errors.New("forbidden")}
	}
	for _, c := range []struct {
		why     string
		denied  func(call int) bool
		stopped bool
		failed  int64
	}{
		{"one prompt is filtered", func(call int) bool { return call == 10 }, false, 1},
		{"the key is good for nothing", func(int) bool { return true }, true, 0},
		{"the key was revoked on the way", func(call int) bool { return call > 3 }, true, maxDenied},
	} {
		w := &world{t: t, dir: t.TempDir()}
		w.write("prompts.jsonl", promptLines(0, 30))
		a, db := w.arena(`default_endpoint: {url: URL, concurrency: 1}
models: [{name: A, model_id: a}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`), w.open()
		mustSync(t, a, db)
		call := 0 // one slot: calls come one by one
		s := &scripted{fail: func(r *providers.Request) error {
			if call++; c.denied(call) {
				return forbidden(r)
			}
			return nil
		}}
		r, err := newRunner(t.Context(), a, db, both, s.connect)
		if err != nil {
			t.Fatal(err)
		}
		o, err := r.Run(t.Context(), t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := len(o.Stopped) > 0; got != c.stopped || o.Failed != c.failed {
			t.Errorf("%s: stopped %v, %d failed; want %v, %d", c.why, got, o.Failed, c.stopped, c.failed)
		}
	}
}
