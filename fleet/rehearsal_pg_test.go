package fleet

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/pipeline"
	"openarena/store/postgres"
)

// TestPGRehearsal: workers that rehearse take the parts that a plan hands out, one after the other gives them back, all are heard of,
// and the plan says how many they are.
func TestPGRehearsal(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	url := pgtest.Start(t).URL(t)
	var parts []pipeline.Part
	for i := range 6 {
		p := pipeline.Part{Who: pipeline.ID{1}}
		p.From[0], p.To[0] = byte(i), byte(i)
		parts = append(parts, p)
	}
	var all []*Rehearsal
	var f *Fleet
	for _, id := range []string{"one", "two"} {
		db, err := postgres.Open(ctx, secret.New(url), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if f, err = Open(ctx, db); err != nil {
			t.Fatal(err)
		}
		e, err := f.Epoch(ctx)
		if err != nil {
			if e, err = f.Publish(ctx, writeArena(t, arenaFile), Options{}, "rehearsal"); err == nil {
				err = f.RehearseOn(ctx, parts)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		r := &Rehearsal{Fleet: f, ID: id, Serve: func(pipeline.Part) bool { return true }, Parts: parts, Epoch: e, Slice: 20 * time.Millisecond, Many: 2, Log: silent}
		if err := r.Start(ctx); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	for all[0].Slices() < 3 || all[1].Slices() < 3 {
		time.Sleep(5 * time.Millisecond)
	}
	for look := (Outlook{}); look.Workers != 2; {
		time.Sleep(5 * time.Millisecond)
		var text []byte
		if err := f.pool.QueryRow(ctx, f.sql(`SELECT outlook FROM {schema}.oa_epoch`)).Scan(&text); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &look); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPGHandedOutOnce: of parts that are handed out a plan writes nothing again.
func TestPGHandedOutOnce(t *testing.T) {
	f, ctx := openFleet(t), t.Context()
	client, err := river.NewClient(riverpgxv5.New(f.pool), &river.Config{Schema: f.schema, Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	answers, verdicts := pipeline.Part{Who: pipeline.ID{1}}, pipeline.Part{Judge: true, Who: pipeline.ID{1}}
	all := []pipeline.Part{answers, verdicts}
	if due, err := f.without(ctx, []pipeline.Part{answers, verdicts}); err != nil || len(due) != 2 {
		t.Errorf("nothing is handed out, and of two parts %d are left to be (%v)", len(due), err)
	}
	if _, err := client.InsertMany(ctx, []river.InsertManyParams{insertPart(answers)}); err != nil {
		t.Fatal(err)
	}
	if due, err := f.without(ctx, append([]pipeline.Part(nil), all...)); err != nil || len(due) != 1 || due[0] != verdicts {
		t.Errorf("one of two parts is handed out, and these are left to be: %v (%v)", due, err)
	}
	if _, err := f.pool.Exec(ctx, f.sql(`UPDATE {schema}.river_job SET state = 'completed', finalized_at = now()`)); err != nil {
		t.Fatal(err)
	}
	if due, err := f.without(ctx, append([]pipeline.Part(nil), all...)); err != nil || len(due) != 2 {
		t.Errorf("what was handed out is done, and of two parts %d are left to be handed out (%v)", len(due), err)
	}
}
