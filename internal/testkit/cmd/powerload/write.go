package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"openarena/store"
)

// write has each worker go on where it finds itself. What it finds it relies on, as a run does that asks for nothing twice:
// that is noted like what is acknowledged.
func write(ctx context.Context, path string, batches int, notes notebook) error {
	db, err := store.Open(ctx, path, store.Options{Command: "powerload write"})
	if err != nil {
		return err
	}
	counts, err := countsOf(ctx, db)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	for w, n := range counts {
		if err := notes.note(fmt.Sprintf("worker%d", w), n); err != nil {
			return err
		}
	}
	var wg sync.WaitGroup
	failed := make([]error, workers)
	for w, n := range counts {
		wg.Go(func() {
			for i := n; i < n+batches && failed[w] == nil; i++ {
				if _, failed[w] = db.Apply(ctx, batch(w, i)); failed[w] == nil {
					failed[w] = notes.note(fmt.Sprintf("worker%d", w), i+1)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(failed...), db.Close())
}

// countsOf is how many batches of each worker are there.
func countsOf(ctx context.Context, r store.Reader) (counts [workers]int, err error) {
	for w := range counts {
		rec, err := r.Get(ctx, store.Totals, workerKey(w), store.WithMeta)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return counts, err
		}
		counts[w] = int(store.Counter(rec))
	}
	return counts, nil
}
