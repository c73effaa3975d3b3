package fleet

import (
	"testing"
	"time"

	"openarena/pipeline"
)

// While parts have still to be looked at, what is wanted is reckoned from the others, so that half of the work is never all of it.
func TestPGCountsReckon(t *testing.T) {
	f, ctx := openFleet(t), t.Context()
	who := pipeline.ID{7}
	var parts []pipeline.Part
	for i := range byte(4) {
		parts = append(parts, pipeline.Part{Who: who, From: pipeline.Hash{i << 6}, To: pipeline.Hash{i<<6 | 0x3f}})
	}
	if _, err := f.pool.Exec(ctx, f.sql(`INSERT INTO {schema}.oa_config (hash, files, options) VALUES ('\x00', '{}', '{}');
		INSERT INTO {schema}.oa_epoch (epoch, config, since, began, published, why) SELECT 1, id, now(), now(), now(), 'run' FROM {schema}.oa_config`)); err != nil {
		t.Fatal(err)
	}
	if err := f.lay(ctx, parts); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{0, 40, 60, 60, 60} {
		counts, err := f.Counts(ctx)
		if err != nil || len(counts) != 1 || counts[0].Wanted != want {
			t.Fatalf("Counts = %+v, %v with %d of 4 parts looked at; want %d wanted", counts, err, i, want)
		}
		if i == len(parts) {
			break
		}
		r := pipeline.PartResult{Wanted: []int64{10, 20, 15, 15}[i], Complete: true}
		if err := f.tell(ctx, parts[i], 1, time.Now(), r); err != nil {
			t.Fatal(err)
		}
	}
}
