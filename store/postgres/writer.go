package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/jackc/pgx/v5/pgconn"

	"openarena/store"
)

// Limits of one commit, and of what may wait for the next beyond the callers that wait to be let in.
const (
	maxGroupOps   = 1024
	maxGroupBytes = 8 << 20
	maxQueue      = 1024
)

// lastWait is how long Close waits for a server that is away.
const lastWait = 10 * time.Second

// writer owns all writing of this process: one goroutine that commits whatever is waiting in one transaction. The round trip
// of the last commit is the time in which the next one gathers, so there is no timer, and a lone write waits for nobody.
type writer struct {
	db      *DB
	ctx     context.Context // of Open, without its end: what was accepted is written
	options Options
	jobs    chan *job
	done    chan struct{} // closed when run has returned

	mu     sync.RWMutex // sending on jobs: shared; closing it: exclusive
	closed bool

	closing   context.Context // ends when close begins, or whoever opened the database wants to leave
	end       context.CancelFunc
	closeWait time.Duration // how long the server is waited for then
	heard     atomic.Int64  // when it answered since, or close began, in nanoseconds since 1970; 0: not yet

	// Of run:
	failed   error       // why a commit was given up; nothing is sent after it
	lifeboat store.Store // where what comes then is written; nil: nowhere
	id       int64       // drawn by lot
	seq      int64       // of the last commit that was made
	forget   bool        // what it found is still kept
}

func newWriter(ctx context.Context, db *DB, o Options) *writer {
	w := &writer{
		db: db, ctx: context.WithoutCancel(ctx), options: o, id: 1 + rand.Int64N(1<<62),
		jobs: make(chan *job, maxQueue), done: make(chan struct{}), closeWait: lastWait,
	}
	w.closing, w.end = context.WithCancel(w.ctx)
	context.AfterFunc(ctx, w.end)
	return w
}

// apply is Store.Apply.
func (w *writer) apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	if err := ctx.Err(); err != nil {
		return store.Result{}, err
	}
	if b.Empty() {
		return store.Result{}, nil
	}
	j, err := newJob(b)
	if err != nil {
		return store.Result{}, err
	}
	if err := w.send(ctx, j); err != nil {
		return store.Result{}, err
	}
	select {
	case err := <-j.done:
		if err != nil {
			return store.Result{}, err
		}
		return store.Result{Created: j.created}, nil
	case <-ctx.Done():
		return store.Result{}, ctx.Err()
	}
}

func (w *writer) send(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return fmt.Errorf("write to %s: %w", w.db.where, store.ErrClosed)
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close takes no more jobs, and returns when those that were taken are committed.
func (w *writer) close() error {
	w.end() // first: who waits to be let in keeps us from the lock while the server is away
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.jobs)
	}
	w.mu.Unlock()
	<-w.done
	return w.closeRescue()
}

// run commits until close.
func (w *writer) run() {
	defer close(w.done)
	for first := range w.jobs {
		jobs := w.gather(first)
		if w.failed == nil {
			if err := w.commit(jobs); err != nil {
				w.giveUp(err)
			}
		}
		err := w.failed
		if err != nil {
			err = w.rescue(jobs)
		}
		for _, j := range jobs {
			j.done <- err
		}
	}
}

// gather takes what is waiting, without waiting for more.
func (w *writer) gather(first *job) []*job {
	jobs, ops, size := []*job{first}, len(first.ops), first.bytes
	for ops < maxGroupOps && size < maxGroupBytes {
		select {
		case j, ok := <-w.jobs:
			if !ok {
				return jobs
			}
			jobs, ops, size = append(jobs, j), ops+len(j.ops), size+j.bytes
		default:
			return jobs
		}
	}
	return jobs
}

// commit makes one commit of jobs, however often it takes.
func (w *writer) commit(jobs []*job) error {
	began := time.Now()
	g := newGroup(jobs)
	c := newCommit(w, g)
	sent := time.Now()
	err := w.insist(func(ctx context.Context, pc *pgconn.PgConn) error {
		taken, err := c.send(ctx, pc)
		if wasMade(err) { // and we were not told
			taken, err = w.db.recall(ctx, pc, w.id, w.seq+1)
		}
		if err == nil {
			g.tell(taken)
			w.forget = len(taken) > 0
		}
		return err
	})
	if err != nil {
		return err
	}
	w.seq++
	if w.options.Committed != nil {
		w.options.Committed(store.Commit{Batches: len(jobs), Took: time.Since(began), Sync: time.Since(sent)})
	}
	return nil
}

// insist calls f with a connection until it succeeds, its error is one that stays, or the server was away for too long.
func (w *writer) insist(f func(context.Context, *pgconn.PgConn) error) error {
	away := spell{tell: w.options.Away}
	defer away.close()
	tell := func(what string) {
		away.begin(fmt.Errorf("%s; nothing is lost, what is done meanwhile waits for it for %s", what, w.db.patience))
	}
	pace, closing := newPace(w.db.patience), w.closing.Done()
	for try := 0; ; try++ {
		mute := time.AfterFunc(w.db.silence, func() { tell(fmt.Sprintf("%s has not answered for %s", w.db.where, w.db.silence)) })
		err := w.db.once(w.ctx, f)
		mute.Stop()
		if err == nil {
			away.over()
		}
		if err == nil || !Passing(err) {
			return err
		}
		if try > 0 && !inTheWay(err) { // the first may only have found out that a connection was lost long ago
			tell(absent(w.db.where, err))
		}
		wait := pace.NextBackOff()
		if since := away.since(); wait == backoff.Stop && !since.IsZero() {
			return fmt.Errorf("it is away since %s: %s", since.Format(time.TimeOnly), Reason(err))
		}
		if wait == backoff.Stop {
			return err
		}
		select {
		case <-time.After(wait):
		case <-closing:
			pace, closing = newPace(min(w.closeWait, w.db.patience)), nil
		}
	}
}

// hurry ends a call once close has begun and the server has answered nobody for closeWait, until stop is called.
func (w *writer) hurry(call context.Context, end context.CancelFunc) (stop func() bool) {
	return context.AfterFunc(w.closing, func() {
		w.heard.CompareAndSwap(0, time.Now().UnixNano())
		select {
		case <-time.After(time.Until(time.Unix(0, w.heard.Load()).Add(w.closeWait))):
			end()
		case <-call.Done():
		}
	})
}
