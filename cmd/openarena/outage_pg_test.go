//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
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

// silent demands that nothing of what processes said is the password.
func discreet(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(text, pgtest.Password) {
			t.Errorf("the password is in:\n%s", text)
		}
	}
}

// concurrency is that of manyEndpoint.
const manyAtOnce = 4

// TestPGServerStaysAway kills the server under a run and a worker, for longer than they wait: they stop calling, say so once, and end
// with 14 and a rescue file each. Merged, nothing is missing and nothing asked twice, and the exports are those of an arena in a file that
// nothing happened to.
func TestPGServerStaysAway(t *testing.T) {
	t.Parallel()
	m := newOutage(t, fakellm.Options{})
	own := model(t, fakellm.Options{Latency: fakellm.Latency{Mean: 200 * time.Millisecond}})
	times := []string{"--slice", "1s", "--rescue", "2s", "--store-timeout", "2s"}
	run, worker := m.both(own, times, times)
	m.llm.SetLatency(fakellm.Latency{Mean: 200 * time.Millisecond})
	servers := []*fakellm.Server{m.llm, own}
	for _, s := range servers {
		asked(t, s, "calls in flight, and a reply", func(s fakellm.Stats) bool { return s.Replies > 0 && s.InFlight > 1 })
	}
	m.server.Kill(t)
	before := []int64{arrivals(m.llm), arrivals(own)}
	for i, p := range []*process{run, worker} {
		text := p.exits(exitUnwritable)
		if n := arrivals(servers[i]) - before[i]; n > 2*manyAtOnce {
			t.Errorf("%s: %d calls began after the server had gone; want %d at most", p.name, n, 2*manyAtOnce)
		}
		for _, says := range []string{" is away: ", "it is away since ", "`openarena merge openarena-rescue-"} {
			if strings.Count(text, says) != 1 {
				t.Errorf("%s says %d times %q; want once", p.name, strings.Count(text, says), says)
			}
		}
		discreet(t, text)
	}
	if n := arrivals(servers...); n >= manyCalls {
		t.Fatalf("all %d calls had been made when the server went: nothing is tested", n)
	}

	m.server.Restart(t)
	files, err := filepath.Glob(filepath.Join(m.dir, "openarena-rescue-*.db"))
	if err != nil || len(files) != 2 {
		t.Fatalf("rescue files %v, %v; want one of the run and one of the worker", files, err)
	}
	discreet(t, m.start("merge", files[0], files[1], "--to", m.url).exits(0))
	discreet(t, m.run("--rescue", "2s").exits(0))
	m.whole()
	if n := arrivals(servers...); n != manyCalls {
		t.Errorf("%d calls were made; want %d, each once", n, manyCalls)
	}
	m.sameExport(t)
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
