//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/internal/secret"
	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
	"openarena/store/postgres"
)

// many is an arena in PostgreSQL, in a folder of its own, on which real processes work.
type many struct {
	t   *testing.T
	dir string
	url string
	llm *fakellm.Server // of the endpoint named main
}

// Two models answer 24 prompts, and a judge sees each pair twice.
const (
	manyPrompts = 24
	manyCalls   = 4 * manyPrompts
	manyArena   = `models: [{name: Alpha, model_id: alpha, endpoint: main}, {name: Beta, model_id: beta, endpoint: main}]
judge_model: {name: Judge, model_id: judge, endpoint: main}
datasets: [{path: prompts.txt}]
`
	manyEndpoint = `endpoints: {main: {url: "%s", concurrency: 4}}` + "\n"
)

func newMany(t *testing.T, o fakellm.Options) *many {
	t.Helper()
	return newManyAt(t, pgtest.Start(t).URL(t), o)
}

func newManyAt(t *testing.T, url string, o fakellm.Options) *many {
	t.Helper()
	m := &many{t: t, dir: t.TempDir(), url: url, llm: model(t, o)}
	var prompts strings.Builder
	for i := range manyPrompts {
		fmt.Fprintf(&prompts, "p%02d\n", i)
	}
	m.write("prompts.txt", prompts.String())
	m.write("arena.yaml", fmt.Sprintf(manyEndpoint, m.llm.URL())+manyArena)
	return m
}

// model starts a model server.
func model(t *testing.T, o fakellm.Options) *fakellm.Server {
	t.Helper()
	o.AnswerBytes = 120
	s := fakellm.New(o)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (m *many) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// process is a command that is running.
type process struct {
	*many
	name  string
	cmd   *exec.Cmd
	said  said
	ended chan struct{}
}

// said is what a process writes, which may be read meanwhile.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// start starts openarena with NAME=VALUE… in its environment, before its arguments.
func (m *many) start(args ...string) *process {
	m.t.Helper()
	p := &process{many: m, ended: make(chan struct{})}
	first := slices.IndexFunc(args, func(s string) bool { return !strings.Contains(s, "=") })
	p.name = strings.Join(args[first:], " ")
	p.cmd = exec.Command("openarena", args[first:]...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = m.dir, &p.said, &p.said
	p.cmd.Env = slices.Concat(os.Environ(), []string{"OPENARENA_STORE=" + m.url, "GORACE=atexit_sleep_ms=0"}, args[:first])
	if err := p.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	m.t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
		if m.t.Failed() && !strings.HasPrefix(p.name, "status") {
			m.t.Logf("openarena %s (%v) said:\n%s", p.name, p.cmd.ProcessState, p.said.String())
		}
	})
	return p
}

// worker starts one that lets others have their turn, and takes others for dead, within seconds.
func (m *many) worker(args ...string) *process {
	m.t.Helper()
	return m.command(args, "worker", "--slice", "1s")
}

func (m *many) run(args ...string) *process {
	m.t.Helper()
	return m.command(args, "run", "--db", m.url)
}

// command starts a command with what of args is for its environment, and with the flags behind that.
func (m *many) command(args []string, command ...string) *process {
	m.t.Helper()
	first := slices.IndexFunc(args, func(s string) bool { return strings.HasPrefix(s, "-") })
	if first < 0 {
		first = len(args)
	}
	return m.start(slices.Concat(args[:first], command, args[first:])...)
}

// joined starts a run and a worker that calls another server, and returns when both are calling. The run is slow
// until haste.
func (m *many) joined(own *fakellm.Server, args ...string) (run, worker *process) {
	m.t.Helper()
	return m.both(own, nil, args)
}

// both is joined with flags for the run, too.
func (m *many) both(own *fakellm.Server, ofRun, ofWorker []string) (run, worker *process) {
	m.t.Helper()
	m.llm.SetLatency(fakellm.Latency{Mean: 3 * time.Second})
	run = m.run(ofRun...)
	asked(m.t, m.llm, "a call of the run", func(s fakellm.Stats) bool { return s.Arrivals > 0 })
	worker = m.worker(append(ofWorker, "--endpoint", "main="+own.URL())...)
	asked(m.t, own, "a call of the worker", func(s fakellm.Stats) bool { return s.Arrivals > 0 })
	return run, worker
}

// haste has the calls to come answered at once.
func (m *many) haste() { m.llm.SetLatency(fakellm.Latency{}) }

// exits waits for the end of a process, and demands its exit code.
func (p *process) exits(code int) string {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience / 2):
		p.cmd.Process.Signal(syscall.SIGQUIT)
		p.t.Fatalf("openarena %s: still at work", p.name)
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("openarena %s = %v; want exit code %d", p.name, p.cmd.ProcessState, code)
	}
	return p.said.String()
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// asked waits until a server has counted enough.
func asked(t *testing.T, s *fakellm.Server, what string, enough func(fakellm.Stats) bool) {
	t.Helper()
	until(t, what, func() (bool, string) {
		stats := s.Stats(false)
		return enough(stats), fmt.Sprintf("%+v", stats)
	})
}

// until waits until something is so.
func until(t *testing.T, what string, is func() (bool, string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience/2)
	defer cancel()
	for {
		ok, seen := is()
		if ok {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("never seen: %s; at last %s", what, seen)
		}
	}
}

// whole demands that all that is wanted is stored.
func (m *many) whole() {
	m.t.Helper()
	db, err := postgres.Open(m.t.Context(), secret.New(m.url), postgres.Options{ReadOnly: true})
	if err != nil {
		m.t.Fatal(err)
	}
	defer db.Close()
	n := 0
	for _, bucket := range []store.Bucket{store.Answers, store.Judgments} {
		for _, err := range db.Scan(m.t.Context(), bucket, store.Range{}, store.KeyOnly) {
			if err != nil {
				m.t.Fatal(err)
			}
			n++
		}
	}
	if n != manyCalls {
		m.t.Errorf("%d answers and judgments are stored; want %d", n, manyCalls)
	}
}

// crewOf is what status tells of those at work.
func (m *many) crewOf() (c crew) {
	m.t.Helper()
	text := m.start("status", "--json", "--db", m.url).exits(0)
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		m.t.Fatalf("status --json: %v\n%s", err, text)
	}
	return c
}

// arrivals adds up the calls that servers had.
func arrivals(servers ...*fakellm.Server) (n int64) {
	for _, s := range servers {
		n += s.Stats(false).Arrivals
	}
	return n
}

// sql runs a statement in which @ stands for the schema.
func (m *many) sql(text string) {
	m.t.Helper()
	_, schema := m.without()
	conn, err := pgx.Connect(m.t.Context(), m.url)
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close(m.t.Context())
	if _, err := conn.Exec(m.t.Context(), strings.ReplaceAll(text, "@", schema)); err != nil {
		m.t.Fatal(err)
	}
}

// without is the URL of the arena with another schema.
func (m *many) without() (address, schema string) {
	u, err := url.Parse(m.url)
	if err != nil {
		m.t.Fatal(err)
	}
	q := u.Query()
	schema = q.Get("search_path")
	q.Set("search_path", "no_such_arena")
	u.RawQuery = q.Encode()
	return u.String(), schema
}
