package postgres

import (
	"path/filepath"
	"testing"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
)

// BenchmarkCopy copies 40,000 answers of 4 KB from a file to the server, and back: MB/s.
//
//	OPENARENA_PG=1 go test -run '^$' -bench Copy -benchtime 1x ./store/postgres
func BenchmarkCopy(b *testing.B) {
	const records = 40_000
	server := pgtest.Start(b)
	from := benchFile(b)
	for i := 0; i < records; i += 500 {
		var batch store.Batch
		for k := i; k < i+500; k++ {
			batch.Put(store.Answers, benchKey(k), text4K[:48], text4K)
		}
		if _, err := from.Apply(b.Context(), &batch); err != nil {
			b.Fatal(err)
		}
	}
	remote, err := Open(b.Context(), secret.New(server.URL(b)), Options{Writers: 4})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { remote.Close() })
	for _, c := range []struct {
		name     string
		from, to store.Store
	}{{"to", from, remote}, {"back", remote, benchFile(b)}} {
		b.Run(c.name, func(b *testing.B) {
			frozen, err := c.from.Snapshot(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			defer frozen.Close()
			b.ResetTimer()
			done, err := store.Copy(b.Context(), frozen, c.to, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(done.Bytes)/1e6/b.Elapsed().Seconds(), "MB/s")
		})
	}
}

func benchFile(b *testing.B) *store.DB {
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "a.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}
