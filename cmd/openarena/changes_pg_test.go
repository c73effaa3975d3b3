//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
)

// alone is what one machine makes of the arena's present file, in a database of its own that begins empty.
func (m *many) alone() *many {
	m.t.Helper()
	one := &many{t: m.t, dir: m.t.TempDir(), url: "arena.db", llm: m.llm}
	for _, name := range []string{"arena.yaml", "prompts.txt", "template.txt"} {
		if text, err := os.ReadFile(filepath.Join(m.dir, name)); err == nil {
			one.write(name, string(text))
		}
	}
	one.run().exits(0)
	return one
}

// output is what a command says of an arena.
func (m *many) output(args ...string) string {
	m.t.Helper()
	return m.start(append(args, "--db", m.url)...).exits(0)
}

// TestPGWorkersChanges: while two workers are at it, models are renamed, added and left out, and the judge's template changed.
// Nothing is asked for twice, and the results are those of one machine that only ever saw the last file. Then max_tokens is raised.
func TestPGWorkersChanges(t *testing.T) {
	t.Parallel()
	const template = "Which is better?\n{{.Prompt}}\n{{.AnswerA}}\n{{.AnswerB}}\n{{.Form}}\n"
	m := newMany(t, fakellm.Options{Latency: fakellm.Latency{Mean: 20 * time.Millisecond}})
	file := func(models, judge string) {
		m.write("arena.yaml", fmt.Sprintf(manyEndpoint, m.llm.URL())+"models: ["+models+"]\njudges: [{name: Judge, model_id: judge, endpoint: main"+judge+"}]\ndatasets: [{path: prompts.txt}]\n")
	}
	m.write("template.txt", template)
	workers := []*process{m.worker("--rescue", "5s"), m.worker("--rescue", "5s")}
	begin := func(enough int64) {
		t.Helper()
		run := m.run()
		asked(t, m.llm, "calls of the next file", func(s fakellm.Stats) bool { return s.Arrivals >= enough })
		run.cmd.Process.Signal(syscall.SIGINT) // unless all is done by now
		<-run.ended
	}
	const long = "{name: Long, model_id: long, endpoint: main, params: {max_tokens: 200}}"
	file("{name: Alpha, model_id: alpha, endpoint: main}, {name: Beta, model_id: beta, endpoint: main}, "+long, "")
	begin(20)
	file("{name: Anton, model_id: alpha, endpoint: main}, "+long, "")
	begin(arrivals(m.llm) + 20)
	const last = "{name: Anton, model_id: alpha, endpoint: main}, " + long + ", {name: Gamma, model_id: gamma, endpoint: main}"
	file(last, ", template: template.txt")
	m.run().exits(0)
	s := m.llm.Stats(false)
	if int64(s.Distinct) != s.Arrivals {
		t.Errorf("%d calls were made, of which %d differ: something was paid for twice", s.Arrivals, s.Distinct)
	}
	if n := s.Models["alpha"].Arrivals; n != manyPrompts {
		t.Errorf("the renamed model was asked %d times; want %d", n, manyPrompts)
	}
	one := m.alone()
	for _, args := range [][]string{{"rate", "--json"}, {"export", "--type", "ranked"}, {"export", "--type", "battles"}, {"export", "--type", "ratings"}} {
		if got, want := m.output(args...), one.output(args...); got != want {
			t.Errorf("%s after all changes is not that of one machine:\n%s\nwant\n%s", strings.Join(args, " "), got, want)
		}
	}
	before := m.llm.Stats(false).Models["long"].Arrivals
	file(strings.Replace(last, "200", "400", 1), ", template: template.txt")
	m.start("run", "--db", m.url, "--reuse", "finished").exits(0)
	if n := m.llm.Stats(false).Models["long"].Arrivals; n != before {
		t.Errorf("with --reuse finished the model whose max_tokens was raised was asked %d times more", n-before)
	}
	for _, w := range workers {
		w.signal(syscall.SIGTERM)
		w.exits(0)
	}
}

// TestPGRunReplaced: a run whose file another one replaces says so and ends; the workers and the other run do what the other wants. Two
// arenas in two schemas of a server know nothing of each other.
func TestPGRunReplaced(t *testing.T) {
	t.Parallel()
	m := newMany(t, fakellm.Options{Latency: fakellm.Latency{Mean: 300 * time.Millisecond}})
	next := newMany(t, fakellm.Options{})
	first := m.run()
	beside, worker := next.run(), m.worker("--rescue", "5s")
	asked(t, m.llm, "a call of the first file", func(s fakellm.Stats) bool { return s.Arrivals > 0 })
	m.write("other.yaml", fmt.Sprintf(manyEndpoint, m.llm.URL())+strings.ReplaceAll(strings.ReplaceAll(manyArena, "alpha", "gamma"), "Alpha", "Gamma"))
	other := m.start("run", "--db", m.url, "-c", "other.yaml")
	if text := first.exits(exitInterrupted); !strings.Contains(text, "another file was published in place of this one: other.yaml") || !strings.Contains(text, "run --db") {
		t.Errorf("the run that was replaced said %q; want by what, and how to go on", text)
	}
	m.haste()
	other.exits(0)
	before := arrivals(m.llm)
	m.start("ctl", "drain", "--db", m.url).exits(0)
	worker.exits(0)
	beside.exits(0)
	next.whole()
	if n := arrivals(next.llm); n != manyCalls {
		t.Errorf("the arena in the other schema made %d calls; want %d", n, manyCalls)
	}
	m.run().exits(0)
	s := m.llm.Stats(false)
	if int64(s.Distinct) != s.Arrivals || s.Models["gamma"].Arrivals != manyPrompts || s.Models["alpha"].Arrivals != manyPrompts || s.Arrivals == before {
		t.Errorf("%+v; want each model asked once for each prompt", s)
	}
}
