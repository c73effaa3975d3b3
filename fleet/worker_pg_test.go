//go:build unix

package fleet

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/pgtest"
	"openarena/pipeline"
	"openarena/store/postgres"
)

const workedArena = `default_endpoint: {url: "URL", concurrency: 16}
models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: J, model_id: j}]
datasets: [{path: prompts.jsonl}]
`

// site is a published arena, and the server of its models.
type site struct {
	url    string
	db     *postgres.DB
	fleet  *Fleet
	server *fakellm.Server
}

func newSite(t *testing.T, arena string, o fakellm.Options) *site {
	t.Helper()
	s := &site{url: pgtest.Start(t).URL(t), server: fakellm.New(o)}
	if err := s.server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.server.Close() })
	s.db, s.fleet, _ = publishKilled(t, s.url, strings.ReplaceAll(arena, "URL", s.server.URL()))
	return s
}

// worker is one that is ready to run.
func (s *site) worker(t *testing.T, id string) *Worker {
	return &Worker{
		Fleet: s.fleet, Store: s.db, ID: id, Host: "here", Command: "openarena worker", Generate: true, Judge: true,
		Slice: time.Second, Rescue: 10 * time.Second, StoreTimeout: time.Minute, Env: os.LookupEnv,
		Say: t.Logf, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
}

// TestPGBoard: when a worker ends that has done all, and while one works, the ratings that status shows are made anew, and not when
// they are of what the store holds.
func TestPGBoard(t *testing.T) {
	s, ctx := newSite(t, workedArena, fakellm.Options{}), t.Context()
	if err := s.fleet.KeepOverview(ctx, &pipeline.Overview{Prompts: 1}, "of nothing", time.Now()); err != nil {
		t.Fatal(err)
	}
	w := s.worker(t, "ends")
	w.Idle = time.Hour
	if _, err := w.Run(ctx, ctx); !errors.Is(err, ErrFinished) {
		t.Fatalf("Run = %v; want %v", err, ErrFinished)
	}
	o, made, err := s.fleet.Overview(ctx)
	if err != nil || o.Board == nil || o.Board.Battles != 400 {
		t.Fatalf("Overview = %+v, %v after the work; want 400 battles", o, err)
	}
	if _, err := s.fleet.pool.Exec(ctx, s.fleet.sql(`WITH free AS (UPDATE {schema}.oa_epoch SET making = NULL)
		UPDATE {schema}.oa_board SET mark = 'of another state', made = now() - interval '1 hour'`)); err != nil {
		t.Fatal(err)
	}
	working, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { _, err := s.worker(t, "stays").Run(ctx, working); ended <- err }()
	for again := made; !again.After(made); time.Sleep(5 * time.Millisecond) {
		if _, again, err = s.fleet.Overview(ctx); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	arena := pipeline.Arena{} // which could make none
	if err := s.fleet.renewAlone(ctx, &arena, s.db); err != nil {
		t.Errorf("of the same state: %v; want that nothing is made", err)
	}
}

// TestPGNextEpoch: a worker hears with a heartbeat that a new epoch has begun, and goes on in it.
func TestPGNextEpoch(t *testing.T) {
	s, ctx := newSite(t, workedArena, fakellm.Options{}), t.Context()
	w := s.worker(t, "stays")
	w.Rescue = time.Second
	working, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { _, err := w.Run(ctx, working); ended <- err }()
	s.meet(t, "work for the first epoch", func(m Member) bool { return m.Epoch == 1 })
	if err := s.fleet.Touch(ctx, "redo"); err != nil {
		t.Fatal(err)
	}
	s.meet(t, "work for the second epoch", func(m Member) bool { return m.Epoch == 2 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestPGPausedBefore: what was paused before a worker began is paused for it, until it hears otherwise.
func TestPGPausedBefore(t *testing.T) {
	s, ctx := newSite(t, workedArena, fakellm.Options{}), t.Context()
	if _, err := s.fleet.Give(ctx, "me@here", pipeline.Directive{Do: pipeline.DoPause}); err != nil {
		t.Fatal(err)
	}
	w := s.worker(t, "late")
	w.Rescue = time.Second
	working, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { _, err := w.Run(ctx, working); ended <- err }()
	s.meet(t, "be held", func(m Member) bool { return m.Info.Held })
	if n := s.server.Stats(false).Arrivals; n > 0 {
		t.Errorf("a paused worker has made %d calls", n)
	}
	if _, err := s.fleet.Give(ctx, "me@here", pipeline.Directive{Do: pipeline.DoResume}); err != nil {
		t.Fatal(err)
	}
	s.meet(t, "go on", func(m Member) bool { return !m.Info.Held && m.Info.Answers > 0 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// meet waits until the one worker tells what it is to, for no more than so many of its heartbeats.
func (s *site) meet(t *testing.T, what string, is func(Member) bool) {
	t.Helper()
	var last time.Time
	for beats := 0; beats < 60; time.Sleep(5 * time.Millisecond) {
		all, err := s.fleet.Members(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 0 {
			continue // it has not begun
		}
		if is(all[0]) {
			return
		}
		if all[0].Heartbeat.After(last) {
			last = all[0].Heartbeat
			beats++
		}
	}
	t.Fatalf("after 60 heartbeats the worker does not %s", what)
}

// TestPGSweepTells: parts of a worker that died are handed out anew, and status tells of it.
func TestPGSweepTells(t *testing.T) {
	s, ctx := newSite(t, workedArena, fakellm.Options{Latency: fakellm.Latency{Mean: time.Hour}}), t.Context()
	giveUp, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _, _ = s.worker(t, "dead").Run(giveUp, ctx) }()
	waitForCalls(t, s.server, 1)
	for {
		// As if its heartbeats had not come for long; they do come, so it is asked again.
		if _, err := s.fleet.pool.Exec(ctx, s.fleet.sql(`UPDATE {schema}.oa_worker SET expires = now() - interval '1 hour', suspected = now() - interval '1 hour'`)); err != nil {
			t.Fatal(err)
		}
		if dead, err := s.fleet.sweep(ctx); err != nil {
			t.Fatal(err)
		} else if len(dead) > 0 {
			break
		}
	}
	l, err := s.fleet.Look(ctx)
	if err != nil || l.Rescued == 0 {
		t.Errorf("Rescued = %+v, %v; want the parts that the dead one held", l, err)
	}
	stop()
	<-ended
}
