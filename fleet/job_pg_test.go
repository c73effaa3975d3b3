package fleet

import (
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"openarena/pipeline"
)

// TestPGOneJob: a part that is handed out again and again has one job until it is finished, and then another.
func TestPGOneJob(t *testing.T) {
	f, ctx := openFleet(t), t.Context()
	client, err := river.NewClient(riverpgxv5.New(f.pool), &river.Config{Schema: f.schema, Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	answers := pipeline.Part{Who: pipeline.ID{1}, To: pipeline.Hash{0xff}}
	judgments := answers
	judgments.Judge = true
	for i, want := range []int64{2, 2, 3} {
		if i == 2 {
			if _, err := f.pool.Exec(ctx, f.sql(`UPDATE {schema}.river_job SET state = 'completed', finalized_at = now() WHERE priority = $1`), priorityJudge); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := client.InsertMany(ctx, []river.InsertManyParams{insertPart(answers), insertPart(judgments)}); err != nil {
			t.Fatal(err)
		}
		var n int64
		if err := f.pool.QueryRow(ctx, f.sql(`SELECT count(*) FROM {schema}.river_job`)).Scan(&n); err != nil || n != want {
			t.Errorf("handed out %d times, two parts have %d jobs, %v; want %d", i+1, n, err, want)
		}
	}
}
