package pipeline

import (
	"bytes"
	"context"
	"iter"
	"testing"
	"time"

	"openarena/store"
)

// outside is a store for use inside a bubble of testing/synctest. The real one cannot enter: its goroutines wait for the
// network, in which time stands still. So every operation is handed to a goroutine out there; in the bubble it takes no
// time but what commit says.
type outside struct {
	outsideReader
	db     store.Store
	commit time.Duration
}

func newOutside(t testing.TB, db store.Store, commit time.Duration) *outside {
	const workers = 256 // more than wait for the disk at once
	p := make(pool, workers)
	for range workers {
		w := &worker{make(chan func()), make(chan struct{})}
		go w.run()
		t.Cleanup(func() { close(w.work) })
		p <- w
	}
	return &outside{outsideReader: outsideReader{db, p}, db: db, commit: commit}
}

// worker runs one function at a time. Its channels are made outside: those of a bubble cannot be used out there.
type worker struct {
	work chan func()
	done chan struct{}
}

func (w *worker) run() {
	for f := range w.work {
		f()
		w.done <- struct{}{}
	}
}

type pool chan *worker

func (p pool) do(f func()) {
	w := <-p
	w.work <- f
	<-w.done
	p <- w
}

func (o *outside) Apply(_ context.Context, b *store.Batch) (result store.Result, err error) {
	time.Sleep(o.commit)
	o.pool.do(func() { result, err = o.db.Apply(context.Background(), b) })
	return result, err
}

func (o *outside) Snapshot(context.Context) (store.Snapshot, error) {
	var frozen store.Snapshot
	var err error
	o.pool.do(func() { frozen, err = o.db.Snapshot(context.Background()) })
	return &outsideSnapshot{outsideReader{frozen, o.pool}, frozen}, err
}

func (o *outside) Close() error { return nil } // the world closes its database

type outsideSnapshot struct {
	outsideReader
	frozen store.Snapshot
}

func (s *outsideSnapshot) Close() (err error) {
	s.pool.do(func() { err = s.frozen.Close() })
	return err
}

type outsideReader struct {
	reader store.Reader
	pool   pool
}

func (o outsideReader) Get(_ context.Context, bk store.Bucket, key []byte, want store.Fields) (rec store.Record, err error) {
	o.pool.do(func() { rec, err = o.reader.Get(context.Background(), bk, key, want) })
	return rec, err
}

// Scan fetches the records in chunks, since what a store yields is valid for one step only.
func (o outsideReader) Scan(_ context.Context, bk store.Bucket, r store.Range, want store.Fields) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		const size = 256
		for more := true; more; {
			var chunk []store.Record
			var err error
			o.pool.do(func() { chunk, err = firstOf(o.reader, bk, r, want, size) })
			for _, rec := range chunk {
				if !yield(rec, nil) {
					return
				}
			}
			if err != nil {
				yield(store.Record{}, err)
				return
			}
			if more = len(chunk) == size; more {
				r.From = append(chunk[size-1].Key, 0)
			}
		}
	}
}

// firstOf copies the first n records of a range.
func firstOf(reader store.Reader, bk store.Bucket, r store.Range, want store.Fields, n int) (all []store.Record, err error) {
	for rec, err := range reader.Scan(context.Background(), bk, r, want) {
		if err != nil {
			return all, err
		}
		all = append(all, store.Record{Key: bytes.Clone(rec.Key), Meta: bytes.Clone(rec.Meta), Body: bytes.Clone(rec.Body)})
		if len(all) == n {
			break
		}
	}
	return all, nil
}
