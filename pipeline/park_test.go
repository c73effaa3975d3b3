package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"openarena/providers"
)

// exclusive is a client whose models may be sent away, and notes when each was called. Virtual time.
type exclusive struct {
	scripted
	latency map[string]time.Duration
	refuse  func(model string, n int, since time.Duration) (after time.Duration) // the n-th call of a model; 0: answer
	tell    func(model string) providers.Rates                                   // in headers; may be nil
	start   time.Time

	mu    sync.Mutex
	n     map[string]int
	calls []sighting
}

type sighting struct {
	model string
	at    time.Duration // since the start
	after time.Duration // that it was sent away for; 0: answered
}

func (x *exclusive) Chat(ctx context.Context, r *providers.Request) (*providers.Reply, error) {
	x.mu.Lock()
	x.n[r.Model]++
	since := time.Since(x.start)
	after := time.Duration(0)
	if x.refuse != nil {
		after = x.refuse(r.Model, x.n[r.Model], since)
	}
	x.calls = append(x.calls, sighting{r.Model, since, after})
	x.mu.Unlock()
	if after > 0 {
		time.Sleep(time.Millisecond)
		return nil, &providers.Error{
			Class: providers.Overloaded, Reason: providers.ReasonRateLimit, Status: 429, After: after, Endpoint: "test", Err: errors.New("too many"),
		}
	}
	time.Sleep(x.latency[r.Model] + 100*time.Millisecond)
	reply, err := x.scripted.Chat(ctx, r)
	if err == nil && x.tell != nil {
		x.mu.Lock()
		defer x.mu.Unlock()
		reply.Rates = x.tell(r.Model)
	}
	return reply, err
}

func (x *exclusive) connect(providers.Endpoint) (providers.Client, error) { return x, nil }

// last is when the last call of a model was made.
func (x *exclusive) last(model string) (at time.Duration) {
	for _, c := range x.calls {
		if c.model == model {
			at = c.at
		}
	}
	return at
}

// early is how many calls of these models came while one of these was told to wait, a moment apart.
func (x *exclusive) early(models ...string) (n int) {
	var until, told time.Duration
	for _, c := range x.calls {
		if !strings.Contains(strings.Join(models, " "), c.model) {
			continue
		}
		if c.at < until && c.at > told+10*time.Millisecond {
			n++
		}
		if c.after > 0 {
			told, until = c.at, max(until, c.at+c.after)
		}
	}
	return n
}

// drive has an arena of 60 prompts run over x, and returns its outcome and how long it took.
func (x *exclusive) drive(t *testing.T, arena string, job Job) (o Outcome, took time.Duration) {
	w := offline(t)
	w.write("prompts.jsonl", promptLines(0, 60))
	a, db := w.arena(arena), newOutside(t, w.open(), 5*time.Millisecond)
	mustSync(t, a, db)
	synctest.Test(t, func(t *testing.T) {
		x.start, x.n = time.Now(), map[string]int{}
		r, err := newRunner(t.Context(), a, db, job, x.connect)
		if err != nil {
			t.Fatal(err)
		}
		if o, err = r.Run(t.Context(), t.Context()); err != nil {
			t.Fatal(err)
		}
		took = time.Since(x.start)
	})
	return o, took
}

// parkArena has models on two servers: one of A, one of B and C.
const parkArena = `default_endpoint: {url: URL, concurrency: 64}
models:
  - {name: A, model_id: a, endpoint: {url: "http://one.test/v1", concurrency: 4}}
  - {name: B, model_id: b, endpoint: {url: "http://two.test/v1", concurrency: 8}}
  - {name: C, model_id: c, endpoint: {url: "http://two.test/v1", concurrency: 8}}
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`

// A server that asks for a minute of rest gets it, in full; nobody else waits.
func TestRetryAfterParks(t *testing.T) {
	generate := Job{Generate: true}
	var undisturbed exclusive
	undisturbed.drive(t, parkArena, generate)
	// once refuses the 20th call of each of these models, and whatever comes within a minute.
	once := func(models string) func(string, int, time.Duration) time.Duration {
		begun := map[string]time.Duration{}
		return func(model string, n int, since time.Duration) time.Duration {
			if from, ok := begun[model]; ok && since < from+time.Minute {
				return from + time.Minute - since
			} else if !ok && n == 20 && strings.Contains(models, model) {
				begun[model] = since
				return time.Minute
			}
			return 0
		}
	}
	for _, c := range []struct {
		name, refused string
		well          []string // whose last call is as early as ever
	}{
		{"the only model of one server", "a", []string{"b", "c"}},
		{"one of the two models of the other", "b", []string{"a"}},
		{"both of them", "b c", []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &exclusive{refuse: once(c.refused)}
			o, _ := x.drive(t, parkArena, generate)
			if o.Answers != 180 || o.Failed != 0 {
				t.Errorf("%d answers, %d failed; want 180 and none", o.Answers, o.Failed)
			}
			for model := range strings.FieldsSeq(c.refused) {
				if n := x.early(model); n > 0 {
					t.Errorf("%d calls of %s came earlier than the server had asked", n, model)
				}
				if x.last(model) < time.Minute {
					t.Errorf("the last call of %s came after %v; nothing was refused", model, x.last(model))
				}
			}
			for _, model := range c.well {
				if got, want := x.last(model), undisturbed.last(model); got > want+want/20 {
					t.Errorf("the last call of %s came after %v; want %v, as without refusals", model, got, want)
				}
			}
			if c.refused == "b" && x.last("c") > 10*time.Second {
				t.Errorf("the other model of the server waited, too: until %v", x.last("c"))
			}
			t.Attr("figure", fmt.Sprintf("%s, Retry-After 60: no call early, the others' last call after %v", c.name, x.last(c.well[0]).Round(time.Millisecond)))
		})
	}
}

// A call that has its slot and waits for its tokens is not sent to a model that was told to rest meanwhile, and its slot is for others.
func TestRetryAfterMeetsWaitingCalls(t *testing.T) {
	const arena = `default_endpoint: {url: URL, concurrency: 4, tpm: 260}
models: [{name: B, model_id: b, params: {max_tokens: 100}}, {name: C, model_id: c, params: {max_tokens: 100}}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`
	const rest = 3 * time.Minute
	x := &exclusive{refuse: func(model string, n int, _ time.Duration) time.Duration {
		if model == "b" && n == 1 {
			return rest
		}
		return 0
	}}
	o, _ := x.drive(t, arena, Job{Generate: true})
	if o.Answers != 120 || o.Failed != 0 {
		t.Errorf("%d answers, %d failed; want 120 and none", o.Answers, o.Failed)
	}
	if n := x.early("b"); n > 0 {
		t.Errorf("%d calls came earlier than the server had asked", n)
	}
	others := 0
	for _, c := range x.calls {
		if c.model == "c" && c.at < rest {
			others++
		}
	}
	if others < 5 {
		t.Errorf("%d calls of the other model meanwhile; want what its tokens allow", others)
	}
}

// Hours of waiting are a quota: the model is given up, with the time of its return, and the others finish. Whoever says so waits.
func TestQuotaOfHours(t *testing.T) {
	const rest = 5 * time.Hour
	refuse := func(model string, _ int, since time.Duration) time.Duration {
		if model == "b" && since > time.Second && since < rest {
			return rest - since
		}
		return 0
	}
	x := &exclusive{refuse: refuse}
	o, took := x.drive(t, parkArena, Job{Generate: true})
	if len(o.Stopped) != 1 || o.Stopped[0].Model != "B" || !o.Stopped[0].Refused || o.Failed != 0 {
		t.Fatalf("outcome = %+v; want B stopped as refused, and nothing failed", o)
	}
	if text := o.Stopped[0].String(); !strings.Contains(text, "it takes calls again ") || !strings.Contains(text, "--wait") {
		t.Errorf("it says %q; want when it takes calls again, and how to wait", text)
	}
	if x.n["a"] != 60 || x.n["c"] != 60 || took > time.Minute {
		t.Errorf("%d calls of A, %d of C, in %v; want all 60 each, at once", x.n["a"], x.n["c"], took)
	}

	x = &exclusive{refuse: refuse}
	o, took = x.drive(t, parkArena, Job{Generate: true, Wait: true})
	if len(o.Stopped) != 0 || o.Answers != 180 || took < rest || took > rest+time.Minute || x.early("b") > 0 {
		t.Errorf("with wait: %+v after %v, %d calls early; want all answers right after the rest", o, took, x.early("b"))
	}
}

// One dead and one slow server of five cost the others no throughput.
func TestSlowAndDeadEndpoint(t *testing.T) {
	last := func(slow time.Duration, dead string) time.Duration {
		x := &exclusive{latency: map[string]time.Duration{"e": slow}}
		x.fail = func(r *providers.Request) error {
			if r.Model == dead {
				return &providers.Error{Class: providers.Temporary, Reason: providers.ReasonConnect, Endpoint: "dead", Err: errors.New("refused")}
			}
			return nil
		}
		x.drive(t, fiveArena, both)
		return max(x.last("a"), x.last("b"), x.last("c"))
	}
	well, ill := last(0, ""), last(10*time.Second, "d")
	if share := well.Seconds() / ill.Seconds(); share < 0.95 {
		t.Errorf("with one of five dead and one slow the others took %v, without %v: %.3f of the throughput; want at least 0.95", ill, well, share)
	} else {
		t.Logf("figure %q %.4f, %.4f to %.4f", "one dead and one slow endpoint of five: throughput of the others / undisturbed", share, share, share)
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 28, 13, 0, 0, 0, time.Local)
	for _, c := range []struct {
		in   time.Duration
		want string
	}{
		{2 * time.Hour, "at 15:00"},
		{12 * time.Hour, "on 29 November at 01:00"},
		{365 * 24 * time.Hour, "on 28 November at 13:00"},
	} {
		if got := clock(now.Add(c.in), now); got != c.want {
			t.Errorf("clock in %v = %q; want %q", c.in, got, c.want)
		}
	}
}

// A server that tells its limit in headers is hardly ever asked for more, though nobody stated it.
func TestLimitsFromHeaders(t *testing.T) {
	const rpm = 20
	var window []time.Duration // when calls were taken
	x := &exclusive{}
	x.refuse = func(model string, _ int, since time.Duration) time.Duration {
		for len(window) > 0 && since-window[0] >= time.Minute {
			window = window[1:]
		}
		switch {
		case model != "a":
			return 0
		case len(window) < rpm:
			window = append(window, since)
			return 0
		}
		return time.Second
	}
	x.tell = func(model string) (r providers.Rates) {
		if model == "a" {
			r.Requests = providers.Rate{Limit: rpm, Remaining: int64(rpm - len(window)), Span: time.Minute}
		}
		return r
	}
	only := strings.Replace(parkArena, "concurrency: 4}", "concurrency: auto}", 1)
	o, took := x.drive(t, only, Job{Generate: true})
	refused := 0
	for _, c := range x.calls {
		if c.after > 0 {
			refused++
		}
	}
	// The first answer comes when 16 calls are out: what is left is known from then on.
	if o.Answers != 180 || refused > 2 || took > 2*time.Minute+5*time.Second {
		t.Errorf("%d answers in %v, %d calls refused; want 180 in two minutes, and next to none", o.Answers, took, refused)
	}
}
