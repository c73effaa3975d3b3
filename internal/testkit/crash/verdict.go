//go:build unix

package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"openarena/internal/testkit/fakellm"
)

// note looks at what is committed now: it must stay, and must not be asked for again.
func (f *fleet) note(ctx context.Context) error {
	dump, err := f.read(ctx, "db", "dump")
	if err != nil {
		return err
	}
	found, err := texts(dump)
	if err != nil {
		return err
	}
	// Counted after the dump was taken, so that what arrived before its commit is not held against anyone.
	calls := f.stage.server.Stats(true).Calls
	for name, was := range f.settled {
		f.loop.report.check(i1, len(found[name]) > 0, "%s: call %s was committed and is gone", f.dir, name)
		if more := calls[name].Arrivals - was; more > 0 {
			f.again += more
			f.settled[name] = calls[name].Arrivals
		}
	}
	for name, stored := range found {
		intact := slices.ContainsFunc(stored, func(text string) bool { return fakellm.Checksum(text) == calls[name].Checksum })
		f.loop.report.check(i9, intact, "%s: the text of call %s is not what the server sent", f.dir, name)
		if _, ok := f.settled[name]; !ok {
			f.settled[name] = calls[name].Arrivals
		}
	}
	return nil
}

// judge holds what the crew has left against the undisturbed run.
func (f *fleet) judge(ctx context.Context) error {
	if err := f.dismiss(ctx); err != nil {
		return err
	}
	if err := f.stage.server.WaitIdle(ctx); err != nil {
		return err
	}
	if err := f.note(ctx); err != nil {
		return err
	}
	calls := f.stage.server.Stats(true)
	f.checkCost(calls)
	if f.kind.budget {
		f.loop.report.check(i10, calls.Arrivals <= int64(f.stage.shape.maxCalls), "%s: %d calls arrived; the budget is %d", f.dir, calls.Arrivals, f.stage.shape.maxCalls)
		return nil
	}
	return f.compareFleet(ctx, calls)
}

// dismiss tells all workers to end, as a batch system does.
func (f *fleet) dismiss(ctx context.Context) error {
	for _, w := range f.workers {
		w.told = true
		w.signal(syscall.SIGTERM)
	}
	for _, w := range f.workers {
		select {
		case <-w.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// checkCost bounds what was asked more than once: nothing where only the server was killed; what was under way in a process
// that was killed; and where one stood still for long, what others then asked in its place.
func (f *fleet) checkCost(calls fakellm.Stats) {
	repeats := 0
	for _, c := range calls.Calls {
		repeats += c.Arrivals - 1
	}
	most := (f.voids + 2*f.stalls) * voidPerKill
	f.loop.report.repeats = append(f.loop.report.repeats, repeats)
	f.loop.report.check(i2, repeats <= most, "%s: %d calls were asked again; %d kills and %d stalls of workers may cost %d", f.dir, repeats, f.voids, f.stalls, most)
	f.loop.report.check(i2, f.again <= 2*f.stalls*voidPerKill, "%s: %d calls were asked again after their commit, with %d stalls", f.dir, f.again, f.stalls)
}

// compareFleet is I4: the same bytes as from one machine with a file. What was paid twice is booked twice.
func (f *fleet) compareFleet(ctx context.Context, calls fakellm.Stats) error {
	got, err := f.fleetResults(ctx)
	if err != nil {
		return err
	}
	want, r := f.stage.golden, f.loop.report
	g, w := got.dump, want.dump
	if f.stalls > 0 {
		g, w = withoutTotals(g), withoutTotals(w)
	}
	r.check(i4, bytes.Equal(g, w), "%s: the dump differs: %s", f.dir, difference(g, w))
	r.check(i4, bytes.Equal(got.ratings, want.ratings), "%s: the ratings differ: %s", f.dir, difference(got.ratings, want.ratings))
	for _, x := range exported {
		r.check(i4, bytes.Equal(got.exports[x], want.exports[x]), "%s: %s differs: %s", f.dir, x.name(), difference(got.exports[x], want.exports[x]))
	}
	got.calls = calls
	f.checkOnce(got)
	f.checkBooks(got)
	return nil
}

// checkBooks is I3 with many machines: what the database has booked is at least what is committed, and at most what was served.
func (f *fleet) checkBooks(got results) {
	var least fakellm.Sum
	for name := range f.settled {
		least.Input += got.calls.Calls[name].Input
		least.Output += got.calls.Calls[name].Output
	}
	most, booked := least, got.status.Tokens
	if f.stalls > 0 {
		most = got.calls.Sum
	}
	f.loop.report.check(i3, least.Input <= booked.Input && booked.Input <= most.Input && least.Output <= booked.Output && booked.Output <= most.Output,
		"%s: status shows %d + %d tokens; committed are %d + %d, served %d + %d", f.dir, booked.Input, booked.Output,
		least.Input, least.Output, got.calls.Input, got.calls.Output)
}

// fleetResults are those of commands on yet another machine, which has the arena's file.
func (f *fleet) fleetResults(ctx context.Context) (r results, err error) {
	for _, one := range []struct {
		into *[]byte
		args []string
	}{{&r.dump, []string{"db", "dump"}}, {&r.ratings, []string{"rate", "--json"}}} {
		if *one.into, err = f.read(ctx, one.args...); err != nil {
			return r, err
		}
	}
	state, err := f.read(ctx, "status", "--json")
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(state, &r.status); err != nil {
		return r, fmt.Errorf("status --json: %w", err)
	}
	r.exports = map[file][]byte{}
	for _, x := range exported {
		if !slices.Contains(byRun, x) { // those the run has written
			if _, err := f.read(ctx, "export", "--type", x.kind, "--format", x.format, "-o", x.name()); err != nil {
				return r, err
			}
		}
		if r.exports[x], err = os.ReadFile(filepath.Join(f.dir, x.name())); err != nil {
			return r, err
		}
	}
	return r, nil
}
