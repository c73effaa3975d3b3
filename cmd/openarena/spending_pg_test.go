//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
	"openarena/pipeline"
)

// Prices in US dollars for a million tokens, and what an answer may take at most.
const spendingArena = `models: [{name: Alpha, model_id: alpha, endpoint: main, params: {max_tokens: 200}, price: {input: 1, output: 10}}, {name: Beta, model_id: beta, endpoint: main, params: {max_tokens: 200}, price: {input: 2, output: 20}}]
judges: [{name: Judge, model_id: judge, endpoint: main, params: {max_tokens: 400}, price: {input: 1, output: 10}}]
datasets: [{path: prompts.txt}]
`

// spent is what servers counted.
func spent(servers ...*fakellm.Server) (tokens int64, usd float64) {
	for _, s := range servers {
		for model, n := range s.Stats(false).Models {
			price := map[string]float64{"beta": 2e-6}[model]
			if price == 0 {
				price = 1e-6
			}
			tokens += n.Input + n.Output
			usd += float64(n.Input)*price + float64(n.Output)*price*10
		}
	}
	return tokens, usd
}

// progressed is what status tells of a whole arena.
type progressed struct {
	Budget   []pipeline.BudgetLine `json:"budget"`
	Possibly int64                 `json:"possibly_billed_calls"`
	Answers  pipeline.Count        `json:"generate"`
	Judging  pipeline.Count        `json:"judge"`
}

func (m *many) progressed() (s progressed) {
	m.t.Helper()
	text := m.start("status", "--json", "--db", m.url).exits(0)
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		m.t.Fatalf("status --json: %v\n%s", err, text)
	}
	return s
}

// TestPGWorkersSpend: tokens and dollars are never passed by a run and its workers, each of which ends with the budget's code; what a killed
// worker had reserved counts as possibly spent; with a higher budget they go on, and to the end.
func TestPGWorkersSpend(t *testing.T) {
	for _, c := range []struct{ name, budget, more string }{
		{"tokens", "max_tokens: 9000", "max_tokens: 1000000"},
		{"dollars", "max_cost: 0.04", "max_cost: 50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMany(t, fakellm.Options{})
			silent := model(t, fakellm.Options{Latency: fakellm.Latency{Mean: never}})
			file := func(budget string) {
				m.write("arena.yaml", fmt.Sprintf(manyEndpoint, m.llm.URL())+spendingArena+"budget: {"+budget+"}\n")
			}
			file(c.budget)
			run, victim := m.joined(silent, "--rescue", "1s")
			victim.signal(syscall.SIGKILL)
			m.haste()
			workers := []*process{m.worker("--rescue", "5s"), m.worker("--rescue", "5s")}
			run.exits(exitBudget)
			for _, w := range workers {
				w.exits(exitBudget)
			}
			s := m.progressed()
			tokens, usd := spent(m.llm)
			used := map[string]float64{"tokens": float64(tokens), "cost_usd": usd}[s.Budget[0].What]
			if used > s.Budget[0].Limit || used < s.Budget[0].Limit/5 {
				t.Errorf("%v of %v were used; want no more, and most of them", used, s.Budget[0].Limit)
			}
			if lost := s.Budget[0].Spent - used; lost <= 0 || s.Possibly < silent.Stats(false).Arrivals {
				t.Errorf("%+v, %d calls possibly billed; want what the killed worker had reserved beside the %v that were used, and its %d calls",
					s.Budget, s.Possibly, used, silent.Stats(false).Arrivals)
			}
			if s.Answers.Done == 0 || s.Judging.Done == 0 {
				t.Errorf("%+v, %+v: one stage starved the other", s.Answers, s.Judging)
			}
			file(c.more)
			before := arrivals(m.llm)
			run = m.run()
			asked(t, m.llm, "a call under the higher budget", func(s fakellm.Stats) bool { return s.Arrivals > before })
			again := m.worker("--exit-when-idle", "1m", "--rescue", "5s")
			run.exits(0)
			again.exits(0)
			m.whole()
			if n := arrivals(m.llm); n != manyCalls {
				t.Errorf("%d calls were answered; want %d: nothing is paid for twice", n, manyCalls)
			}
		})
	}
}

// TestPGWorkersTokens: what a run and workers send comes out of one allowance of tokens a minute, and all of it is done once there is more.
func TestPGWorkersTokens(t *testing.T) {
	t.Parallel()
	const tpm = 4000
	m := newMany(t, fakellm.Options{})
	m.write("arena.yaml", fmt.Sprintf(`endpoints: {main: {url: "%s", concurrency: 4, tpm: %d}}`+"\n", m.llm.URL(), tpm)+spendingArena)
	began := time.Now()
	run := m.run()
	asked(t, m.llm, "a call", func(s fakellm.Stats) bool { return s.Arrivals > 0 })
	workers := []*process{m.worker("--rescue", "5s"), m.worker("--rescue", "5s")}
	until(t, "three at work, and one waits for its turn", func() (bool, string) {
		c, waits := m.crewOf(), 0
		for _, w := range c.Workers {
			if strings.Contains(strings.Join(w.Info.Notes, " "), "which others share") {
				waits++
			}
		}
		return len(c.Workers) == 3 && waits > 0, fmt.Sprintf("%+v", c.Workers)
	})
	tokens, _ := spent(m.llm)
	if took := time.Since(began); took > time.Minute {
		t.Logf("after %v another minute has begun: nothing to compare", took)
	} else if tokens > tpm {
		t.Errorf("%d tokens were sent in a minute; want %d at most", tokens, tpm)
	}
	m.start("ctl", "set", "main", "tpm=1000000", "--db", m.url).exits(0)
	run.exits(0)
	for _, w := range workers {
		w.signal(syscall.SIGTERM)
		w.exits(0)
	}
	m.whole()
	if n := arrivals(m.llm); n != manyCalls {
		t.Errorf("%d calls were made; want %d", n, manyCalls)
	}
}

// TestPGWorkersRest: when a server tells one of them to come back later, all leave it alone, until it is time or somebody says so.
func TestPGWorkersRest(t *testing.T) {
	t.Parallel()
	m := newMany(t, fakellm.Options{Faults: fakellm.Faults{TooMany: 1, RetryAfter: 10 * time.Minute}})
	run := m.run()
	asked(t, m.llm, "a refused call", func(s fakellm.Stats) bool { return s.Arrivals > 0 })
	until(t, "the endpoint rests for all", func() (bool, string) {
		c := m.crewOf()
		return len(c.Blocked) > 0 && len(c.Workers) == 1 && c.Workers[0].Info.InFlight == 0, fmt.Sprintf("%+v", c)
	})
	refused := arrivals(m.llm)
	m.llm.SetFaults(fakellm.Faults{})
	worker := m.worker("--rescue", "2s")
	until(t, "the worker has heard of it", func() (bool, string) {
		c := m.crewOf()
		for _, w := range c.Workers {
			if w.Command == "openarena worker" && len(w.Info.Notes) > 0 {
				return true, ""
			}
		}
		return false, fmt.Sprintf("%+v", c)
	})
	if n := arrivals(m.llm); n != refused {
		t.Errorf("a server that wants to be left alone had %d calls more", n-refused)
	}
	m.start("ctl", "retry", "--db", m.url).exits(0)
	run.exits(0)
	worker.signal(syscall.SIGTERM)
	worker.exits(0)
	m.whole()
	if n := arrivals(m.llm); n != manyCalls+refused {
		t.Errorf("%d calls were made beside the %d that were refused; want %d", n-refused, refused, manyCalls)
	}
}
