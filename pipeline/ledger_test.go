package pipeline

import (
	"context"
	"sync"
	"testing"
	"time"

	"openarena/store"
)

// counting is a store that counts its commits.
type counting struct {
	store.Store
	mu      sync.Mutex
	commits int
}

func (c *counting) Apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	c.mu.Lock()
	c.commits++
	c.mu.Unlock()
	return c.Store.Apply(ctx, b)
}

func TestLedgerNeverTellsTooLittle(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	db := &counting{Store: w.open()}
	ctx := t.Context()
	onDisk := func() int {
		n, err := outstanding(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	l, err := openLedger(ctx, db, nil)
	if err != nil {
		t.Fatal(err)
	}
	for open := 1; open <= 1000; open++ {
		if err := l.begin(ctx); err != nil {
			t.Fatal(err)
		}
		if got := onDisk(); got < open || got > max(16, 2*open) {
			t.Fatalf("with %d calls open the bound on disk is %d; want at least as many, and at most twice", open, got)
		}
	}
	if db.commits > 8 {
		t.Errorf("1,000 calls at once took %d commits of the ledger; want 7 doublings of 16", db.commits)
	}

	// The process dies here. The next one books the bound, once.
	for range 2 {
		if l, err = openLedger(ctx, db, nil); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := db.Get(ctx, store.Totals, lostKey, store.WithMeta)
	if err != nil || store.Counter(rec) != 1024 || onDisk() != 0 {
		t.Fatalf("after a crash %d calls are booked as lost, %d are open (%v); want 1,024 and none", store.Counter(rec), onDisk(), err)
	}

	// A clean end leaves nothing but what was given up.
	for range 20 {
		if err := l.begin(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for range 17 {
		l.end()
	}
	if err := l.close(ctx); err != nil || onDisk() != 32 {
		t.Errorf("close() with three calls open = %v, %d on disk; want the bound to stay", err, onDisk())
	}
	for range 3 {
		l.lose()
	}
	if err := l.close(ctx); err != nil || onDisk() != 0 {
		t.Errorf("close() = %v, %d on disk; want none", err, onDisk())
	}
	if rec, err = db.Get(ctx, store.Totals, lostKey, store.WithMeta); err != nil || store.Counter(rec) != 1027 {
		t.Errorf("%d calls are booked as lost, %v; want three more", store.Counter(rec), err)
	}
}

func TestLedgerUnderManyCallers(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	db := w.open()
	l, err := openLedger(t.Context(), db, nil)
	if err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	for range 300 {
		callers.Go(func() {
			if err := l.begin(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n, err := outstanding(t.Context(), db); n != 512 || err != nil {
		t.Errorf("with 300 calls open the bound is %d, %v; want 512", n, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	l.growing <- struct{}{}
	l.open = l.allowed
	if err := l.begin(ended); err == nil {
		t.Error("begin() of a run that has ended waits for nobody; want its error")
	}
}

func TestMeter(t *testing.T) {
	start := time.Unix(0, 0)
	var m meter
	for _, test := range []struct {
		name  string
		after time.Duration
		n     int64
		want  float64
	}{
		{"the first look knows no pace", 0, 100, 0},
		{"less than a second is too short", 900 * time.Millisecond, 500, 0},
		{"growth since the first look", 2 * time.Second, 300, 100},
		{"a pause slows it down", 4 * time.Second, 300, 50},
		{"only the last 20 seconds count", 40 * time.Second, 300, 0},
		{"and it comes back", 41 * time.Second, 667, 367},
	} {
		if got := m.pace(start.Add(test.after), test.n); got != test.want {
			t.Errorf("%s: %v; want %v", test.name, got, test.want)
		}
	}
	for i := range 100000 {
		m.pace(start.Add(time.Hour+time.Duration(i)*100*time.Millisecond), int64(i))
	}
	if len(m.samples) > 30 {
		t.Errorf("a meter keeps %d samples; want about 20", len(m.samples))
	}
}
