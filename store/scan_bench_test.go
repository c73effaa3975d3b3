package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"openarena/store"
)

// BenchmarkScan measures ns per record of a scan over 200,000 records of 60 B meta and, one in ten, a text of 4 KB.
func BenchmarkScan(b *testing.B) {
	const records = 200_000
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "s.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for i := 0; i < records; i += 1000 {
		var batch store.Batch
		for k := i; k < i+1000; k++ {
			var body []byte
			if k%10 == 0 {
				body = text4K
			}
			batch.Put(store.Answers, nearKey(k), text4K[:60], body)
		}
		if _, err := db.Apply(b.Context(), &batch); err != nil {
			b.Fatal(err)
		}
	}
	live, err := store.OpenReader(b.Context(), db.Path())
	if err != nil {
		b.Fatal(err)
	}
	defer live.Close()
	for _, src := range []struct {
		name string
		open func(context.Context) (store.Snapshot, error)
	}{{"snapshot", db.Snapshot}, {"live", live.Snapshot}} {
		snap, err := src.open(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for name, want := range map[string]store.Fields{"key": store.KeyOnly, "meta": store.WithMeta, "body": store.WithBody} {
			b.Run(src.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					n := 0
					for _, err := range snap.Scan(b.Context(), store.Answers, store.Range{}, want) {
						if err != nil {
							b.Fatal(err)
						}
						n++
					}
					if n != records {
						b.Fatalf("%d records; want %d", n, records)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
			})
		}
		if err := snap.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
