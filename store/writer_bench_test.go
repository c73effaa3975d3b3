package store_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"openarena/store"
)

// The figures below are ratios inside one run: the disk of a shared machine drifts, and both sides drift with it.

// BenchmarkWriter measures how many records of 4 KB become durable a second while so many callers wait, over what one
// bbolt transaction a record gives ("x-single"). Keys come in the order in which a run finishes prompts: almost ascending.
//
//	go test -run '^$' -bench Writer -benchtime 3s ./store
func BenchmarkWriter(b *testing.B) {
	single := 0.0
	b.Run("single", func(b *testing.B) {
		db, err := bbolt.Open(filepath.Join(b.TempDir(), "b.db"), 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		i := 0
		for b.Loop() {
			err := db.Update(func(tx *bbolt.Tx) error {
				bk, err := tx.CreateBucketIfNotExists([]byte("answers"))
				if err != nil {
					return err
				}
				return bk.Put(nearKey(i), text4K)
			})
			if err != nil {
				b.Fatal(err)
			}
			i++
		}
		single = float64(b.N) / b.Elapsed().Seconds()
		b.ReportMetric(single, "records/s")
	})
	for _, waiters := range []int{1, 64, 1000} {
		b.Run(fmt.Sprintf("waiters=%d", waiters), func(b *testing.B) {
			rate := benchWriters(b, waiters)
			b.ReportMetric(rate, "records/s")
			if single > 0 {
				b.ReportMetric(rate/single, "x-single")
			}
		})
	}
}

func benchWriters(b *testing.B, waiters int) float64 {
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "a.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	meta := make([]byte, 48)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range waiters {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				var batch store.Batch
				batch.PutOnce(store.Answers, nearKey(i), meta, text4K)
				if _, err := db.Apply(b.Context(), &batch); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(b.N) / b.Elapsed().Seconds()
}

var text4K = func() []byte {
	text := make([]byte, 4096)
	rng := rand.NewChaCha8([32]byte{})
	rng.Read(text)
	return text
}()

// nearKey is the key of the i-th answer to finish: in hash order, give or take the 4,000 that are in flight.
func nearKey(i int) []byte {
	jitter := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	at := uint64(i) + uint64(binary.BigEndian.Uint16(jitter[:]))%4000
	key := binary.BigEndian.AppendUint64(make([]byte, 0, 32), at<<20)
	return append(key, jitter[:24]...)
}

// BenchmarkGrowth measures the median time for a small index record in a large database over that in a small one ("x-small"):
// 1e6 and 1e5 records, or 1e7 with OPENARENA_BENCH_LARGE set.
func BenchmarkGrowth(b *testing.B) {
	large := 1_000_000
	if os.Getenv("OPENARENA_BENCH_LARGE") != "" {
		large = 10_000_000
	}
	const tail = 50_000 // the records timed, the last ones
	for b.Loop() {
		db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "g.db"), store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		var small, big []time.Duration // of the batches in question
		const perBatch = 1000
		for i := 0; i < large; i += perBatch {
			var batch store.Batch
			for k := i; k < i+perBatch; k++ {
				batch.PutOnce(store.Verdicts, nearKey(k), text4K[:60], nil)
			}
			start := time.Now()
			if _, err := db.Apply(b.Context(), &batch); err != nil {
				b.Fatal(err)
			}
			switch took := time.Since(start); {
			case i >= 100_000-tail && i < 100_000:
				small = append(small, took)
			case i >= large-tail:
				big = append(big, took)
			}
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		// The median, since single syncs of a shared disk take ten times as long as the others.
		slices.Sort(small)
		slices.Sort(big)
		s, l := small[len(small)/2], big[len(big)/2]
		b.ReportMetric(float64(s.Nanoseconds())/1000/perBatch, "µs-small")
		b.ReportMetric(float64(l.Nanoseconds())/1000/perBatch, "µs-large")
		b.ReportMetric(float64(l)/float64(s), "x-small")
	}
}
