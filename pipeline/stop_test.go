package pipeline

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"openarena/internal/testkit/fakellm"
	"openarena/store"
)

// stopAfter are options whose server ends a context when that many calls have arrived.
func stopAfter(n int64, cancel context.CancelFunc, o fakellm.Options) fakellm.Options {
	o.OnArrive = func(arrived int64) {
		if arrived == n {
			cancel()
		}
	}
	return o
}

func TestSoftStopSavesWhatIsInFlight(t *testing.T) {
	for _, after := range []int64{1, 10, 50, 100, 170} {
		stop, cancel := context.WithCancel(t.Context())
		w := newWorld(t, stopAfter(after, cancel, fakellm.Options{Latency: fakellm.Latency{Mean: 5 * time.Millisecond, Sigma: 0.5}}), 20)
		a, db := w.arena(plain), w.open()
		o := runUntil(t, a, db, both, t.Context(), stop)
		if !o.Interrupted || o.Failed != 0 {
			t.Errorf("after %d calls: Run() = %+v; want an interruption, nothing failed", after, o)
		}
		served := w.server.Stats(false)
		if o.Answers+o.Judgments != served.Arrivals {
			t.Errorf("after %d calls: %d answers and %d judgments of %d calls are saved; want all", after, o.Answers, o.Judgments, served.Arrivals)
		}
		if served.Arrivals > after+16 {
			t.Errorf("stopped after %d calls, yet %d went out; want at most those in flight more", after, served.Arrivals)
		}
		run(t, w.arena(plain), db, both)
		wantDone(t, a, db, 60, 120)
		if got := w.server.Stats(false).Arrivals; got != 180 {
			t.Errorf("stopped after %d calls, both runs made %d; want 180", after, got)
		}
	}
}

func TestHardStopGivesUpWhatIsInFlight(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	// Calls would take a minute: only giving them up ends the run.
	w := newWorld(t, stopAfter(16, cancel, fakellm.Options{Latency: fakellm.Latency{Mean: time.Minute}}), 20)
	a, db := w.arena(plain), w.open()
	o := runUntil(t, a, db, both, ctx, t.Context())
	if !o.Interrupted || o.Answers != 0 || o.Failed != 0 {
		t.Errorf("Run() = %+v; want an interruption and nothing saved", o)
	}
	if got := status(t, a, db).PossiblyBilled; got < 16 || got > 17 {
		t.Errorf("status says that %d calls may have been billed; want the 16 that were given up", got)
	}
	w.server.SetLatency(fakellm.Latency{})
	run(t, a, db, both)
	wantDone(t, a, db, 60, 120)
}

// failing is a store whose disk is full after a number of commits.
type failing struct {
	store.Store
	left atomic.Int64
}

var errFull = errors.New("no space left")

func (f *failing) Apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	if f.left.Add(-1) < 0 {
		return store.Result{}, errFull
	}
	return f.Store.Apply(ctx, b)
}

func TestFailingStoreEndsTheRun(t *testing.T) {
	for _, after := range []int64{0, 1, 2, 30, 100, 200} {
		w := newWorld(t, fakellm.Options{}, 20)
		a, db := w.arena(plain), w.open()
		mustSync(t, a, db)
		full := &failing{Store: db}
		full.left.Store(after)
		r, err := NewRunner(t.Context(), a, full, both)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), t.Context()); !errors.Is(err, errFull) {
			t.Errorf("with %d commits left, Run() = %v; want %v", after, err, errFull)
		}
		lost := status(t, a, db).PossiblyBilled
		run(t, a, db, both)
		wantDone(t, a, db, 60, 120)
		if calls := w.server.Stats(false).Arrivals; calls > 180+lost {
			t.Errorf("with %d commits left, both runs made %d calls; want at most 180 and the %d that status told", after, calls, lost)
		}
	}
}

func TestRunnerThatCannotStartLetsGo(t *testing.T) {
	w := newWorld(t, fakellm.Options{}, 1)
	a, db := w.arena(plain), w.open() // the cleanup of open hangs if a snapshot stays
	mustSync(t, a, db)
	a.Judges[0].Endpoint.Kind = "carrier pigeon"
	if _, err := NewRunner(t.Context(), a, db, both); err == nil {
		t.Error("NewRunner() of an endpoint of unknown kind = nil; want an error")
	}
}
