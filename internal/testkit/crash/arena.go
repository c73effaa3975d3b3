package crash

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"openarena/internal/testkit/fakellm"
)

// Exit codes of the program that the harness decides on.
const (
	exitSomeFailed = 3
	exitNoDatabase = 10

	exitInterrupted = 130
)

// arena is one arena on its way to the end.
type arena struct {
	stage   *stage
	loop    *loop
	dir     string
	settled map[string]int // committed calls, by name: how often each had arrived when it was first seen committed
	lost    int            // calls that kills made void so far, at most: in flight, or answered and not committed
	kills   int
	partial bool // a life ended by itself with failures, so that exports may lack what the next one adds
}

// disturb lives one life of a step under a random plan and checks what it left. finished: it came to its end unharmed.
func (a *arena) disturb(ctx context.Context, s step) (finished bool, err error) {
	before := a.stage.server.Stats(true)
	committed := len(a.settled)
	_, missing := os.Stat(filepath.Join(a.dir, database))
	long := a.stage.shape.padding > 0 && committed == 0 || s.edition != ""
	p := draw(a.loop.dice, s, missing != nil, long)
	l, err := a.live(ctx, s.args, &p)
	if err != nil {
		return false, err
	}
	if !l.killed {
		return l.code == 0, a.ended(l)
	}
	a.loop.report.kill(s.args[0], p.cause)
	if err := a.stage.server.WaitIdle(ctx); err != nil {
		return false, err
	}
	after := a.stage.server.Stats(true)
	if err := a.settle(ctx, after); err != nil {
		return false, err
	}
	a.checkRepeats(l, before, after)
	a.checkProgress(before, after, len(a.settled)-committed)
	a.checkFiles()
	return false, nil
}

// finish runs a step undisturbed until it has nothing left to do.
func (a *arena) finish(ctx context.Context, s step) (life, error) {
	const tries = 10 // calls that failed for a while are asked again by the next run
	for range tries {
		l, err := a.live(ctx, s.args, nil)
		if err != nil {
			return l, err
		}
		if err := a.ended(l); err != nil {
			return l, err
		}
		if l.code == 0 {
			return l, nil
		}
	}
	return life{}, fmt.Errorf("openarena %s: still failures after %d runs", s.args[0], tries)
}

// ended accepts the ends that a life may come to by itself.
func (a *arena) ended(l life) error {
	switch l.code {
	case 0:
		return nil
	case exitSomeFailed:
		a.partial = true
		return nil
	}
	return &codeError{l}
}

// settle dumps the database and holds it against the server's ledger: I1, I2 and I9. What is committed now is settled:
// it must stay, and must never be asked for again.
func (a *arena) settle(ctx context.Context, after fakellm.Stats) error {
	dump, err := a.read(ctx, "db", "dump")
	if code := (*codeError)(nil); errors.As(err, &code) && code.life.code == exitNoDatabase {
		a.loop.report.check(i1, len(a.settled) == 0, "%s: the database is gone with %d committed texts", a.dir, len(a.settled))
		return nil
	}
	if err != nil {
		return err
	}
	found, err := texts(dump)
	if err != nil {
		return err
	}
	for name := range a.settled {
		a.loop.report.check(i1, len(found[name]) > 0, "%s: call %s was committed and is gone", a.dir, name)
		a.loop.report.check(i2, after.Calls[name].Arrivals == a.settled[name],
			"%s: call %s was asked again after its commit (%d times, then %d)", a.dir, name, a.settled[name], after.Calls[name].Arrivals)
	}
	for name, stored := range found {
		call := after.Calls[name]
		intact := slices.ContainsFunc(stored, func(text string) bool { return fakellm.Checksum(text) == call.Checksum })
		a.loop.report.check(i9, intact, "%s: the text of call %s is not what the server sent", a.dir, name)
		if _, ok := a.settled[name]; !ok {
			a.settled[name] = call.Arrivals
		}
	}
	return nil
}

// voidPerKill is how many calls a kill may cost: those in flight, and those answered but not yet committed.
const voidPerKill = concurrency + 2*concurrency

// checkRepeats is the other half of I2: what a kill makes us pay again is bounded by what was under way.
func (a *arena) checkRepeats(l life, before, after fakellm.Stats) {
	lost := 0
	for name, call := range after.Calls {
		if _, ok := a.settled[name]; !ok {
			was := before.Calls[name]
			lost += call.Replies - was.Replies + call.Aborted - was.Aborted
		}
	}
	a.kills++
	a.lost += lost
	a.loop.report.repeats = append(a.loop.report.repeats, lost)
	a.loop.report.check(i2, lost <= voidPerKill, "%s: a kill of %s made %d calls void; at most %d may be", a.dir, l.name(), lost, voidPerKill)
}

// checkProgress is I5: a life that was given more replies than may be uncommitted has committed some.
func (a *arena) checkProgress(before, after fakellm.Stats, commits int) {
	replies := after.Replies - before.Replies
	if commits > 0 {
		a.loop.report.progress++
	}
	a.loop.report.check(i5, commits > 0 || replies <= 2*concurrency, "%s: a life got %d replies and committed none", a.dir, replies)
}

// checkFiles is I6: what lies at an export's path is what an undisturbed run writes there, or nothing.
func (a *arena) checkFiles() {
	for _, f := range exported {
		got, err := os.ReadFile(filepath.Join(a.dir, f.name()))
		if err != nil || a.partial {
			continue
		}
		want := a.stage.golden.exports[f]
		a.loop.report.check(i6, string(got) == string(want), "%s: %s has %d bytes; complete it has %d", a.dir, f.name(), len(got), len(want))
	}
}
