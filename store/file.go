package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// file is an open database file as a source: every read is a short transaction of its own, so that no reader, however
// slow, keeps pages from being used again.
type file struct {
	path string
	bolt *bbolt.DB
}

// Get is Reader.Get.
func (f *file) Get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error) {
	return f.get(ctx, bk, key, want)
}

// Scan is Reader.Scan. It sees the commits that return while it runs, or not; each record once, in order.
func (f *file) Scan(ctx context.Context, bk Bucket, r Range, want Fields) iter.Seq2[Record, error] {
	return scan(ctx, f, bk, r, want)
}

// Snapshot is Store.Snapshot. The snapshot may be read by several goroutines.
func (f *file) Snapshot(ctx context.Context) (Snapshot, error) {
	s, err := f.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (f *file) snapshot(ctx context.Context) (*frozen, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &frozen{view: view{path: f.path}}
	err := guarded(f.path, func() (err error) {
		if s.tx, err = f.bolt.Begin(false); err == nil {
			s.buckets = bucketsOf(s.tx)
		}
		return err
	})
	if err != nil && s.tx != nil { // a page of it cannot be read
		s.tx.Rollback()
	}
	if err != nil {
		return nil, f.readError(err)
	}
	return s, nil
}

func (f *file) get(ctx context.Context, bk Bucket, key []byte, want Fields) (rec Record, err error) {
	err = f.view(ctx, func(v view) (err error) {
		rec, err = v.get(bk, key, want)
		rec = rec.Clone()
		return err
	})
	return rec, err
}

func (f *file) fill(ctx context.Context, c *chunk, bk Bucket, r Range, want Fields, n int) error {
	return f.view(ctx, func(v view) error {
		err := v.fill(c, bk, r, want, n)
		c.own()
		return err
	})
}

func (f *file) view(ctx context.Context, read func(view) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := guarded(f.path, func() error {
		return f.bolt.View(func(tx *bbolt.Tx) error { return read(view{tx: tx, path: f.path}) })
	})
	return f.readError(err)
}

func (f *file) readError(err error) error {
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return fmt.Errorf("read %s: %w", f.path, ErrClosed)
	}
	return err
}

// frozen is one read transaction as a Snapshot and a source. Its scans copy nothing.
type frozen struct {
	view
	mu     sync.RWMutex // held for writing by Close only
	closed bool
}

var _ Snapshot = (*frozen)(nil)

// Get is Reader.Get.
func (s *frozen) Get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error) {
	return s.get(ctx, bk, key, want)
}

// Scan is Reader.Scan. What it yields is not valid after Close either.
func (s *frozen) Scan(ctx context.Context, bk Bucket, r Range, want Fields) iter.Seq2[Record, error] {
	return scan(ctx, s, bk, r, want)
}

func (s *frozen) get(ctx context.Context, bk Bucket, key []byte, want Fields) (rec Record, err error) {
	err = s.read(ctx, func() (err error) {
		rec, err = s.view.get(bk, key, want)
		rec = rec.Clone()
		return err
	})
	return rec, err
}

func (s *frozen) fill(ctx context.Context, c *chunk, bk Bucket, r Range, want Fields, n int) error {
	return s.read(ctx, func() error { return s.view.fill(c, bk, r, want, n) })
}

func (s *frozen) read(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return fmt.Errorf("read snapshot of %s: %w", s.path, ErrClosed)
	}
	return guarded(s.path, f)
}

// Close ends the snapshot. Closing it again does nothing.
func (s *frozen) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.tx.Rollback()
}
