package fleet

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// crowd is how many are at work, this worker included. What each asks of the server gets rarer
// with it, so that all together ask no more than some hundred times a second.
type crowd int64

// living counts who is at work.
func (f *Fleet) living(ctx context.Context) (crowd, error) {
	var n crowd
	if err := f.pool.QueryRow(ctx, f.sql(`SELECT count(*) FROM {schema}.oa_worker WHERE expires > now()`)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count who is at work: %w", err)
	}
	return max(n, 1), nil
}

// spread is a time for each, so that all together come to so many a second.
func (c crowd) spread(aSecond int, least, most time.Duration) time.Duration {
	return min(max(time.Duration(c)*time.Second/time.Duration(aSecond), least), most)
}

// poll is how often a queue is looked into without being told: a part that was put back for others is announced by nobody.
func (c crowd) poll() time.Duration { return c.spread(100, time.Second, 10*time.Second) }

// beat is how often a worker is heard of.
func (c crowd) beat() time.Duration { return c.spread(100, 3*time.Second, 10*time.Second) }

// hear is how often a worker asks for limits, rests and budget of all.
func (c crowd) hear() time.Duration { return c.spread(100, time.Second, 10*time.Second) }

// report is how often a worker tells what it has spent, where nothing depends on it: all change the same rows.
func (c crowd) report() time.Duration { return c.spread(4, 5*time.Second, 5*time.Minute) }

// tell is how often a worker tells how far the parts at work are.
func (c crowd) tell() time.Duration { return c.spread(10, 0, 5*time.Minute) }

// count is how often a worker sums up how far the arena is, which takes a walk over all parts.
func (c crowd) count() time.Duration { return c.spread(2, 0, 10*time.Minute) }

// candidates are as many as suffice for one to lead whoever dies. All elect on one row, so that hundreds wait for each other.
const candidates = 16

// stands reports whether a worker is to stand for election: all of a few, and some of many, by lot.
func (c crowd) stands() bool { return rand.Int64N(int64(c)) < candidates }

// jittered is a time, more or less.
func jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64()))
}
