package pipeline

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openarena/providers"
)

const twoServers = `default_endpoint: {url: "http://bench.test/v1", concurrency: 8}
endpoints:
  left: {url: "http://left.test/v1", concurrency: 2}
  twin: {url: "http://left.test/v1", concurrency: 2}
  right: {url: "http://right.test/v1", concurrency: 2}
models:
  - {name: A, model_id: a, endpoint: left}
  - {name: B, model_id: b, endpoint: right}
  - {name: C, model_id: c, endpoint: twin}
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`

// steered runs twoServers in virtual time, with a client that does as s says, and has act steer it meanwhile.
func steered(t *testing.T, prompts int, s *scripted, act func(*testing.T, *Runner)) (o Outcome) {
	t.Helper()
	w := offline(t)
	w.write("prompts.jsonl", promptLines(0, prompts))
	a, db := w.arena(twoServers), newOutside(t, w.open(), time.Millisecond)
	mustSync(t, a, db)
	synctest.Test(t, func(t *testing.T) {
		r, err := newRunner(t.Context(), a, db, both, s.connect)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if o, err = r.Run(t.Context(), t.Context()); err != nil {
				t.Error(err)
			}
		}()
		act(t, r)
		<-ended
		if _, err := r.Obey(Directive{Do: DoPause}); !errors.Is(err, ErrOver) {
			t.Errorf("a run that ended is told to pause: %v; want ErrOver", err)
		}
	})
	return o
}

func obey(t *testing.T, r *Runner, d Directive) *InForce {
	t.Helper()
	f, err := r.Obey(d)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A pause holds one endpoint, or all, until it is told to resume; what is in flight is saved, and nothing is lost.
func TestPause(t *testing.T) {
	const prompts = 20
	s := &scripted{hook: func(context.Context, string, int) { time.Sleep(time.Second) }}
	o := steered(t, prompts, s, func(t *testing.T, r *Runner) {
		time.Sleep(1500 * time.Millisecond)
		if f := obey(t, r, Directive{Do: DoPause, Endpoint: "twin"}); f.Paused || !f.Endpoints[1].Paused {
			t.Errorf("with one of three paused: %+v", f)
		}
		before := s.calls("a") + s.calls("c")
		time.Sleep(time.Minute)
		if n := s.calls("a") + s.calls("c") - before; n != 0 {
			t.Errorf("the endpoint that is paused, under its other name, was called %d times", n)
		}
		if n := s.calls("b"); n != prompts {
			t.Errorf("the other was called %d times; want %d", n, prompts)
		}
		obey(t, r, Directive{Do: DoResume, Endpoint: "left"})
		time.Sleep(3500 * time.Millisecond)
		if f := obey(t, r, Directive{Do: DoPause}); !f.Paused || !r.Progress().Paused {
			t.Errorf("with all paused: %+v", f)
		}
		all := s.calls("")
		time.Sleep(time.Hour)
		if n := s.calls("") - all; n != 0 {
			t.Errorf("a run that is paused made %d calls", n)
		}
		if f := obey(t, r, Directive{Do: DoResume}); f.Paused {
			t.Errorf("resumed: %+v", f)
		}
	})
	if o.Answers != 3*prompts || o.Judgments != 6*prompts {
		t.Errorf("the run ends with %d answers and %d judgments; want %d and %d", o.Answers, o.Judgments, 3*prompts, 6*prompts)
	}
	if n := s.calls(""); n != 9*prompts {
		t.Errorf("%d calls; want %d: none twice", n, 9*prompts)
	}
}

// A run that is paused can be stopped: it does not wait for anybody to resume it.
func TestStopWhilePaused(t *testing.T) {
	w := offline(t)
	w.write("prompts.jsonl", promptLines(0, 20))
	a, db := w.arena(twoServers), newOutside(t, w.open(), time.Millisecond)
	mustSync(t, a, db)
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{hook: func(context.Context, string, int) { time.Sleep(time.Second) }}
		r, err := newRunner(t.Context(), a, db, both, s.connect)
		if err != nil {
			t.Fatal(err)
		}
		stop, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(2500 * time.Millisecond)
			obey(t, r, Directive{Do: DoPause})
			time.Sleep(time.Minute)
			cancel()
		}()
		o, err := r.Run(t.Context(), stop)
		if err != nil || !o.Interrupted || o.Answers == 0 {
			t.Errorf("Run() = %+v, %v; want an interrupted one that saved something", o, err)
		}
	})
}

// retry does not wait: what failed is tried at once, and a model that rests is probed.
func TestRetry(t *testing.T) {
	var mu sync.Mutex // guards what follows
	broken, asked := true, time.Time{}
	s := &scripted{fail: func(r *providers.Request) error {
		if r.Model != "b" {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		asked = time.Now()
		if broken {
			return &providers.Error{Class: providers.Temporary, Reason: providers.ReasonServer, Endpoint: "right", Err: errors.New("out of order")}
		}
		return nil
	}}
	o := steered(t, 40, s, func(t *testing.T, r *Runner) {
		for !r.order[2].rests() {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Millisecond)
		mu.Lock()
		broken = false
		before := asked
		mu.Unlock()
		f := obey(t, r, Directive{Do: DoRetry, Endpoint: "right"})
		if *f.Retried == 0 {
			t.Error("nothing is said to have waited")
		}
		now := time.Now()
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if !asked.After(before) || !asked.Equal(now) {
			t.Errorf("the model was tried %v after it was told to; want at once", asked.Sub(now))
		}
	})
	if o.Answers != 120 || len(o.Stopped) > 0 {
		t.Errorf("the run ends with %+v; want all 120 answers", o)
	}
}

// rests reports whether a model of the endpoint is given a rest.
func (e *endpoint) rests() bool {
	for _, c := range e.callees {
		if c.breaker.Open() {
			return true
		}
	}
	return false
}

// What makes no sense for a run changes nothing in it.
func TestDirectivesRefused(t *testing.T) {
	s := &scripted{hook: func(context.Context, string, int) { time.Sleep(time.Second) }}
	steered(t, 4, s, func(t *testing.T, r *Runner) {
		time.Sleep(1500 * time.Millisecond)
		for _, c := range []struct {
			why  string
			d    Directive
			says string
		}{
			{"an endpoint that is not there", Directive{Do: DoPause, Endpoint: "lefd"}, `no endpoint named "lefd"; did you mean "left"?; it calls `},
			{"a word of another version", Directive{Do: "dance"}, `knows no "dance"`},
			{"no word", Directive{}, `knows no ""`},
		} {
			if _, err := r.Obey(c.d); !errors.Is(err, ErrDirective) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v; want ErrDirective that says %q", c.why, err, c.says)
			}
		}
		if r.Progress().Paused {
			t.Error("the run is paused")
		}
	})
}

// retry ends the rest that a server asked for.
func TestRetryOfParked(t *testing.T) {
	var mu sync.Mutex // guards what follows
	refusals := 0
	s := &scripted{fail: func(r *providers.Request) error {
		mu.Lock()
		defer mu.Unlock()
		if r.Model != "b" || refusals >= 2 {
			return nil
		}
		refusals++
		return &providers.Error{Class: providers.Overloaded, Reason: providers.ReasonRateLimit, Status: 429, After: 50 * time.Minute, Endpoint: "right", Err: errors.New("later")}
	}}
	began := time.Duration(0)
	o := steered(t, 10, s, func(t *testing.T, r *Runner) {
		start := time.Now()
		time.Sleep(time.Minute)
		if n := s.calls("b"); n == 0 || n > 2 {
			t.Errorf("%d calls of a model whose server wants rest; want those that were refused", n)
		}
		obey(t, r, Directive{Do: DoRetry})
		synctest.Wait()
		if n := s.calls("b"); n < 4 {
			t.Errorf("%d calls after the rest was ended; want more at once", n)
		}
		began = time.Since(start)
	})
	if o.Answers != 30 || began > 2*time.Minute {
		t.Errorf("%d answers, %v; want all 30, in minutes", o.Answers, began)
	}
}
