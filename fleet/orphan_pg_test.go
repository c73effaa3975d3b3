//go:build unix

package fleet

import (
	"context"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
)

// TestPGOrphans: a job that the server takes for a worker's, and that this worker does not hold, is handed out anew; one that it holds
// is not.
func TestPGOrphans(t *testing.T) {
	s, ctx := newSite(t, workedArena, fakellm.Options{Latency: fakellm.Latency{Mean: time.Hour}}), t.Context()
	giveUp, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	w := s.worker(t, "lives")
	w.Rescue, w.Slice = time.Second, time.Hour
	go func() { defer close(ended); _, _ = w.Run(giveUp, ctx) }()
	defer func() { stop(); <-ended }()
	waitForCalls(t, s.server, 1)
	// What it holds looks as if it had been handed out long ago; and there is one more of a queue that nobody takes from.
	var mine int
	err := s.fleet.pool.QueryRow(ctx, s.fleet.sql(`WITH mine AS (UPDATE {schema}.river_job SET attempted_at = now() - interval '1 hour' WHERE args->>'judge' = 'false' AND state = 'running' RETURNING id),
		lost AS (INSERT INTO {schema}.river_job (state, attempt, attempted_by, attempted_at, kind, queue, args, max_attempts)
			VALUES ('running', 1, ARRAY['lives'], now() - interval '1 hour', 'part', 'nobody', '{}', 25))
		SELECT count(*) FROM mine`)).Scan(&mine)
	if err != nil || mine == 0 {
		t.Fatalf("%d jobs are running, %v; want some", mine, err)
	}
	for {
		var lost string
		var held int
		err := s.fleet.pool.QueryRow(ctx, s.fleet.sql(`SELECT (SELECT state::text FROM {schema}.river_job WHERE queue = 'nobody'),
			(SELECT count(*) FROM {schema}.river_job WHERE args->>'judge' = 'false' AND state = 'running')`)).Scan(&lost, &held)
		if err != nil || held < mine {
			t.Fatalf("%d of %d jobs that it holds are running, %v", held, mine, err)
		}
		if lost == "available" {
			return
		}
	}
}
