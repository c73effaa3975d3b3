package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"

	"openarena/store"
)

// ledger keeps on disk a bound of how many calls may be paid for without being on disk, so that after a crash the next
// run can say it. The bound doubles when it is reached: ten commits in the life of a run, not one per call.
type ledger struct {
	store   store.Store
	all     Treasury      // keeps the bounds of many processes; nil: the database has one
	growing chan struct{} // holds a token while somebody writes

	mu      sync.Mutex
	open    int // calls begun and not yet committed or failed
	lost    int // calls given up in flight: the server may bill them
	allowed int // the bound on disk
}

var (
	ledgerKey = []byte("ledger")   // in Meta: the bound of the run that has the database, 0 after a clean end
	lostKey   = []byte("possibly") // in Totals: the bounds of all runs that died, and what others gave up
)

// openLedger books what a run that died may have lost. Where processes share a budget it is not for one of them to say who died.
func openLedger(ctx context.Context, s store.Store, all Commons) (*ledger, error) {
	if all != nil {
		return &ledger{store: s, all: all, growing: make(chan struct{}, 1)}, nil
	}
	lost, err := outstanding(ctx, s)
	if err != nil {
		return nil, err
	}
	l := &ledger{store: s, growing: make(chan struct{}, 1)}
	if lost == 0 {
		return l, nil
	}
	return l, l.settle(ctx, lost)
}

func outstanding(ctx context.Context, r store.Reader) (int, error) {
	rec, err := r.Get(ctx, store.Meta, ledgerKey, store.WithMeta)
	if errors.Is(err, store.ErrNotFound) || err == nil && len(rec.Meta) != 8 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return int(binary.BigEndian.Uint64(rec.Meta)), nil
}

// begin is called before each call. It waits for the disk only when the bound has to grow.
func (l *ledger) begin(ctx context.Context) error {
	for !l.tryBegin() {
		if err := l.grow(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) tryBegin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.allowed {
		return false
	}
	l.open++
	return true
}

// grow doubles the bound if it still has to grow. One caller writes, the others wait for it, and nobody holds the lock
// meanwhile: calls that end do not wait for the disk.
func (l *ledger) grow(ctx context.Context) error {
	select {
	case l.growing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.growing }()
	l.mu.Lock()
	open, allowed := l.open, l.allowed
	l.mu.Unlock()
	if open < allowed {
		return nil
	}
	grown := max(16, 2*allowed)
	if err := l.write(ctx, grown); err != nil {
		return err
	}
	l.mu.Lock()
	l.allowed = grown
	l.mu.Unlock()
	return nil
}

func (l *ledger) end() {
	l.mu.Lock()
	l.open--
	l.mu.Unlock()
}

// lose ends a call that was given up before its reply came.
func (l *ledger) lose() {
	l.mu.Lock()
	l.open--
	l.lost++
	l.mu.Unlock()
}

// close books what was given up and says that nothing is outstanding, if that is so. No call may begin any more.
func (l *ledger) close(ctx context.Context) error {
	l.mu.Lock()
	open, allowed, lost := l.open, l.allowed, l.lost
	l.mu.Unlock()
	if open > 0 || allowed == 0 {
		return nil
	}
	return l.settle(ctx, lost)
}

// settle says that nothing is outstanding any more, and that some of it may be lost.
func (l *ledger) settle(ctx context.Context, lost int) error {
	var b store.Batch
	b.Add(lostKey, int64(lost))
	if l.all == nil {
		b.Put(store.Meta, ledgerKey, binary.BigEndian.AppendUint64(nil, 0), nil)
	}
	if !b.Empty() {
		if _, err := l.store.Apply(ctx, &b); err != nil {
			return err
		}
	}
	if l.all == nil {
		return nil
	}
	return l.all.Outstanding(ctx, 0)
}

func (l *ledger) write(ctx context.Context, n int) error {
	if l.all != nil {
		return l.all.Outstanding(ctx, n)
	}
	var b store.Batch
	b.Put(store.Meta, ledgerKey, binary.BigEndian.AppendUint64(nil, uint64(n)), nil)
	_, err := l.store.Apply(ctx, &b)
	return err
}
