package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// Limits of one commit, and of what may wait for the next beyond the callers that wait to be let in.
const (
	maxCommitOps   = 4096
	maxCommitBytes = 8 << 20
	maxQueue       = 256

	minGrowth = 256 << 10
	maxGrowth = 16 << 20
)

// job is a batch on its way through the writer, which alone touches created until done has been answered.
type job struct {
	changes []change
	bytes   int
	created []bool
	done    chan error // buffered: the writer never waits for a caller
}

// writer owns all writing: one goroutine that commits whatever is waiting in one transaction. The sync of the last commit
// is the time in which the next one gathers, so there is no timer, and a lone write waits for nobody.
type writer struct {
	path string
	bolt *bbolt.DB
	jobs chan *job
	done chan struct{} // closed when run has returned

	mu     sync.RWMutex // sending on jobs: shared; closing it: exclusive
	closed bool

	committed func(Commit) // may be nil
	tx        *bbolt.Tx    // of the last commit, if committed is told

	failed atomic.Pointer[error] // the first failed commit; nothing is written after it

	nextText uint64    // of run
	order    []*change // of run, used again
	group    []*job    // of run, used again
}

func newWriter(path string, db *bbolt.DB) (*writer, error) {
	w := &writer{path: path, bolt: db, jobs: make(chan *job, maxQueue), done: make(chan struct{})}
	err := guarded(path, func() error {
		return db.View(func(tx *bbolt.Tx) error {
			last, _ := tx.Bucket(textsName).Cursor().Last()
			if last != nil && len(last) != textIDSize {
				return &DamagedError{Path: path, What: "the bucket of texts has a foreign key", Advice: adviceRepair}
			}
			w.nextText = 1 // 0 says that there is no text
			if last != nil {
				w.nextText += binary.BigEndian.Uint64(last)
			}
			return nil
		})
	})
	return w, err
}

// apply is Store.Apply.
func (w *writer) apply(ctx context.Context, b *Batch) (Result, error) {
	if err := errors.Join(ctx.Err(), w.failure()); err != nil {
		return Result{}, err
	}
	if b.Empty() {
		return Result{}, nil
	}
	j := &job{created: make([]bool, b.onces), done: make(chan error, 1)}
	var err error
	if j.changes, j.bytes, err = encode(b.ops, j); err != nil {
		return Result{}, err
	}
	if err := w.send(ctx, j); err != nil {
		return Result{}, err
	}
	select {
	case err := <-j.done:
		if err != nil {
			return Result{}, err
		}
		return Result{Created: j.created}, nil
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

func (w *writer) send(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return fmt.Errorf("write to %s: %w", w.path, ErrClosed)
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// failure is what every Apply after a failed commit returns.
func (w *writer) failure() error {
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// close takes no more jobs, and returns when those that were taken are committed.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.jobs)
	}
	w.mu.Unlock()
	<-w.done
}

// run commits until close.
func (w *writer) run() {
	defer close(w.done)
	for first := range w.jobs {
		w.gather(first)
		err := w.failure()
		if err == nil {
			err = w.commit()
		}
		for i, j := range w.group {
			j.done <- err
			w.group[i] = nil
		}
		clear(w.order)
	}
}

// gather takes what is waiting, without waiting for more.
func (w *writer) gather(first *job) {
	w.group, w.order = w.group[:0], w.order[:0]
	size := 0
	for j := first; ; {
		w.group = append(w.group, j)
		for i := range j.changes {
			w.order = append(w.order, &j.changes[i])
		}
		size += j.bytes
		if len(w.order) >= maxCommitOps || size >= maxCommitBytes {
			return
		}
		var ok bool
		select {
		case j, ok = <-w.jobs:
			if !ok {
				return
			}
		default:
			return
		}
	}
}

// commit writes what gather took in one transaction, in key order: neighbours share pages. Changes of one key keep their
// order. A commit that fails is never tried again: after a failed sync nobody knows what the disk has.
func (w *writer) commit() error {
	slices.SortStableFunc(w.order, func(a, b *change) int {
		if c := cmp.Compare(a.bucket, b.bucket); c != 0 {
			return c
		}
		return bytes.Compare(a.key, b.key)
	})
	began := time.Now()
	err := guarded(w.path, func() error { return w.bolt.Update(w.timed) })
	if err == nil {
		if w.committed != nil {
			w.committed(Commit{Batches: len(w.group), Took: time.Since(began), Sync: w.waited()})
		}
		return nil
	}
	if !errors.Is(err, ErrDamaged) {
		err = fmt.Errorf("%w: commit to %s: %w; what was acknowledged is safe, free the disk and run again", ErrUnwritable, w.path, err)
	}
	w.failed.Store(&err)
	return err
}

// waited is how long the last commit wrote and waited for the disk. The transaction has ended, but for what it counted.
func (w *writer) waited() time.Duration {
	stats := w.tx.Stats()
	return stats.GetWriteTime()
}

// timed is fill; who is told of commits is told how long they waited for the disk, too.
func (w *writer) timed(tx *bbolt.Tx) error {
	if w.committed != nil {
		w.tx = tx
	}
	return w.fill(tx)
}

func (w *writer) fill(tx *bbolt.Tx) error {
	// The map is larger than the file (see mapSize), and so bbolt would grow a small file by AllocSize at once.
	w.bolt.AllocSize = int(min(max(tx.Size(), minGrowth), maxGrowth))
	c := newCommit(tx, w.nextText)
	for _, ch := range w.order {
		created, err := c.apply(ch)
		if err != nil {
			return err
		}
		if ch.kind == OpPutOnce {
			ch.job.created[ch.once] = created
		}
	}
	w.nextText = c.nextText
	return nil
}
