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

// fiveArena has one model on each of five servers, and a judge on another.
const fiveArena = `default_endpoint: {url: URL, concurrency: 64}
models:
  - {name: A, model_id: a, endpoint: {url: "http://a.test/v1", concurrency: 4}}
  - {name: B, model_id: b, endpoint: {url: "http://b.test/v1", concurrency: 4}}
  - {name: C, model_id: c, endpoint: {url: "http://c.test/v1", concurrency: 4}}
  - {name: D, model_id: d, endpoint: {url: "http://d.test/v1", concurrency: 4}}
  - {name: E, model_id: e, endpoint: {url: "http://e.test/v1", concurrency: 4}}
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`

// One dead server of five costs the others no throughput: their last answer comes as early as with all of them well.
// Virtual time.
func TestDeadEndpointSlowsNobody(t *testing.T) {
	const prompts, latency = 200, 200 * time.Millisecond
	last := func(dead string) (took time.Duration, wasted int) {
		w := offline(t)
		w.write("prompts.jsonl", promptLines(0, prompts))
		a, db := w.arena(fiveArena), newOutside(t, w.open(), 5*time.Millisecond)
		mustSync(t, a, db)
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			var mu sync.Mutex
			s := &scripted{hook: func(context.Context, string, int) { time.Sleep(latency) }, fail: func(r *providers.Request) error {
				mu.Lock()
				defer mu.Unlock()
				if r.Model == dead {
					wasted++
					return &providers.Error{Class: providers.Temporary, Reason: providers.ReasonConnect, Endpoint: "dead", Err: errors.New("refused")}
				}
				if r.Model != "judge" && r.Model != "e" {
					took = time.Since(start)
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
			if want := int64(prompts * (5 - len(dead))); o.Answers != want {
				t.Errorf("%d answers; want %d", o.Answers, want)
			}
		})
		return took, wasted
	}
	well, _ := last("")
	others, wasted := last("e")
	ratio := others.Seconds() / well.Seconds()
	if ratio > 1.05 {
		t.Errorf("with one of five dead the others took %v, without %v: %.3f times as long; want at most 1.05", others, well, ratio)
	}
	if wasted > 100 {
		t.Errorf("%d calls went to the dead one; want at most 100", wasted)
	}
	t.Attr("figure", fmt.Sprintf("the other four took %.3f times as long; %d calls to the dead one", ratio, wasted))
}

// poisoned is a client whose models crash on some prompts.
type poisoned struct {
	scripted
	poison  func(prompt string) bool
	mu      sync.Mutex
	crashed map[string]int // by model and prompt
}

func (p *poisoned) Chat(ctx context.Context, r *providers.Request) (*providers.Reply, error) {
	time.Sleep(10 * time.Second) // longer than a failed task waits: it is back before the next one has ended
	prompt := r.Messages[len(r.Messages)-1].Content
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Model != "judge" && p.poison(prompt) {
		p.crashed[r.Model+" on "+prompt]++
		return nil, &providers.Error{Class: providers.Temporary, Reason: providers.ReasonServer, Status: 500, Endpoint: "test", Err: errors.New("crashed")}
	}
	return p.scripted.Chat(ctx, r)
}

func (p *poisoned) connect(providers.Endpoint) (providers.Client, error) { return p, nil }

// Prompts on which every model crashes cost a few tries each, and no other prompt: not where they are scattered, and not
// where they come one after the other, so that they look like a model that is dead.
func TestPoisonousPrompts(t *testing.T) {
	const prompts = 60
	for _, c := range []struct {
		why    string
		poison func() func(string) bool
		bad    int64
	}{
		{"some", func() func(string) bool {
			return func(prompt string) bool { return strings.Contains(prompt, "5:") }
		}, 6},
		{"eight in a row", func() func(string) bool {
			place := map[string]int{} // in the order in which prompts are first asked
			return func(prompt string) bool {
				if place[prompt] == 0 {
					place[prompt] = len(place) + 1
				}
				return place[prompt] > 10 && place[prompt] <= 18
			}
		}, 8},
	} {
		t.Run(c.why, func(t *testing.T) {
			w := offline(t)
			w.write("prompts.jsonl", promptLines(0, prompts))
			a, db := w.arena(strings.Replace(spanArena, "concurrency: 64", "concurrency: 8", 1)), newOutside(t, w.open(), 5*time.Millisecond)
			mustSync(t, a, db)
			client := &poisoned{poison: c.poison(), crashed: map[string]int{}}
			var o Outcome
			synctest.Test(t, func(t *testing.T) {
				r, err := newRunner(t.Context(), a, db, both, client.connect)
				if err != nil {
					t.Fatal(err)
				}
				if o, err = r.Run(t.Context(), t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			if good := prompts - c.bad; o.Answers != 4*good || o.Judgments != 12*good {
				t.Errorf("Run() = %+v; want %d answers and %d judgments, of all other prompts", o, 4*good, 12*good)
			}
			for what, n := range client.crashed {
				if n > maxTries {
					t.Errorf("%s was tried %d times; want at most %d", what, n, maxTries)
				}
			}
			t.Attr("figure", fmt.Sprintf("%s of %d prompts crash 4 models: %d of %d other answers", c.why, prompts, o.Answers, 4*(prompts-c.bad)))
		})
	}
}
