// Package crash kills the real program with SIGKILL, again and again, and proves that nothing is lost, paid twice or
// changed by it.
//
// A model server that outlives its client counts every call on its side. Arena after arena is driven to its end through
// many lives; each life may be killed at a random time, while prompts and answers are read, when a request arrives, between
// a reply and its commit, or while an export is being written. After every kill the database is dumped and held against what
// the server counted; at the end of an arena its dump, ratings, exports and tokens are held against those of a run that nobody
// disturbed.
//
// The program has no failpoints and no test build: what is killed is what users run.
package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"openarena/internal/testkit/fakellm"
)

// Options say what to kill and how often.
type Options struct {
	Binary string        // the openarena program
	Dir    string        // scratch; arenas and databases are left in it
	Kills  int           // kills to survive
	For    time.Duration // after which no arena is begun; 0: for ever
	Seed   uint64        // of shapes, moments and faults; timing of the machine adds to it
	Logf   func(format string, args ...any)
}

// Run drives arenas through kills until there were Options.Kills of them, or Options.For is over. Violations are in the report;
// the error is for what kept the loop from going on, such as a program that does not finish.
func Run(ctx context.Context, o Options) (*Report, error) {
	l := &loop{Options: o, dice: rand.New(rand.NewPCG(o.Seed, 1)), report: newReport(), began: time.Now()}
	defer l.close()
	for n := 0; l.report.Kills < o.Kills && (n == 0 || o.For == 0 || time.Since(l.began) < o.For); n++ {
		if err := l.arena(ctx, n); err != nil {
			return l.report, fmt.Errorf("arena %d (%s): %w", n, shapes[n%len(shapes)].name, err)
		}
		o.Logf("arena %d (%s): %d of %d kills, %s", n, shapes[n%len(shapes)].name, l.report.Kills, o.Kills,
			time.Since(l.began).Round(time.Second))
	}
	return l.report, nil
}

type loop struct {
	Options
	dice   *rand.Rand
	report *Report
	stages [len(shapes)]*stage // one per shape, made when first needed
	began  time.Time
}

// stage is a server and what an undisturbed run against it leaves behind. All arenas of one shape share both: the server's
// address is then the same, and only the kills differ.
type stage struct {
	shape  shape
	server *fakellm.Server
	events events
	golden results
}

func (l *loop) stage(ctx context.Context, i int) (*stage, error) {
	if l.stages[i] != nil {
		return l.stages[i], nil
	}
	s := &stage{shape: shapes[i]}
	s.server = fakellm.New(fakellm.Options{
		Seed: l.Seed, AnswerBytes: 600, Latency: s.shape.latency, Faults: s.shape.faults, NoSchema: s.shape.noSchema,
		OnArrive: s.events.onArrive, OnReplied: s.events.onReplied,
	})
	if err := s.server.Start("127.0.0.1:0"); err != nil {
		return nil, err
	}
	l.stages[i] = s
	a, err := l.newArena(s, fmt.Sprintf("golden-%d", i))
	if err != nil {
		return nil, err
	}
	for _, step := range a.story(false) {
		if err := a.turn(step); err != nil {
			return nil, err
		}
		if _, err := a.finish(ctx, step); err != nil {
			return nil, fmt.Errorf("undisturbed run: %w", err)
		}
	}
	s.golden, err = a.results(ctx)
	if err != nil {
		return nil, fmt.Errorf("undisturbed run: %w", err)
	}
	if n := s.golden.status.Judge.Invalid; n > 0 && s.shape.faults.BadVerdict == 0 {
		return nil, fmt.Errorf("undisturbed run: %d verdicts of the fake judge were not understood, so that little is tested", n)
	}
	a.checkTokens(s.golden)
	return s, nil
}

func (l *loop) close() {
	for _, s := range l.stages {
		if s != nil {
			_ = s.server.Close() // a test server with nothing left to say
		}
	}
}

// newArena writes the files of one arena and starts the server's counts anew.
func (l *loop) newArena(s *stage, name string) (*arena, error) {
	dir := filepath.Join(l.Dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := s.shape.write(dir, s.server.URL()); err != nil {
		return nil, err
	}
	s.server.Reset()
	return &arena{stage: s, loop: l, dir: dir, settled: map[string]int{}}, nil
}

// arena drives one arena to its end through kills and compares what is left.
func (l *loop) arena(ctx context.Context, n int) error {
	s, err := l.stage(ctx, n%len(shapes))
	if err != nil {
		return err
	}
	a, err := l.newArena(s, fmt.Sprintf("arena-%d", n))
	if err != nil {
		return err
	}
	l.report.Arenas++
	// Neighbours differ, and so do the arenas of one shape.
	for _, step := range a.story((n+n/len(shapes))%2 == 0) {
		if err := a.turn(step); err != nil {
			return err
		}
		for range step.kills {
			if l.report.Kills >= l.Kills {
				break
			}
			finished, err := a.disturb(ctx, step)
			if err != nil {
				return err
			}
			if finished {
				break
			}
		}
		if _, err := a.finish(ctx, step); err != nil {
			return err
		}
	}
	if err := a.compare(ctx); err != nil || !s.shape.care {
		return err
	}
	return a.care(ctx)
}
