package crash

import (
	"bytes"
	"context"
)

// care takes a finished arena's judgments back, and has a contestant leave and come back, all of it under kills. Then the
// arena must be what it was: what redo took is asked again, and what prune took comes back.
func (a *arena) care(ctx context.Context) error {
	before := a.stage.server.Stats(true)
	// Redo is not finished after a kill: what it has taken back by then must be asked again all the same.
	if err := a.torment(ctx, step{args: []string{"redo", "--judge", "Judge"}, kills: 2}); err != nil {
		return err
	}
	if err := a.tormentAndFinish(ctx, step{args: []string{"run"}, kills: 2}); err != nil {
		return err
	}
	dump, err := a.read(ctx, "db", "dump")
	if err != nil {
		return err
	}
	asked := 0
	for name, call := range a.stage.server.Stats(true).Calls {
		if call.Arrivals > before.Calls[name].Arrivals {
			asked++
		}
	}
	// Each judgment here took one reply: with its verdict that makes two records.
	retired := bytes.Count(dump, []byte(`{"bucket":"retired"`))
	a.loop.report.check(i1, retired == 2*asked, "%s: redo has kept %d records of judgments and verdicts; %d were asked again", a.dir, retired, asked)

	without := a.stage.shape
	without.archive = 0
	if err := without.writeConfig(a.dir, a.stage.server.URL()); err != nil {
		return err
	}
	if err := a.tormentAndFinish(ctx, step{args: []string{"db", "prune", "--yes"}, kills: 2}); err != nil {
		return err
	}
	if err := a.stage.shape.writeConfig(a.dir, a.stage.server.URL()); err != nil {
		return err
	}
	if err := a.tormentAndFinish(ctx, step{args: []string{"run"}, kills: 2}); err != nil {
		return err
	}
	return a.compareCared(ctx)
}

// torment kills a step at random moments, as often as it may, or until it ends by itself.
func (a *arena) torment(ctx context.Context, s step) error {
	for range s.kills {
		if a.loop.report.Kills >= a.loop.Kills {
			return nil
		}
		p := draw(a.loop.dice, s, false, false)
		l, err := a.live(ctx, s.args, &p)
		if err != nil {
			return err
		}
		if !l.killed {
			return a.ended(l)
		}
		a.loop.report.kill(s.args[0], p.cause)
		if err := a.stage.server.WaitIdle(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *arena) tormentAndFinish(ctx context.Context, s step) error {
	if err := a.torment(ctx, s); err != nil {
		return err
	}
	_, err := a.finish(ctx, s)
	return err
}

// compareCared holds the arena against the undisturbed one once more: I4. The books know of the calls that were made again.
func (a *arena) compareCared(ctx context.Context) error {
	got, err := a.results(ctx)
	if err != nil {
		return err
	}
	want, r := a.stage.golden, a.loop.report
	g, w := withoutTotals(got.dump), withoutTotals(want.dump)
	r.check(i4, bytes.Equal(g, w), "%s: after redo and prune the dump differs: %s", a.dir, difference(g, w))
	r.check(i4, bytes.Equal(got.ratings, want.ratings), "%s: after redo and prune the ratings differ: %s",
		a.dir, difference(got.ratings, want.ratings))
	for _, f := range byRun {
		r.check(i4, bytes.Equal(got.exports[f], want.exports[f]), "%s: after redo and prune %s differs: %s",
			a.dir, f.name(), difference(got.exports[f], want.exports[f]))
	}
	return nil
}

// withoutTotals leaves out the lines of a dump that count what was paid.
func withoutTotals(dump []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(dump) {
		if !bytes.HasPrefix(line, []byte(`{"bucket":"totals"`)) {
			kept = append(kept, line...)
		}
	}
	return kept
}
