//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"openarena/fleet"
	"openarena/internal/secret"
	"openarena/internal/testkit/fakellm"
	"openarena/store/postgres"
)

// TestPGWorkerQueues: a worker asks only the models that --models names and --labels allow, and ends when they are done for. A run does not
// mind that it cannot reach what is behind labels: here it would find no encryption.
func TestPGWorkerQueues(t *testing.T) {
	t.Parallel()
	m := newMany(t, fakellm.Options{})
	m.write("arena.yaml", fmt.Sprintf(`endpoints: {main: {url: "%s", concurrency: 4}, gpu: {url: "%s", concurrency: 4, labels: {gpu: h100}}}
models: [{name: Alpha, model_id: alpha, endpoint: gpu}, {name: Beta, model_id: beta, endpoint: main}]
judge_model: {name: Judge, model_id: judge, endpoint: main}
datasets: [{path: prompts.txt}]
`, m.llm.URL(), strings.Replace(m.llm.URL(), "http:", "https:", 1)))
	ofBeta, ofLabels := model(t, fakellm.Options{}), model(t, fakellm.Options{})
	run := m.run()
	asked(t, m.llm, "the run has done what it may", func(s fakellm.Stats) bool { return s.Models["beta"].Replies == manyPrompts && s.InFlight == 0 })
	beta := m.worker("--models", "Beta", "--exit-when-idle", "500ms", "--rescue", "10s", "--endpoint", "main="+ofBeta.URL())
	beta.exits(0)
	other := m.worker("--labels", "gpu=a100", "--exit-when-idle", "500ms", "--rescue", "10s", "--endpoint", "gpu="+ofBeta.URL())
	other.exits(0)
	if n := arrivals(ofBeta); n != 0 {
		t.Errorf("workers without the labels asked %d times for what was done or not theirs", n)
	}
	labels := m.worker("--labels", "gpu=h100,rack=7", "--models", "Alpha", "--rescue", "10s", "--endpoint", "gpu="+ofLabels.URL())
	run.exits(0)
	labels.signal(syscall.SIGTERM)
	labels.exits(0)
	m.whole()
	if s := ofLabels.Stats(false); s.Arrivals != manyPrompts || s.Models["alpha"].Arrivals != manyPrompts {
		t.Errorf("the worker with labels and --models asked %+v; want alpha alone, %d times", s.Models, manyPrompts)
	}
}

// TestPGWorkerAlias: answers from an address of the worker's own are those of the endpoint, and --run names the arena.
func TestPGWorkerAlias(t *testing.T) {
	t.Parallel()
	m := newMany(t, fakellm.Options{Latency: fakellm.Latency{Mean: 300 * time.Millisecond}})
	own := model(t, fakellm.Options{})
	run := m.run()
	asked(t, m.llm, "a call of the run", func(s fakellm.Stats) bool { return s.Arrivals > 0 })
	run.signal(syscall.SIGINT)
	run.exits(exitInterrupted)
	before := arrivals(m.llm)
	address, schema := m.without()
	m.worker("OPENARENA_STORE="+address, "--run", schema, "--exit-when-idle", "1m", "--endpoint", "main="+own.URL()).exits(0)
	if n := arrivals(own); n != manyCalls-before || arrivals(m.llm) != before {
		t.Errorf("the worker asked its own address %d times and the file's %d times; want %d and none", n, arrivals(m.llm)-before, manyCalls-before)
	}
	m.run().exits(0)
	if n := arrivals(m.llm, own); n != manyCalls {
		t.Errorf("%d calls were made; want %d: a run takes for its own what the worker got elsewhere", n, manyCalls)
	}
	m.whole()
	m.worker("--endpoint", "mian="+own.URL()).exits(exitUsage)
}

// TestPGWorkerKeys: a worker whose environment lacks a key says which, one with a wrong key gives up, and others finish.
func TestPGWorkerKeys(t *testing.T) {
	t.Parallel()
	const key = "sk-many-4711"
	m := newMany(t, fakellm.Options{Key: key, Latency: fakellm.Latency{Mean: 3 * time.Second}})
	m.write("arena.yaml", fmt.Sprintf(`endpoints: {main: {url: "%s", concurrency: 4, api_key: "${MANY_KEY}"}}`+"\n", m.llm.URL())+manyArena)
	run := m.run("MANY_KEY=" + key)
	asked(t, m.llm, "a call of the run", func(s fakellm.Stats) bool { return s.Arrivals > 0 })
	if text := m.worker("--exit-when-idle", "1m").exits(exitUsage); !strings.Contains(text, "MANY_KEY") {
		t.Errorf("a worker without the key said %q; want the variable's name", text)
	}
	text := m.worker("MANY_KEY=sk-wrong-0815").exits(exitRefused)
	if !strings.Contains(text, "401") || strings.Contains(text, "sk-wrong-0815") {
		t.Errorf("a worker with a wrong key said %q; want the refusal, without the key", text)
	}
	m.haste()
	run.exits(0)
	m.whole()
}

// TestPGWorkerEpoch: workers that are at it work for a model that another run brings.
func TestPGWorkerEpoch(t *testing.T) {
	t.Parallel()
	m := newMany(t, fakellm.Options{})
	own := model(t, fakellm.Options{})
	w := m.worker("--rescue", "2s", "--endpoint", "main="+own.URL())
	m.run().exits(0)
	m.whole()
	m.write("arena.yaml", strings.Replace(fmt.Sprintf(manyEndpoint, m.llm.URL())+manyArena, "models: [", "models: [{name: Gamma, model_id: gamma, endpoint: main}, ", 1))
	m.llm.SetLatency(fakellm.Latency{Mean: 2 * time.Second})
	run := m.run()
	asked(t, own, "the new model, asked by the worker", func(s fakellm.Stats) bool { return s.Models["gamma"].Arrivals > 0 })
	m.haste()
	run.exits(0)
	w.signal(syscall.SIGTERM)
	w.exits(0)
	if n := arrivals(m.llm, own); n != 9*manyPrompts {
		t.Errorf("%d calls were made; want %d: three models and three pairs", n, 9*manyPrompts)
	}
}

// TestPGWorkersBudget: a run and workers never call more often than the budget says, and all end with its exit code.
func TestPGWorkersBudget(t *testing.T) {
	t.Parallel()
	const limit = 40
	m := newMany(t, fakellm.Options{Latency: fakellm.Latency{Mean: 50 * time.Millisecond}})
	m.write("arena.yaml", fmt.Sprintf(manyEndpoint, m.llm.URL())+manyArena+fmt.Sprintf("budget: {max_calls: %d}\n", limit))
	one, two := m.worker("--rescue", "10s"), m.worker("--rescue", "10s")
	m.run().exits(exitBudget)
	one.exits(exitBudget)
	two.exits(exitBudget)
	if n := arrivals(m.llm); n > limit || n < limit/2 {
		t.Errorf("%d calls were made; want at most %d, and most of them", n, limit)
	}
}

// TestPGWorkersRate: what a run and workers send comes out of one allowance of the endpoint.
func TestPGWorkersRate(t *testing.T) {
	t.Parallel()
	const rpm = 20
	m := newMany(t, fakellm.Options{})
	m.write("arena.yaml", fmt.Sprintf(`endpoints: {main: {url: "%s", concurrency: 4, rpm: %d}}`+"\n", m.llm.URL(), rpm)+manyArena)
	began := time.Now()
	run := m.run()
	asked(t, m.llm, "a call", func(s fakellm.Stats) bool { return s.Arrivals > 0 })
	workers := []*process{m.worker("--rescue", "10s"), m.worker("--rescue", "10s")}
	until(t, "three at work, and one waits for its turn", func() (bool, string) {
		c := m.crewOf()
		waits := func(w fleet.Member) bool {
			return strings.Contains(strings.Join(w.Info.Notes, " "), "which others share")
		}
		return len(c.Workers) == 3 && slices.ContainsFunc(c.Workers, waits), fmt.Sprintf("%+v", c.Workers)
	})
	n, granted := arrivals(m.llm), m.granted("main")
	if took := time.Since(began); took > time.Minute {
		t.Logf("after %v another minute has begun: nothing to compare", took) // of a machine that is very slow
	} else if n > granted || granted > rpm {
		t.Errorf("%d calls were made and %d granted; want no more than were granted, and these within %d", n, granted, rpm)
	}
	for _, w := range workers {
		w.signal(syscall.SIGTERM)
		w.exits(0)
	}
	run.signal(syscall.SIGINT)
	run.exits(exitInterrupted)
}

// granted is how many requests of the last minute all who work on the arena were granted.
func (m *many) granted(endpoint string) (n int64) {
	m.t.Helper()
	db, err := postgres.Open(m.t.Context(), secret.New(m.url), postgres.Options{ReadOnly: true})
	if err != nil {
		m.t.Fatal(err)
	}
	defer db.Close()
	row := db.Pool().QueryRow(m.t.Context(), fmt.Sprintf("SELECT coalesce(sum(requests), 0)::bigint FROM %s.oa_grant WHERE endpoint = $1", db.Schema()), endpoint)
	if err := row.Scan(&n); err != nil {
		m.t.Fatal(err)
	}
	return n
}

// TestPGWorkersPaused: after `ctl pause` no worker calls, one that comes later neither, until `ctl resume`.
func TestPGWorkersPaused(t *testing.T) {
	t.Parallel()
	m := newMany(t, fakellm.Options{})
	own := model(t, fakellm.Options{Latency: fakellm.Latency{Mean: 2 * time.Second}})
	run, _ := m.joined(own, "--rescue", "2s")
	m.start("ctl", "pause", "--db", m.url).exits(0)
	held := func(n int) {
		t.Helper()
		until(t, "all are held", func() (bool, string) {
			c, seen := m.crewOf(), 0
			for _, w := range c.Workers {
				if w.Info.Held && w.Info.InFlight == 0 {
					seen++
				}
			}
			return seen == n, fmt.Sprintf("%+v", c.Workers)
		})
	}
	held(2)
	before := arrivals(m.llm, own)
	m.worker("--rescue", "2s")
	held(3)
	if n := arrivals(m.llm, own); n != before || n >= manyCalls {
		t.Errorf("%d calls after a pause, %d when it began; want none while it holds", n, before)
	}
	own.SetLatency(fakellm.Latency{})
	m.haste()
	m.start("ctl", "resume", "--db", m.url).exits(0)
	run.exits(0)
	m.whole()
}
