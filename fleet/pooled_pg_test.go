package fleet

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"openarena/pipeline"
	"openarena/pipeline/rating"
)

// What is told to the server as JSON arrives without prepared statements, too, which a pool in front of it may not keep.
func TestPGPooled(t *testing.T) {
	db := emptySchema(t)
	cfg := db.pool.Config()
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	f, err := Open(t.Context(), database{pool, db.schema})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	e, err := f.Publish(ctx, writeArena(t, arenaFile), Options{}, "run")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Beat(ctx, Member{ID: "w", Labels: map[string]string{"gpu": "h100"}, Queues: []string{"g-1"}}, time.Hour); err != nil {
		t.Error(err)
	}
	if _, err := f.Give(ctx, "me@here", pipeline.Directive{Do: pipeline.DoPause}); err != nil {
		t.Error(err)
	}
	if err := f.note(ctx, Outlook{Of: e.Number}); err != nil {
		t.Error(err)
	}
	if err := f.KeepOverview(ctx, &pipeline.Overview{Board: &rating.Leaderboard{}}, "mark", time.Now()); err != nil {
		t.Error(err)
	}
}
