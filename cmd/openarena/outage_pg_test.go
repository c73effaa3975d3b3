//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/pgtest"
)

// outage is an arena on a server of its own that asks for a password, which is killed or frozen.
type outage struct {
	*many
	server *pgtest.Server
}

func newOutage(t *testing.T, o fakellm.Options) *outage {
	t.Helper()
	s := pgtest.StartOwn(t, pgtest.Options{TCP: true})
	return &outage{newManyAt(t, s.URL(t), o), s}
}

// discreet demands that nothing of what processes said is the password.
func discreet(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(text, pgtest.Password) {
			t.Errorf("the password is in:\n%s", text)
		}
	}
}

// manyAtOnce is the concurrency of manyEndpoint.
const manyAtOnce = 4

// atWork starts a run and a worker, and returns when both have got replies and wait for others, with their model servers.
func (m *outage) atWork(times ...string) (both []*process, servers []*fakellm.Server) {
	m.t.Helper()
	// As slow as the run's, so that neither does all before the other one is there.
	own := model(m.t, fakellm.Options{Latency: fakellm.Latency{Mean: 3 * time.Second}})
	run, worker := m.both(own, times, times)
	both, servers = []*process{run, worker}, []*fakellm.Server{m.llm, own}
	for _, s := range servers {
		s.SetLatency(fakellm.Latency{Mean: 300 * time.Millisecond})
	}
	for _, s := range servers { // the first calls took long
		asked(m.t, s, "calls in flight, and replies", func(s fakellm.Stats) bool { return s.Replies > manyAtOnce && s.InFlight > 1 })
	}
	return both, servers
}

// rescued are the rescue files.
func (m *outage) rescued() []string {
	m.t.Helper()
	files, err := filepath.Glob(filepath.Join(m.dir, "openarena-rescue-*.db"))
	if err != nil {
		m.t.Fatal(err)
	}
	return files
}

// TestPGServerStaysAway kills the server under a run and a worker, for longer than they wait: they stop calling, say so once, and end
// with 14, and what was not saved lies in rescue files. Merged, nothing is missing and nothing asked twice, and the exports are those of an arena in a file that
// nothing happened to.
func TestPGServerStaysAway(t *testing.T) {
	t.Parallel()
	m := newOutage(t, fakellm.Options{})
	both, servers := m.atWork("--slice", "1s", "--rescue", "2s", "--store-timeout", "4s")
	m.server.Kill(t)
	before := []int64{arrivals(servers[0]), arrivals(servers[1])}
	named := 0
	for i, p := range both {
		text := p.exits(exitUnwritable)
		if n := arrivals(servers[i]) - before[i]; n > 2*manyAtOnce {
			t.Errorf("%s: %d calls began after the server had gone; want %d at most", p.name, n, 2*manyAtOnce)
		}
		if n := strings.Count(text, " is away: "); n != 1 {
			t.Errorf("%s says %d times that the server is away; want once", p.name, n)
		}
		named += strings.Count(text, "--to URL` adds it when the server is back")
		discreet(t, text)
	}
	if n := arrivals(servers...); n >= manyCalls {
		t.Fatalf("all %d calls had been made when the server went: nothing is tested", n)
	}

	m.server.Restart(t)
	files := m.rescued()
	if len(files) == 0 || len(files) != named {
		t.Fatalf("rescue files %v, and %d times it is said how to merge one; want that for each, and one at least", files, named)
	}
	discreet(t, m.start(slices.Concat([]string{"merge"}, files, []string{"--to", m.url})...).exits(0))
	discreet(t, m.run("--rescue", "2s").exits(0))
	m.whole()
	if n := arrivals(servers...); n != manyCalls {
		t.Errorf("%d calls were made; want %d, each once", n, manyCalls)
	}
	m.sameExport(t)
}

// TestPGServerComesBack kills the server under a run: what reads ends at once and says why, a worker that begins then waits and says so, and
// when the server is back both go on, tell that once, and nothing was asked twice.
func TestPGServerComesBack(t *testing.T) {
	t.Parallel()
	m := newOutage(t, fakellm.Options{})
	both, servers := m.atWork("--slice", "1s", "--rescue", "5s")
	m.server.Kill(t)
	late := m.worker("--rescue", "5s", "--endpoint", "main="+servers[1].URL())
	until(t, "all three say that the server is away", func() (bool, string) {
		seen := 0
		for _, p := range append(both, late) {
			if text := p.said.String(); strings.Contains(text, " is away: ") || strings.Contains(text, "cannot be reached: ") {
				seen++
			}
		}
		return seen == 3, ""
	})
	if text := late.said.String(); !strings.Contains(text, "it is waited for, for 15m0s") {
		t.Errorf("a worker that begins meanwhile says %q; want for how long it waits", text)
	}
	for _, command := range [][]string{{"status"}, {"status", "--json"}, {"rate"}, {"export"}, {"ctl", "pause"}, {"run"}, {"db", "check"}, {"doctor", "--no-calls"}} {
		text := m.start(append(command, "--db", m.url)...).exits(exitUsage)
		if !strings.Contains(text, "the server cannot be reached: ") || !strings.Contains(text, "connection refused") {
			t.Errorf("%v of a server that is away says %q; want that", command, text)
		}
		discreet(t, text)
	}
	m.server.Restart(t)
	m.haste()
	text := both[0].exits(0)
	for _, p := range []*process{both[1], late} {
		until(t, p.name+" is at work again", func() (bool, string) {
			return strings.Contains(p.said.String(), "the database is back"), p.said.String()
		})
		p.signal(syscall.SIGTERM)
		text += p.exits(0)
	}
	discreet(t, text)
	if away, back := strings.Count(text, " is away: ")+strings.Count(text, "cannot be reached: "), strings.Count(text, "the database is back"); away != 3 || back != 3 {
		t.Errorf("three processes say %d times that the server is away and %d times that it is back; want once each", away, back)
	}
	m.whole()
	if n := arrivals(servers...); n != manyCalls {
		t.Errorf("%d calls were made; want %d, each once", n, manyCalls)
	}
	if files := m.rescued(); len(files) > 0 {
		t.Errorf("rescue files %v; want none", files)
	}
}

// TestPGServerHangs freezes the server under a run. After one Ctrl-C it is waited for, and the screen says so and how to leave; when it
// goes on, all is saved. After two, what it has not taken lies in a rescue file.
func TestPGServerHangs(t *testing.T) {
	t.Parallel()
	m := newOutage(t, fakellm.Options{Latency: fakellm.Latency{Mean: 100 * time.Millisecond}})
	t.Cleanup(func() { m.server.Thaw(t) })
	stopping := func(after int64) *process {
		t.Helper()
		run := m.run("--slice", "1s", "--rescue", "5s")
		asked(t, m.llm, "calls in flight, and replies", func(s fakellm.Stats) bool { return s.Replies > after && s.InFlight > 1 })
		m.server.Freeze(t)
		run.signal(syscall.SIGINT)
		until(t, "how to leave", func() (bool, string) {
			text := run.said.String()
			return strings.Contains(text, "has not answered for 5s") && strings.Contains(text, "waiting for the database to save what has arrived; Ctrl-C again leaves, with that in a file"), text
		})
		return run
	}
	run := stopping(0)
	m.server.Thaw(t)
	text := run.exits(exitInterrupted)
	if files := m.rescued(); len(files) > 0 || !strings.Contains(text, "the database is back") {
		t.Errorf("a server that goes on left the rescue files %v; want none, and that it is back", files)
	}
	run = stopping(arrivals(m.llm))
	run.signal(syscall.SIGINT)
	text += run.exits(exitUnwritable)
	files := m.rescued()
	if len(files) != 1 || !strings.Contains(text, filepath.Base(files[0])) {
		t.Fatalf("rescue files %v; want one, and its name on the screen", files)
	}
	m.server.Thaw(t)
	m.haste()
	m.start("merge", files[0], "--to", m.url).exits(0)
	m.run("--rescue", "5s").exits(0)
	m.whole()
	if n := arrivals(m.llm); n != manyCalls {
		t.Errorf("%d calls were made; want %d, each once", n, manyCalls)
	}
	discreet(t, text)
}

// sameExport compares the export with that of an arena in a file that nothing happened to.
func (m *many) sameExport(t *testing.T) {
	t.Helper()
	const export = "training_data.jsonl"
	calm := *m
	calm.dir = t.TempDir()
	for _, name := range []string{"arena.yaml", "prompts.txt"} {
		text, err := os.ReadFile(filepath.Join(m.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		calm.write(name, string(text))
	}
	m.haste()
	calm.start("run").exits(0)
	got, err := os.ReadFile(filepath.Join(m.dir, export))
	want, err2 := os.ReadFile(filepath.Join(calm.dir, export))
	if err != nil || err2 != nil || len(want) == 0 || !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes, %v; want the %d, %v, of an arena in a file", export, len(got), err, len(want), err2)
	}
}

// TestPGWatchServerAway kills the server under `status --watch` of a run: it says so once, looks again until it is back, and says that.
func TestPGWatchServerAway(t *testing.T) {
	t.Parallel()
	m := newOutage(t, fakellm.Options{Latency: fakellm.Latency{Mean: time.Hour}})
	m.run()
	asked(t, m.llm, "calls in flight", func(s fakellm.Stats) bool { return s.InFlight > 0 })
	watch := m.start("status", "--watch", "--db", m.url)
	says := func(what string) {
		t.Helper()
		until(t, "status --watch says "+what, func() (bool, string) {
			text := watch.said.String()
			return strings.Contains(text, what), text
		})
	}
	says("1 worker")
	m.server.Kill(t)
	says("the database is away: ")
	m.server.Restart(t)
	says("the database is back")
	watch.signal(syscall.SIGINT)
	text := watch.exits(0)
	discreet(t, text)
	if n := strings.Count(text, " is away: "); n != 1 {
		t.Errorf("it says %d times that the server is away; want once:\n%s", n, text)
	}
}
