package fleet

import (
	"slices"
	"testing"
	"time"

	"openarena/pipeline"
)

// inForce has a fleet without a configuration of use begin its first epoch.
func inForce(t *testing.T) *Fleet {
	t.Helper()
	f := openFleet(t)
	if _, err := f.pool.Exec(t.Context(), f.sql(`INSERT INTO {schema}.oa_config (hash, files, options) VALUES ('\x00', '{}', '{}');
		INSERT INTO {schema}.oa_epoch (epoch, config, since, began, published, why) SELECT 1, id, now(), now(), now(), 'run' FROM {schema}.oa_config`)); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestPGSweep: only who is not heard of for a while after it expired is taken for dead, and only what it held is handed out anew.
func TestPGSweep(t *testing.T) {
	f, ctx := inForce(t), t.Context()
	do := func(sql string) {
		t.Helper()
		if _, err := f.pool.Exec(ctx, f.sql(sql)); err != nil {
			t.Fatal(err)
		}
	}
	beat := func(id string, alive time.Duration) {
		t.Helper()
		if _, err := f.Beat(ctx, Member{ID: id}, alive); err != nil {
			t.Fatal(err)
		}
	}
	swept := func(when string, want ...string) {
		t.Helper()
		if dead, err := f.sweep(ctx); err != nil || !slices.Equal(dead, want) {
			t.Errorf("%s: sweep = %q, %v; want %q", when, dead, err, want)
		}
	}
	parts := []pipeline.Part{{Who: pipeline.ID{1}, To: pipeline.Hash{0xff}}, {Who: pipeline.ID{2}, To: pipeline.Hash{0xff}}}
	if err := f.lay(ctx, parts); err != nil {
		t.Fatal(err)
	}
	for i, id := range []string{"late", "lives"} {
		beat(id, time.Hour)
		if _, err := f.take(ctx, parts[i], 1, id); err != nil {
			t.Fatal(err)
		}
	}
	do(`INSERT INTO {schema}.river_job (state, attempt, attempted_by, attempted_at, kind, args, max_attempts)
		SELECT 'running', 1, ARRAY[id], now(), 'part', '{}', 25 FROM {schema}.oa_worker`)
	swept("all are heard of")
	beat("late", -time.Second)
	swept("it has expired")
	swept("it has expired, seen once more") // as all have after an outage of the server
	do(`UPDATE {schema}.oa_worker SET suspected = now() - interval '1 hour' WHERE suspected IS NOT NULL`)
	beat("late", time.Hour)
	swept("it is heard of again")
	beat("late", -time.Second)
	swept("it has expired again")
	do(`UPDATE {schema}.oa_worker SET suspected = now() - interval '1 hour' WHERE suspected IS NOT NULL`)
	swept("it is not heard of for long", "late")
	held, err := f.states(ctx)
	if err != nil || len(held) != 2 || held[0].held || !held[1].held {
		t.Errorf("parts are %+v, %v; want that of the dead one free, and the other held", held, err)
	}
	var running, rescued int64
	err = f.pool.QueryRow(ctx, f.sql(`SELECT (SELECT count(*) FROM {schema}.river_job WHERE state = 'running' AND attempted_by = ARRAY['lives']), rescued
		FROM {schema}.oa_epoch, {schema}.river_job WHERE state = 'available'`)).Scan(&running, &rescued)
	if err != nil || running != 1 || rescued != 1 {
		t.Errorf("%d jobs of the other one are running and %d were rescued, %v; want 1 and 1", running, rescued, err)
	}
}
