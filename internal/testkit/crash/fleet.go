//go:build unix

package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"openarena/internal/testkit/fakellm"
)

// Database is a PostgreSQL that can be killed.
type Database interface {
	Schema(name string) string // the URL of a schema
	KillNow() error            // all its processes at once
	StartAgain() error         // returns when it answers
}

// FleetOptions say what to do to many machines at work on one arena.
type FleetOptions struct {
	Options // Kills: of processes and of the server; what is stopped, drained or added does not count

	Server Database
	Only   string // kind of trouble; "": one after the other
}

// kind is what may happen to an arena. Kinds are apart so that each can be held to what it may cost.
type kind struct {
	name     string
	troubles []trouble // chosen by lot
	budget   bool      // it ends before all is asked
}

var kinds = []kind{
	{name: "server", troubles: []trouble{killServer}},
	{name: "workers", troubles: []trouble{killWorker, killWorker, drainWorker, addWorker}},
	{name: "stalls", troubles: []trouble{stallWorker, killWorker, drainWorker}},
	{name: "run", troubles: []trouble{killRun, killWorker}}, // a run is given a minute before others take over
	{name: "budget", troubles: []trouble{killWorker, killRun, killServer, drainWorker}, budget: true},
	{name: "all", troubles: []trouble{killServer, killWorker, stallWorker, killRun, drainWorker, addWorker}},
}

const (
	troublesEach = 5 // of one arena
	crew         = 3 // workers that are always there
)

// fleetShape is large enough that a crew has some ten seconds of work.
var fleetShape = shape{name: "fleet", prompts: 90, protocol: "scores_verdict", samples: 1, pairs: "all",
	latency: fakellm.Latency{Mean: 150 * time.Millisecond, Sigma: 0.5}}

// RunFleet drives arenas to their ends while workers, the runs that publish them and the server are killed, until there were
// Options.Kills of them or Options.For is over. What is left is held against one undisturbed run on one machine with a file.
func RunFleet(ctx context.Context, o FleetOptions) (*Report, error) {
	l := &loop{Options: o.Options, dice: rand.New(rand.NewPCG(o.Seed, 3)), report: newReport(), began: time.Now()}
	s, err := l.fleetStage(ctx)
	if err != nil {
		return l.report, err
	}
	defer s.server.Close()
	for n := 0; l.report.Kills < o.Kills && (n == 0 || o.For == 0 || time.Since(l.began) < o.For); n++ {
		k := kinds[n%len(kinds)]
		if o.Only != "" && k.name != o.Only {
			continue
		}
		if err := l.fleetArena(ctx, o.Server, s, k, n); err != nil {
			return l.report, fmt.Errorf("arena %d (%s): %w", n, k.name, err)
		}
		o.Logf("arena %d (%s): %d of %d kills, %s", n, k.name, l.report.Kills, o.Kills, time.Since(l.began).Round(time.Second))
	}
	return l.report, nil
}

// fleetStage is the model server, and what an undisturbed run with a file leaves.
func (l *loop) fleetStage(ctx context.Context) (*stage, error) {
	s := &stage{shape: fleetShape}
	s.server = fakellm.New(fakellm.Options{Seed: l.Seed, AnswerBytes: 600})
	if err := s.server.Start("127.0.0.1:0"); err != nil {
		return nil, err
	}
	a, err := l.newArena(s, "golden")
	if err != nil {
		return nil, err
	}
	for _, step := range a.story(true) {
		if _, err := a.finish(ctx, step); err != nil {
			return nil, fmt.Errorf("undisturbed run: %w", err)
		}
	}
	s.golden, err = a.results(ctx)
	s.server.SetLatency(s.shape.latency)
	return s, err
}

// fleetArena drives one arena to its end.
func (l *loop) fleetArena(ctx context.Context, db Database, golden *stage, k kind, n int) error {
	s := &stage{shape: golden.shape, server: golden.server, golden: golden.golden}
	s.shape.url = db.Schema(fmt.Sprintf("fleet_%d", n))
	if k.budget {
		s.shape.maxCalls = int(golden.golden.calls.Arrivals) * 6 / 10
	}
	a, err := l.newArena(s, fmt.Sprintf("fleet-%d", n))
	if err != nil {
		return err
	}
	l.report.Arenas++
	f := &fleet{arena: a, db: db, kind: k, taken: takeovers{url: s.shape.url}}
	defer f.end()
	working, stop := context.WithCancel(ctx)
	defer f.taken.wg.Wait()
	defer stop()
	if err := f.work(working); err != nil {
		return err
	}
	stop()
	f.taken.wg.Wait()
	l.report.takeovers = append(l.report.takeovers, f.taken.waits...)
	return f.judge(ctx)
}

// fleet is an arena with many processes at work on it.
type fleet struct {
	*arena
	db   Database
	kind kind

	run     *member   // the one that publishes, works, and exports at the end
	workers []*member // that are alive, as far as is known
	born    int

	taken  takeovers
	voids  int // process kills, each of which may void what was under way in it
	stalls int
	again  int // calls asked again after their commit
}

// work lets the crew work until the run has come to its end, under so much trouble.
func (f *fleet) work(ctx context.Context) error {
	if err := f.startRun(); err != nil {
		return err
	}
	// Workers before the first commit wait for what is to be done.
	for range crew {
		if err := f.hire(ctx); err != nil {
			return err
		}
	}
	for left := troublesEach; left > 0; left-- {
		if over, err := f.wait(ctx, 500*time.Millisecond+time.Duration(f.loop.dice.Int64N(int64(1500*time.Millisecond)))); err != nil || over {
			return err
		}
		t := f.kind.troubles[f.loop.dice.IntN(len(f.kind.troubles))]
		if err := t.do(f, ctx); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		f.loop.Logf("  %s: %s", f.kind.name, t.name)
		if err := f.note(ctx); err != nil {
			return err
		}
		if err := f.muster(ctx); err != nil {
			return err
		}
	}
	for began := time.Now(); time.Since(began) < fleetPatience; {
		if over, err := f.wait(ctx, time.Second); err != nil || over {
			return err
		}
		if err := f.muster(ctx); err != nil {
			return err
		}
	}
	state, err := f.read(ctx, "status")
	return errors.Join(fmt.Errorf("%s has not ended after %s\n%s\n%s", f.run.name, fleetPatience, f.run.words(), state), err)
}

// fleetPatience is for what is left to do when all trouble is over, a takeover included.
const fleetPatience = 4 * time.Minute

// wait lets time pass, unless the run ends before. A run that ends with failures is followed by another.
func (f *fleet) wait(ctx context.Context, d time.Duration) (over bool, err error) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-f.run.ended:
	}
	switch code := f.run.code(); {
	case code == 0, code == exitBudget && f.kind.budget:
		return true, nil
	case code == exitSomeFailed:
		return false, f.startRun()
	default:
		return false, fmt.Errorf("the run ended with exit code %d\n%s", code, f.run.words())
	}
}

// muster replaces workers that have ended, which they may only when told to.
func (f *fleet) muster(ctx context.Context) error {
	var alive []*member
	for _, w := range f.workers {
		switch {
		case !w.over():
			alive = append(alive, w)
		case !w.told && !(f.kind.budget && w.code() == exitBudget):
			return fmt.Errorf("%s ended by itself, with exit code %d\n%s", w.name, w.code(), w.words())
		}
	}
	f.workers = alive
	for len(f.workers) < crew {
		if err := f.hire(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *fleet) path(name string) string { return filepath.Join(f.dir, name) }

// end kills whatever is left.
func (f *fleet) end() {
	for _, m := range append(f.workers, f.run) {
		if m != nil {
			m.kill()
		}
	}
}
