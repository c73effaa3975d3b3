package battlefile

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"openarena/internal/testkit/battles"
	"openarena/pipeline/rating"
)

// TestMemory: counts take no memory for battles, and where battles are kept they are hardly copied. All that was ever allocated
// is compared, which does not depend on when it was collected.
func TestMemory(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // the more cores, the more blocks
	const few, many = 4_000, 20_000
	for _, c := range []struct {
		interval  string
		perBattle float64 // bytes
	}{
		{rating.Sandwich, 8},
		{rating.Clustered, 1.1*32 + 24}, // room for battles; what elo sorts by
	} {
		allocated := func(n int) float64 {
			f, err := os.Create(filepath.Join(t.TempDir(), "battles.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			if err := battles.Write(f, battles.Shape{Battles: n, Models: 20, Prompts: 500}); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			s := rating.Default()
			s.Interval = c.interval
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			in, err := Open(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			in.block = 8 << 10 // so that few battles, too, use the memory of all blocks
			l, err := in.Rate(t.Context(), s)
			if err != nil || l.Battles != n || c.interval == rating.Clustered && l.Prompts != 500 {
				t.Fatalf("%v, %v", l, err)
			}
			runtime.ReadMemStats(&after)
			return float64(after.TotalAlloc - before.TotalAlloc)
		}
		allocated(few)
		if got := (allocated(many) - allocated(few)) / (many - few); !(got <= c.perBattle) {
			t.Errorf("%s: %.1f bytes are allocated for each battle; want %.1f at most", c.interval, got, c.perBattle)
		} else {
			t.Logf("%s: %.1f bytes for each battle", c.interval, got)
		}
	}
}
