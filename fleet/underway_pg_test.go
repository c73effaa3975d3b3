package fleet

import (
	"testing"
	"time"

	"openarena/pipeline"
)

// TestPGUnderway: what a worker does is counted while it does it, told with its heartbeat, and counted once, whoever dies meanwhile
// and whoever goes on.
func TestPGUnderway(t *testing.T) {
	f, ctx := openFleet(t), t.Context()
	whole := pipeline.Part{Who: pipeline.ID{7}, To: pipeline.Hash{0xff}}
	if _, err := f.pool.Exec(ctx, f.sql(`INSERT INTO {schema}.oa_config (hash, files, options) VALUES ('\x00', '{}', '{}');
		INSERT INTO {schema}.oa_epoch (epoch, config, since, began, published, why) SELECT 1, id, now(), now(), now(), 'run' FROM {schema}.oa_config`)); err != nil {
		t.Fatal(err)
	}
	if err := f.lay(ctx, []pipeline.Part{whole}); err != nil {
		t.Fatal(err)
	}
	take := func(worker string) {
		t.Helper()
		if _, err := f.take(ctx, whole, 1, worker); err != nil {
			t.Fatal(err)
		}
	}
	beat := func(worker string, done, failed int64) {
		t.Helper()
		m := Member{ID: worker, Underway: []pipeline.Underway{{Part: whole, Wanted: 10, Done: done, Failed: failed}}}
		if _, err := f.Beat(ctx, m, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	tell := func(done, failed int64) {
		t.Helper()
		r := pipeline.PartResult{Wanted: 10, Done: done, Failed: failed, Complete: done == 10}
		if err := f.tell(ctx, whole, 1, time.Now(), r); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, done, failed int64) {
		t.Helper()
		all, err := f.Counts(ctx)
		if err != nil || len(all) != 1 || all[0].Wanted != 10 || all[0].Done != done || all[0].Failed != failed {
			t.Errorf("%s: Counts = %+v, %v; want 10 wanted, %d done and %d failed", when, all, err, done, failed)
		}
	}
	take("first")
	beat("first", 4, 1)
	check("in the middle of its first slice", 4, 1)
	beat("other", 9, 0)
	check("when somebody tells of a part that is not theirs", 4, 1)
	tell(5, 1)
	check("after a slice", 5, 1)

	take("first")
	beat("first", 7, 1)
	if _, err := f.pool.Exec(ctx, f.sql(`UPDATE {schema}.oa_worker SET expires = now() - interval '1 hour', suspected = now() - interval '1 hour' WHERE id = 'first'`)); err != nil {
		t.Fatal(err)
	}
	if dead, err := f.sweep(ctx); err != nil || len(dead) != 1 {
		t.Fatalf("sweep() = %v, %v; want the first", dead, err)
	}
	check("after it died", 7, 1)
	take("second")
	beat("first", 8, 1) // it lives after all
	check("when two believe that it is theirs", 7, 1)
	beat("second", 9, 0)
	check("when the next goes on", 9, 0)
	tell(10, 0)
	check("at the end", 10, 0)
}
