package postgres

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
)

var text4K = func() []byte { // nothing to be compressed in it
	text := make([]byte, 4096)
	rand.NewChaCha8([32]byte{}).Read(text)
	return text
}()

func benchKey(i int) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	return binary.BigEndian.AppendUint64(append([]byte(nil), sum[:24]...), uint64(i))
}

func benchOpen(b *testing.B, url string) *DB {
	db, err := Open(b.Context(), secret.New(url), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

// BenchmarkWrite stores answers of 4 KB, each with a counter, by so many callers of so many writers: records/s.
//
//	OPENARENA_PG=1 go test -run '^$' -bench Write -benchtime 20000x ./store/postgres
func BenchmarkWrite(b *testing.B) {
	server := pgtest.Start(b)
	for _, c := range []struct{ writers, callers int }{{1, 1}, {1, 64}, {2, 64}, {2, 500}} {
		b.Run(fmt.Sprintf("writers=%d/callers=%d", c.writers, c.callers), func(b *testing.B) {
			url := server.URL(b)
			var next atomic.Int64
			var wg sync.WaitGroup
			var dbs []*DB
			for range c.writers {
				dbs = append(dbs, benchOpen(b, url))
			}
			b.ResetTimer()
			for i := range c.writers * c.callers {
				wg.Go(func() {
					for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
						var batch store.Batch
						batch.PutOnce(store.Answers, benchKey(n), text4K[:48], text4K)
						batch.Add([]byte("calls"), 1)
						if _, err := dbs[i%c.writers].Apply(b.Context(), &batch); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkScan walks 20,000 answers of 4 KB in key order: MB/s of bodies, and ns for a record without its body.
func BenchmarkScan(b *testing.B) {
	const records = 20_000
	db := benchOpen(b, pgtest.Start(b).URL(b))
	for i := 0; i < records; i += 500 {
		var batch store.Batch
		for k := i; k < i+500; k++ {
			batch.Put(store.Answers, benchKey(k), text4K[:48], text4K)
		}
		if _, err := db.Apply(b.Context(), &batch); err != nil {
			b.Fatal(err)
		}
	}
	snapshot, err := db.Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer snapshot.Close()
	for name, r := range map[string]store.Reader{"store": db, "snapshot": snapshot} {
		for fields, want := range map[string]store.Fields{"key": store.KeyOnly, "meta": store.WithMeta, "body": store.WithBody} {
			b.Run(name+"/"+fields, func(b *testing.B) {
				bytes := 0
				for b.Loop() {
					n := 0
					for rec, err := range r.Scan(b.Context(), store.Answers, store.Range{}, want) {
						if err != nil {
							b.Fatal(err)
						}
						n++
						bytes += len(rec.Body)
					}
					if n != records {
						b.Fatalf("%d records; want %d", n, records)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
				if want == store.WithBody {
					b.ReportMetric(float64(bytes)/1e6/b.Elapsed().Seconds(), "MB/s")
				}
			})
		}
	}
}
