package pipeline

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/fakeollama"
	"openarena/providers"
	"openarena/store"
)

// ollamaWorld is a world whose URL is a fake Ollama's.
func ollamaWorld(t *testing.T, o fakeollama.Options, prompts int) (*world, *fakeollama.Server) {
	t.Helper()
	s := fakeollama.New(o)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w := newWorld(t, fakellm.Options{}, prompts) // its own server is for another endpoint
	return w, s
}

// onOllama is plain at a fake Ollama, which stands in for OLLAMA.
func onOllama(s *fakeollama.Server, setting string) string {
	return strings.Replace(plain, "{url: URL, concurrency: 16}", "{url: '"+s.URL()+"', kind: ollama, concurrency: 4"+setting+"}", 1)
}

// runs is run with a Job of its own, and a look at the runner.
func runs(t *testing.T, a *Arena, s store.Store, job Job, look func(*Runner)) Outcome {
	t.Helper()
	mustSync(t, a, s)
	r, err := NewRunner(t.Context(), a, s, job)
	if err != nil {
		t.Fatal(err)
	}
	if look != nil {
		look(r)
	}
	o, err := r.Run(t.Context(), t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Models that are not there are pulled, each once, however many contestants and judges have it, and those first that have work now.
func TestMissingModelsArePulledOnce(t *testing.T) {
	var mu sync.Mutex
	var order []string
	w, s := ollamaWorld(t, fakeollama.Options{Models: []string{"alpha"}, Registry: []string{"beta", "gamma", "judge"}, OnLine: func(model string, _, line int) fakeollama.Fault {
		if mu.Lock(); line == 1 {
			order = append(order, model)
		}
		mu.Unlock()
		return fakeollama.None
	}}, 6)
	a := w.arena(strings.Replace(onOllama(s, ""), "models: [", "models: [{name: Warm, model_id: beta, params: {temperature: 1}}, ", 1))
	db := w.open()
	run(t, a, db, both)
	wantDone(t, a, db, 4*6, 6*6*2)
	st := s.Stats()
	if d := cmp.Diff(map[string]int{"beta": 1, "gamma": 1, "judge": 1}, st.Pulls); d != "" || st.AtOnce != 1 {
		t.Errorf("pulls differ (-want +got), at most %d of one model at once:\n%s", st.AtOnce, d)
	}
	if len(order) != 3 || !strings.HasPrefix(order[2], "judge") {
		t.Errorf("pulled were %v, in this order; want the judge last, which has nothing to do before there are answers", order)
	}
	run(t, a, db, both)
	s.Remove("beta")
	run(t, a, db, both)
	if n := s.Stats().Pulls["beta"]; n != 1 {
		t.Errorf("a run that has nothing to ask pulled beta; it was pulled %d times", n)
	}
}

// Other endpoints go on while a model is pulled.
func TestOthersGoOnDuringAPull(t *testing.T) {
	release := make(chan struct{})
	var once sync.Once
	w, s := ollamaWorld(t, fakeollama.Options{Registry: []string{"beta"}, OnLine: func(_ string, _, line int) fakeollama.Fault {
		if line == 5 {
			<-release
		}
		return fakeollama.None
	}}, 5)
	defer once.Do(func() { close(release) })
	a := w.arena(`endpoints: {here: {url: '` + s.URL() + `', kind: ollama}, there: {url: URL}}
models: [{name: Alpha, model_id: alpha, endpoint: there}, {name: Beta, model_id: beta, endpoint: here}]
judges: [{name: Judge, model_id: judge, endpoint: there}]
datasets: [{path: prompts.jsonl}]
`)
	db := w.open()
	o := runs(t, a, db, both, func(r *Runner) {
		go func() {
			w.server.WaitReplies(t.Context(), 5) // all answers of Alpha
			for note := ""; !strings.HasPrefix(note, "pulling beta: 20 % of 10 MB"); note = noteOf(r, "here") {
				if t.Context().Err() != nil {
					t.Errorf("the note of the endpoint stays %q; want how far the pull is", note)
					return
				}
				runtime.Gosched()
			}
			once.Do(func() { close(release) })
		}()
	})
	if len(o.Stopped) > 0 {
		t.Errorf("stopped: %v", o.Stopped)
	}
	wantDone(t, a, db, 10, 10)
}

// So do other models of the same server: whether it has them is asked beside the pull.
func TestModelsThatAreThereGoOnDuringAPull(t *testing.T) {
	const prompts = 5
	release := make(chan struct{})
	w, s := ollamaWorld(t, fakeollama.Options{Models: []string{"alpha", "gamma", "judge"}, Registry: []string{"beta"}, OnLine: func(_ string, _, line int) fakeollama.Fault {
		if line == 5 {
			<-release
		}
		return fakeollama.None
	}}, prompts)
	a, db := w.arena(onOllama(s, "")), w.open()
	mustSync(t, a, db)
	r, err := NewRunner(t.Context(), a, db, both)
	if err != nil {
		t.Fatal(err)
	}
	// Beta's pull has begun before anybody else wants anything.
	for _, c := range r.callees {
		if c.name == "Beta" {
			c.endpoint.mu.Lock()
			c.summon()
			c.endpoint.mu.Unlock()
		}
	}
	go func() {
		s.LLM().WaitReplies(t.Context(), 2*prompts) // the answers of Alpha and Gamma
		close(release)
	}()
	if o, err := r.Run(t.Context(), t.Context()); err != nil || len(o.Stopped) > 0 {
		t.Errorf("Run = %+v, %v", o, err)
	}
	wantDone(t, a, db, 3*prompts, 3*prompts*2)
}

func noteOf(r *Runner, endpoint string) string {
	for _, e := range r.Progress().Endpoints {
		if e.Name == endpoint {
			return e.Note
		}
	}
	return ""
}

func TestPullSettings(t *testing.T) {
	yes, no := func(string) bool { return true }, func(string) bool { return false }
	for _, c := range []struct {
		name, pull string
		ask        func(string) bool
		registry   []string
		pulled     bool
		hint       string
	}{
		{"ask, and the answer is yes", "ask", yes, []string{"beta"}, true, ""},
		{"ask, and the answer is no", "ask", no, []string{"beta"}, false, "ollama pull beta"},
		{"ask, and nobody is there", "ask", nil, []string{"beta"}, false, "only where a person is at the terminal"},
		{"never", "never", yes, []string{"beta"}, false, "unknown_model"},
		{"auto asks nobody", "auto", no, []string{"beta"}, true, ""},
		{"auto, and the registry does not have it", "auto", nil, nil, false, "its registry has no such model"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := ollamaWorld(t, fakeollama.Options{Models: []string{"alpha", "gamma", "judge"}, Registry: c.registry}, 2)
			a, db := w.arena(onOllama(s, ", pull: "+c.pull)), w.open()
			asked := 0
			ask := c.ask
			if ask != nil {
				ask = func(q string) bool {
					asked++
					if !strings.Contains(q, "beta") {
						t.Errorf("asked %q; want the model's name", q)
					}
					return c.ask(q)
				}
			}
			o := runs(t, a, db, Job{Generate: true, Judge: true, Ask: ask}, nil)
			if got := s.Stats().Pulls["beta"]; got != 0 != (c.pulled || c.pull == "auto") {
				t.Errorf("pulled %d times; want a pull: %v", got, c.pulled)
			}
			if want := c.pull == "ask" && c.ask != nil; (asked == 1) != want || asked > 1 {
				t.Errorf("asked %d times; want one: %v", asked, want)
			}
			if c.pulled {
				wantDone(t, a, db, 6, 12)
				return
			}
			if len(o.Stopped) != 1 || o.Stopped[0].Model != "Beta" || !o.Stopped[0].Refused {
				t.Fatalf("stopped: %+v; want Beta, refused", o.Stopped)
			}
			e := o.Stopped[0].Cause.(*providers.Error)
			if !strings.Contains(e.Error()+e.Reason, c.hint) {
				t.Errorf("the cause is %q, %s; want %q in it", e, e.Reason, c.hint)
			}
		})
	}
}

// A model that vanishes in mid-run is pulled again, and no call is lost or paid twice.
func TestAModelThatVanishesIsPulledAgain(t *testing.T) {
	const prompts = 20
	var s *fakeollama.Server
	var gone atomic.Bool
	w, s := ollamaWorld(t, fakeollama.Options{Models: []string{"alpha", "beta", "gamma", "judge"}, Registry: []string{"beta"}, LLM: fakellm.Options{
		OnReplied: func(int64) {
			if s.Stats().Calls["beta"] >= 3 && gone.CompareAndSwap(false, true) {
				s.Remove("beta")
			}
		}}}, prompts)
	a, db := w.arena(onOllama(s, "")), w.open()
	if o := run(t, a, db, both); len(o.Stopped) > 0 || o.Failed > 0 {
		t.Errorf("the outcome is %+v", o)
	}
	wantDone(t, a, db, 3*prompts, 6*prompts)
	if n := s.Stats().Pulls["beta"]; n != 1 {
		t.Errorf("beta was pulled %d times; want once", n)
	}
	if n := s.LLM().Stats(false).Replies; n != 9*prompts {
		t.Errorf("the models replied %d times; want %d", n, 9*prompts)
	}
}

// The first Ctrl-C calls a pull off, and the next run goes on with what it brought.
func TestAPullIsCalledOff(t *testing.T) {
	stop, cancel := context.WithCancel(t.Context())
	w, s := ollamaWorld(t, fakeollama.Options{Models: []string{"alpha", "gamma", "judge"}, Registry: []string{"beta"}, OnLine: func(_ string, pull, line int) fakeollama.Fault {
		if pull == 1 && line == 8 {
			cancel()
			return fakeollama.Silent
		}
		return fakeollama.None
	}}, 3)
	a, db := w.arena(onOllama(s, "")), w.open()
	if o := runUntil(t, a, db, both, t.Context(), stop); !o.Interrupted || len(o.Stopped) > 0 {
		t.Errorf("the outcome is %+v; want an interrupted run, no model stopped", o)
	}
	run(t, a, db, both)
	wantDone(t, a, db, 9, 18)
	if st := s.Stats(); st.Sent["beta:latest"] != fakeollama.Layer || st.Pulls["beta"] != 2 {
		t.Errorf("%d pulls brought %d bytes; want 2 and %d", st.Pulls["beta"], st.Sent["beta:latest"], fakeollama.Layer)
	}
}

// A GPU that holds one model at a time changes it as often as there are models, and a few times more. In the order of other
// endpoints it would be every other call.
func TestOneModelAfterTheOther(t *testing.T) {
	const prompts = 30
	models := []string{"alpha", "beta", "gamma", "judge"}
	switches := func(yaml func(*fakeollama.Server) string) (int, string) {
		w, s := ollamaWorld(t, fakeollama.Options{Models: models}, prompts)
		a, db := w.arena(yaml(s)), w.open()
		run(t, a, db, both)
		wantDone(t, a, db, 3*prompts, 3*prompts*2)
		return s.Stats().Switches, dump(t, db)
	}
	grouped, one := switches(func(s *fakeollama.Server) string { return onOllama(s, "") })
	// The same server where nobody knows that it is an Ollama: as round-robin as any other endpoint.
	mixed, other := switches(func(s *fakeollama.Server) string {
		return strings.Replace(plain, "URL", s.URL()+"/v1", 1)
	})
	t.Logf("%d changes of model, against %d, in %d calls", grouped, mixed, 9*prompts)
	if grouped > 3*len(models) || mixed < 3*grouped {
		t.Errorf("%d changes of model, and %d without groups; want at most %d, and three times as many", grouped, mixed, 3*len(models))
	}
	if one == "" || other == "" {
		t.Error("a dump is empty")
	}
}

// Nobody waits for ever: after so many calls the next model is due.
func TestShiftsEnd(t *testing.T) {
	e := &endpoint{run: &Runner{}, shift: shift{grouped: true}}
	for _, name := range []string{"a", "b", "c"} {
		c := &callee{name: name, endpoint: e, answered: true, breaker: providers.NewBreaker(), room: make(chan struct{}, 1)}
		c.stage = &generateStage{callee: c, contestant: &Contestant{}}
		c.stage.(*generateStage).contestant.ModelID = name
		c.queue = make([]*task, 3*longestShift)
		for i := range c.queue {
			c.queue[i] = &task{}
		}
		e.callees = append(e.callees, c)
	}
	var order []string
	for range 7 * longestShift {
		e.mu.Lock()
		best := e.best()
		if best == nil && e.change() {
			best = e.best()
		}
		e.mu.Unlock()
		if best == nil {
			t.Fatal("nobody is due")
		}
		best.take()
		e.shift.served++
		if len(order) == 0 || order[len(order)-1] != best.name {
			order = append(order, best.name)
		}
	}
	if want := []string{"a", "b", "c", "a", "b", "c", "a"}; !slices.Equal(order, want) {
		t.Errorf("the order is %v; want %v", order, want)
	}
	e.callees[0].flying = 1
	e.shift.served = longestShift
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.best() != nil || e.change() {
		t.Error("the model changes while calls of the last are under way")
	}
}
