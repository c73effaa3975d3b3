package fleet

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"openarena/pipeline"
)

// Rehearsal is a worker as far as the server sees it, with models that never answer: it takes parts, works on each for a slice, and
// gives it back, as real ones do, by the same River client and the same statements. It is for measurements of very many.
type Rehearsal struct {
	Fleet *Fleet
	ID    string
	Serve func(pipeline.Part) bool // whose parts it takes; the same of all parts of a model
	Parts []pipeline.Part          // of the arena, as RehearseOn has them
	Epoch Epoch
	Slice time.Duration
	Many  int64 // workers, as long as nobody has counted them
	Log   *slog.Logger

	slices atomic.Int64
}

// RehearseOn publishes nothing, and lays out parts for workers that rehearse; something has to be published.
func (f *Fleet) RehearseOn(ctx context.Context, parts []pipeline.Part) error {
	return f.lay(ctx, parts)
}

// Slices is how many ended.
func (r *Rehearsal) Slices() int64 { return r.slices.Load() }

// Start begins to work, until ctx ends.
func (r *Rehearsal) Start(ctx context.Context) error {
	w := &Worker{Fleet: r.Fleet, ID: r.ID, Host: "rehearsal", Command: "openarena worker", Slice: r.Slice, Rescue: 30 * time.Second, Log: r.Log, leave: ctx}
	w.many.Store(r.Many)
	s := &session{worker: w, epoch: r.Epoch, queues: map[string]string{}, since: time.Now(), leads: w.crowd().stands()}
	s.stopping, s.stop = context.WithCancelCause(ctx)
	s.part = func(ctx context.Context, _ pipeline.Part) (pipeline.PartResult, error) {
		<-ctx.Done()
		r.slices.Add(1)
		return pipeline.PartResult{Wanted: 1000, Done: r.slices.Load(), Left: 1000, Asked: 1}, nil
	}
	look := func(context.Context, pipeline.Part) (pipeline.PartResult, error) {
		return pipeline.PartResult{Wanted: 1000, Left: 1000}, nil
	}
	s.plan = &planner{fleet: r.Fleet, epoch: r.Epoch.Number, look: look, insert: func(ctx context.Context, jobs []river.InsertManyParams) error {
		_, err := s.client.InsertMany(ctx, jobs)
		return err
	}}
	var err error
	if s.client, err = river.NewClient(riverpgxv5.New(r.Fleet.pool), s.config(r.queues(), width(r.Parts, 1000*int64(len(r.Parts))))); err != nil {
		return err
	}
	if err := w.rehearse(ctx, s); err != nil {
		return err
	}
	if err := s.client.Start(ctx); err != nil {
		return err
	}
	commons := r.Fleet.commons(ctx, r.ID, r.Epoch, time.Minute)
	commons.crowd = w.crowd
	go r.share(ctx, commons)
	go r.live(ctx, w, s)
	return nil
}

// live keeps a worker's row alive.
func (r *Rehearsal) live(ctx context.Context, w *Worker, s *session) {
	for {
		select {
		case <-time.After(w.every(w.crowd())):
		case <-ctx.Done():
			return
		}
		if err := w.rehearse(ctx, s); err != nil && ctx.Err() == nil {
			w.log().Warn("heartbeat", "err", err.Error())
		}
	}
}

func (r *Rehearsal) queues() (all []queue) {
	known := map[string]bool{}
	for _, p := range r.Parts {
		if name := queueOf(p.Judge, p.Who); r.Serve(p) && !known[name] {
			known[name] = true
			all = append(all, queue{name, name, 64, time.Minute})
		}
	}
	return all
}

// rehearse is pulseOnce for who has no runner.
func (w *Worker) rehearse(ctx context.Context, s *session) error {
	s.mu.Lock()
	info := Info{Parts: s.parts, InFlight: 64, Queued: 900, PerSecond: 12.3, Answers: 123456, Input: 12345678, Output: 12345678, CostUSD: new(float64)}
	s.mu.Unlock()
	n, err := w.beat(ctx, Member{Queues: s.taking(), Epoch: s.epoch.Number, Info: info})
	if err != nil {
		return err
	}
	if n.Workers > 0 {
		w.many.Store(n.Workers)
	}
	if time.Since(s.counted) >= w.crowd().count() {
		w.recount(ctx, s)
	}
	return nil
}

// share asks for what is shared, and tells what was spent, as a pipeline.Runner does.
func (r *Rehearsal) share(ctx context.Context, c *commons) {
	told, spent := time.Now(), int64(0)
	for ctx.Err() == nil {
		word, err := c.Hear(ctx)
		if err == nil && time.Since(told) >= max(5*time.Second, word.Report) {
			told, spent = time.Now(), spent+64
			_, err = c.Account(ctx, pipeline.Account{Spent: pipeline.Amount{Calls: spent, Tokens: 1000 * spent}})
		}
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("what is shared", "err", err.Error())
		}
		select {
		case <-time.After(max(word.Again, time.Second)):
		case <-ctx.Done():
		}
	}
}
