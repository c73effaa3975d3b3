package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/fakeollama"
	"openarena/internal/testkit/vendors"
)

// patience is how long a script waits for something that must happen, on however slow a machine.
const patience = 5 * time.Minute

type serversKey struct{}

// servers are the fake model servers of one script, by the variable that holds their address.
type servers struct {
	env    *testscript.Env
	byName map[string]*modelServer
}

// modelServer is a fake server that can be waited for.
type modelServer struct {
	*fakellm.Server
	mu       sync.Mutex
	arrivals int64
	changed  chan struct{} // closed and made anew at each arrival
}

func newServers(env *testscript.Env) *servers {
	return &servers{env: env, byName: map[string]*modelServer{}}
}

// start runs a server until the script ends, and sets the variable to its address.
func (s *servers) start(variable string, args []string, set func(key, value string)) error {
	m := &modelServer{changed: make(chan struct{})}
	o := fakellm.Options{AnswerBytes: 120, OnArrive: m.arrive}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	models := flags.String("models", "", "")
	flags.DurationVar(&o.Latency.Mean, "latency", 0, "")
	flags.StringVar(&o.Key, "key", "", "")
	flags.IntVar(&o.MaxChars, "max-chars", 0, "")
	flags.BoolVar(&o.NoSchema, "no-schema", false, "")
	flags.BoolVar(&o.NoLogprobs, "no-logprobs", false, "")
	flags.BoolVar(&o.RefuseLogprobs, "refuse-logprobs", false, "")
	flags.BoolVar(&o.NoObject, "no-object", false, "")
	flags.StringVar(&o.BrokenModel, "broken", "", "")
	flags.BoolVar(&o.Renames, "renames", false, "")
	flags.BoolVar(&o.NoStream, "no-stream", false, "")
	flags.StringVar(&o.As, "as", "", "")
	unknown := flags.String("unknown", "", "")
	vendor := flags.String("vendor", "", "")
	ollama := flags.Bool("ollama", false, "")
	registry := flags.String("registry", "", "")
	size := flags.Int("context", 0, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *models != "" {
		o.Models = strings.Split(*models, ",")
	}
	if *unknown != "" {
		o.Unknown = strings.Split(*unknown, ",")
	}
	m.Server = fakellm.New(o)
	if *ollama {
		front := fakeollama.New(fakeollama.Options{Models: o.Models, Registry: strings.Split(*registry, ","), Context: *size, LLM: fakellm.Options{AnswerBytes: 120, OnArrive: m.arrive}})
		server := httptest.NewServer(front)
		s.env.Defer(server.Close)
		m.Server = front.LLM()
		s.byName[variable] = m
		set(variable, server.URL)
		return nil
	}
	if *vendor != "" {
		front := vendors.New(*vendor, &vendors.Server{Model: m.Server, Key: scriptKey})
		server := httptest.NewServer(front)
		s.env.Defer(server.Close)
		s.byName[variable] = m
		set(variable, server.URL)
		return nil
	}
	if err := m.Start("127.0.0.1:0"); err != nil {
		return err
	}
	s.env.Defer(func() { _ = m.Close() }) // the script is over; nobody is left to be told
	s.byName[variable] = m
	set(variable, m.URL())
	return nil
}

func (m *modelServer) arrive(int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.arrivals++
	close(m.changed)
	m.changed = make(chan struct{})
}

// waitArrivals blocks until n requests have been read since the last reset.
func (m *modelServer) waitArrivals(ctx context.Context, n int64) error {
	for {
		m.mu.Lock()
		enough, changed := m.arrivals >= n, m.changed
		m.mu.Unlock()
		if enough {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// serve NAME [-latency D] [-key K] [-max-chars N] [-no-schema] [-no-object] [-no-logprobs] [-refuse-logprobs] [-broken MODEL]
// [-models A,B] [-renames] [-no-stream] [-unknown FIELD,FIELD] [-as NAME] [-vendor anthropic|gemini|azure] starts one more server.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serve NAME [flags]")
	}
	ts.Check(all(ts).start(args[0], args[1:], ts.Setenv))
}

// faults [NAME] JSON changes the faults of the calls to come.
func faults(ts *testscript.TestScript, neg bool, args []string) {
	m, args := chosen(ts, args, 1)
	var f fakellm.Faults
	ts.Check(json.Unmarshal([]byte(args[0]), &f))
	m.SetFaults(f)
}

// latency [NAME] DURATION changes that of the calls to come.
func latency(ts *testscript.TestScript, neg bool, args []string) {
	m, args := chosen(ts, args, 1)
	mean, err := time.ParseDuration(args[0])
	ts.Check(err)
	m.SetLatency(fakellm.Latency{Mean: mean})
}

// served [NAME] [-model MODEL] N [M] demands that N, or N to M, calls have arrived since the last reset, all faults and
// repetitions included. A model's name narrows it to that model.
func served(ts *testscript.TestScript, neg bool, args []string) {
	m := all(ts).byName["URL"]
	if len(args) > 0 {
		if named := all(ts).byName[args[0]]; named != nil {
			m, args = named, args[1:]
		}
	}
	stats := m.Stats(false)
	n, what := stats.Arrivals, "calls"
	if len(args) > 1 && args[0] == "-model" {
		n, what = stats.Models[args[1]].Arrivals, "calls of "+args[1]
		args = args[2:]
	}
	low, high := bounds(ts, args)
	if neg || n < low || n > high {
		ts.Fatalf("the server counts %d %s; want %d to %d (by model: %+v)", n, what, low, high, stats.Models)
	}
}

// reset [NAME] starts counting anew.
func reset(ts *testscript.TestScript, neg bool, args []string) {
	m, _ := chosen(ts, args, 0)
	m.mu.Lock()
	m.arrivals = 0
	m.mu.Unlock()
	m.Reset()
}

// arrived [NAME] N waits until N calls are there, answered or not.
func arrived(ts *testscript.TestScript, neg bool, args []string) {
	await(ts, args, (*modelServer).waitArrivals)
}

// replied [NAME] N waits until N whole answers were sent.
func replied(ts *testscript.TestScript, neg bool, args []string) {
	await(ts, args, func(m *modelServer, ctx context.Context, n int64) error { return m.WaitReplies(ctx, n) })
}

func await(ts *testscript.TestScript, args []string, wait func(*modelServer, context.Context, int64) error) {
	m, args := chosen(ts, args, 1)
	n, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := wait(m, ctx, n); err != nil {
		ts.Fatalf("waiting for %d: %v; the server counts %+v", n, err, m.Stats(false))
	}
}

func all(ts *testscript.TestScript) *servers { return ts.Value(serversKey{}).(*servers) }

// chosen takes the server's name from the arguments, where there are more than n; else it is that of $URL.
func chosen(ts *testscript.TestScript, args []string, n int) (*modelServer, []string) {
	name := "URL"
	if len(args) > n {
		name, args = args[0], args[1:]
	}
	m := all(ts).byName[name]
	if m == nil || len(args) != n {
		ts.Fatalf("want [SERVER] and %d more arguments, got %q; there is no server %q, or the count is wrong", n, args, name)
	}
	return m, args
}

// bounds reads N [M]; without M both are N.
func bounds(ts *testscript.TestScript, args []string) (low, high int64) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("want N or N M, got %q", args)
	}
	var both [2]int64
	for i := range both {
		_, err := fmt.Sscan(args[min(i, len(args)-1)], &both[i])
		ts.Check(err)
	}
	return both[0], both[1]
}
