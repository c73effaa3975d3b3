package fleet

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// hands are the jobs that a session holds. What the server says it holds beside them are orphans: jobs of which the server noted that
// they were handed out or gone back to it just as it went away, and nobody heard. River would find them by how long a job may take.
type hands struct {
	mu   sync.Mutex
	jobs map[int64]time.Time // when they ended; zero: they have not
}

// writing is for how long at most River tries to write down how a job ended: three times 10 seconds, and its pauses.
const writing = 35 * time.Second

// hold has a job be in hand until the function that it returns is called, and while River may still write down how it ended.
func (h *hands) hold(id int64) (end func()) {
	h.set(id, time.Time{})
	return func() { h.set(id, time.Now()) }
}

func (h *hands) set(id int64, ended time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.jobs == nil {
		h.jobs = map[int64]time.Time{}
	}
	h.jobs[id] = ended
}

// held are the jobs in hand.
func (h *hands) held(now time.Time) []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.jobs, func(_ int64, ended time.Time) bool { return !ended.IsZero() && now.Sub(ended) > writing })
	return slices.AppendSeq(make([]int64, 0, len(h.jobs)), maps.Keys(h.jobs))
}

// disown hands out anew what the server takes for held by a worker that does not hold it. What was handed out within suspicion may
// still be on its way.
func (f *Fleet) disown(ctx context.Context, worker string, held []int64) (orphans int, err error) {
	err = f.pool.QueryRow(ctx, f.sql(`WITH orphan AS (UPDATE {schema}.river_job SET state = 'available', scheduled_at = now(), attempt = greatest(attempt - 1, 0)
		WHERE kind = 'part' AND state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1 AND attempted_at < now() - $2 * interval '1 microsecond'
			AND id <> ALL($3) RETURNING args), free AS (UPDATE {schema}.oa_part p SET worker = NULL FROM orphan
		WHERE p.worker = $1 AND p.judge = (args->>'judge')::bool AND p.who = decode(args->>'who', 'hex') AND p.lo = decode(args->>'from', 'hex') AND p.hi = decode(args->>'to', 'hex'))
		SELECT count(*) FROM orphan`), worker, suspicion.Microseconds(), held).Scan(&orphans)
	return orphans, err
}
