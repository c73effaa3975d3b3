package pipeline

import (
	"cmp"
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/providers"
	"openarena/store"
)

// scripted is a client that notes who is asked in which order, and answers at once.
type scripted struct {
	mu    sync.Mutex
	asked []string                                       // models
	hook  func(ctx context.Context, model string, n int) // before the answer to the n-th call, from 1; may be nil
	fail  func(r *providers.Request) error               // what becomes of a call; may be nil
	say   func(r *providers.Request) string              // what is replied, "" as usual; may be nil
}

func (s *scripted) Chat(ctx context.Context, r *providers.Request) (*providers.Reply, error) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Model)
	n := len(s.asked)
	s.mu.Unlock()
	if s.hook != nil {
		s.hook(ctx, r.Model, n)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.fail != nil {
		if err := s.fail(r); err != nil {
			return nil, err
		}
	}
	text := r.Model + " on " + r.Messages[len(r.Messages)-1].Content
	if r.Model == "judge" {
		text = `{"analysis": "so", "score_a": 7, "score_b": 3, "verdict": "A>>B"}`
	}
	if s.say != nil {
		text = cmp.Or(s.say(r), text)
	}
	return &providers.Reply{Text: text, Finish: providers.FinishStop, Model: r.Model, Usage: providers.Usage{Input: 10, Output: 5}}, nil
}

func (s *scripted) connect(providers.Endpoint) (providers.Client, error) { return s, nil }

func (s *scripted) calls(model string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.asked {
		if model == "" || m == model {
			n++
		}
	}
	return n
}

// runWhole runs a whole arena of n prompts.
func runWhole(
	t *testing.T, yaml string, n int, connect func(providers.Endpoint) (providers.Client, error),
) (*world, *Arena, *store.DB, Outcome) {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, n))
	a, db := w.arena(yaml), w.open()
	mustSync(t, a, db)
	r, err := newRunner(t.Context(), a, db, both, connect)
	if err != nil {
		t.Fatal(err)
	}
	o, err := r.Run(t.Context(), t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w, a, db, o
}

// runScripted runs a whole arena of n prompts against a scripted client.
func runScripted(t *testing.T, yaml string, n int, s *scripted) Outcome {
	t.Helper()
	_, a, db, o := runWhole(t, yaml, n, s.connect)
	answers := int64(n * len(a.Contestants))
	wantDone(t, a, db, answers, o.Judgments)
	if got := s.calls(""); int64(got) != o.Answers+o.Judgments {
		t.Errorf("%d calls brought %d answers and %d judgments; want each once", got, o.Answers, o.Judgments)
	}
	return o
}

func TestPairIsJudgedAsSoonAsItsAnswersAreThere(t *testing.T) {
	s := &scripted{}
	runScripted(t, strings.Replace(plain, "concurrency: 16", "concurrency: 1", 1), 30, s)
	// One call at a time: whenever a battle is ready its judgments come next, so that no more than one prompt is open.
	open := 0
	for i, model := range s.asked {
		if model != "judge" {
			open++
			continue
		}
		if open > 6 {
			t.Fatalf("call %d is the first judgment after %d answers; want it as soon as a pair is there", i+1, open)
		}
		open = 0
	}
	last := s.asked[len(s.asked)-1]
	if first := strings.Index(strings.Join(s.asked, " "), "judge"); first < 0 || last != "judge" {
		t.Errorf("the last call went to %s; want the judge", last)
	}
}

func TestJudgingOutranksGeneration(t *testing.T) {
	// The answers of ten prompts wait for their judgments when thirty more prompts come.
	w := newWorld(t, fakellm.Options{}, 10)
	db := w.open()
	run(t, w.arena(plain), db, Job{Generate: true})
	w.write("prompts.jsonl", promptLines(0, 40))
	a := w.arena(strings.Replace(plain, "concurrency: 16", "concurrency: 1", 1))
	mustSync(t, a, db)
	s := &scripted{}
	r, err := newRunner(t.Context(), a, db, both, s.connect)
	if err != nil {
		t.Fatal(err)
	}
	// Which feeder is first is a race. The first call waits for the judge's, which from then on is far ahead.
	judge := r.callees[0].stage.(*judgeStage)
	s.hook = func(ctx context.Context, model string, n int) {
		for n == 1 && ctx.Err() == nil && judge.halfEmpty() {
			runtime.Gosched()
		}
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	seen, answersBetween := 0, 0
	for _, model := range s.asked {
		switch {
		case model == "judge":
			seen++
		case seen > 0 && seen < 60:
			answersBetween++
		}
	}
	if answersBetween > 0 {
		t.Errorf("%d answers were asked for while judgments were waiting; want none", answersBetween)
	}
	wantDone(t, a, db, 120, 240)
}

func TestFullQueueLosesNothing(t *testing.T) {
	// The judge has an address of its own with one slot, so its queue of 18 overflows while 16 answers come at once.
	const slow = `default_endpoint: {url: URL, concurrency: 16}
endpoints: {court: {url: "http://127.0.0.1:1/v2", concurrency: 1}}
models: [{name: A, model_id: a, samples: 3}, {name: B, model_id: b, samples: 3}, {name: C, model_id: c}, {name: D, model_id: d}]
judges: [{name: Judge, model_id: judge, endpoint: court}]
datasets: [{path: prompts.jsonl}]
`
	const answers = 30 * 8
	gate := make(chan struct{})
	s := &scripted{}
	generated := 0
	s.hook = func(ctx context.Context, model string, n int) {
		if model == "judge" {
			<-gate // no judgment is done before the last answer was asked for: the queue has to overflow
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if generated++; generated == answers {
			close(gate)
		}
	}
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, 30))
	a, db := w.arena(slow), w.open()
	mustSync(t, a, db)
	r, err := newRunner(t.Context(), a, db, both, s.connect)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), t.Context()); err != nil {
		t.Fatal(err)
	}
	// 3 battles for each pair with A or B in it, 1 of C and D: 16 battles, two orders each.
	wantDone(t, a, db, answers, 30*16*2)
	if got := s.calls("judge"); got != 30*16*2 {
		t.Errorf("the judge was asked %d times; want 960", got)
	}
}
