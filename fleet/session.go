package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"openarena/pipeline"
	"openarena/store"
)

// session is a worker's work in one epoch: a Runner, and River's client that feeds it.
type session struct {
	worker *Worker
	epoch  Epoch
	arena  *pipeline.Arena
	runner *pipeline.Runner
	part   func(context.Context, pipeline.Part) (pipeline.PartResult, error) // works on one: the runner's
	plan   *planner
	client *river.Client[pgx.Tx]
	all    []string // queues that it took from at the start

	leads   bool      // or stands for it
	alone   int       // times that it found nobody who leads
	counted time.Time // when it was last counted how far the arena is
	toldAt  time.Time // when others were last told how far its parts are
	told    map[pipeline.Part]pipeline.Underway
	waits   string // what was waited for at the last look

	stopping context.Context // ends when no part is to be taken any more, and no call started
	stop     context.CancelCauseFunc

	mu        sync.Mutex
	queues    map[string]string // that it takes from: the model's name
	stopped   []Gone
	parts     int
	hands     hands
	disowned  time.Time    // when it was last looked for orphans
	renewing  sync.Mutex   // the overview
	boardTook atomic.Int64 // nanoseconds, the last time
	joined    time.Time    // others know since then what it takes
	planned   bool         // by somebody who knew
	since     time.Time    // nothing was asked for since; zero: something is at work
}

// Causes for a session to end, beside what the worker is told.
var (
	errEpoch  = errors.New("a new epoch has begun")
	errBudget = errors.New("nothing fits into the budget any more")
	errUnled  = errors.New("nobody leads")
)

// begin prepares a session.
func (w *Worker) begin(ctx context.Context, e Epoch) (*session, error) {
	s := &session{worker: w, epoch: e, queues: map[string]string{}, since: time.Now(), disowned: time.Now()}
	s.stopping, s.stop = context.WithCancelCause(ctx)
	arena, job, err := w.load(ctx, e)
	if err != nil {
		return nil, err
	}
	s.arena = arena
	many, err := w.Fleet.living(ctx)
	if err != nil {
		return nil, err
	}
	w.many.Store(int64(many))
	if s.runner, err = pipeline.NewRunner(ctx, arena, w.Store, job); err != nil {
		return nil, err
	}
	s.part = s.runner.Work
	parts, err := arena.Parts(ctx, w.Store)
	if err != nil {
		return nil, err
	}
	if err := w.Fleet.lay(ctx, parts); err != nil {
		return nil, fmt.Errorf("lay out the parts: %w", err)
	}
	size, err := arena.Prompts(ctx, w.Store)
	if err != nil {
		return nil, err
	}
	queues := w.queues(arena)
	s.leads = w.stands || many.stands() || len(queues) == 0 // River has no client without a queue
	config := s.config(queues, width(parts, size))
	if s.client, err = river.NewClient(riverpgxv5.New(w.Fleet.pool), config); err != nil {
		return nil, err
	}
	s.plan = &planner{fleet: w.Fleet, store: w.Store, arena: arena, epoch: e.Number, before: befores(arena), look: s.look, insert: func(ctx context.Context, jobs []river.InsertManyParams) error {
		_, err := s.client.InsertMany(ctx, jobs) // the fast one knows no jobs that are there already
		return err
	}}
	return s, nil
}

// look counts a part, and asks for nothing of it.
func (s *session) look(ctx context.Context, p pipeline.Part) (pipeline.PartResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.stopping, cancel)()
	return s.runner.Look(ctx, p)
}

// width is about how many answers or judgments a part has, by its model.
func width(parts []pipeline.Part, prompts int64) map[string]int64 {
	ranges := map[string]int64{}
	for _, p := range parts {
		ranges[queueOf(p.Judge, p.Who)]++
	}
	for q, n := range ranges {
		ranges[q] = max(1, prompts/n)
	}
	return ranges
}

// config is River's for this session.
func (s *session) config(queues []queue, width map[string]int64) *river.Config {
	w := s.worker
	workers := river.NewWorkers()
	river.AddWorker(workers, &partWorker{session: s})
	river.AddWorker(workers, &planWorker{session: s})
	config := &river.Config{
		ID: w.ID, Schema: w.Fleet.schema, Workers: workers, Logger: w.log(), Queues: map[string]river.QueueConfig{},
		RetryPolicy: soon{}, PollOnly: w.Fleet.pooled(), FetchPollInterval: w.crowd().poll(),
		CompletedJobRetentionPeriod: time.Minute, CancelledJobRetentionPeriod: time.Hour, DiscardedJobRetentionPeriod: time.Hour,
		LeaderElectionDisabled: !s.leads,
	}
	if s.leads {
		lead(config)
	}
	longest := time.Duration(0)
	for _, q := range queues {
		longest = max(longest, q.timeout)
		s.queues[q.name] = q.model
		s.all = append(s.all, q.name)
		if q.concurrency == 0 {
			q.concurrency = 64
		}
		// Enough to have all slots full while one part comes to its end, and no more than others can spare.
		parts := min(max(int64(q.concurrency)*3/2/max(1, width[q.name])+2, 2), 12)
		config.Queues[q.name] = river.QueueConfig{MaxWorkers: int(parts)}
	}
	config.JobTimeout = 2*w.Slice + longest + time.Minute
	config.RescueStuckJobsAfter = config.JobTimeout + w.Rescue
	slices.Sort(s.all)
	return config
}

// unled is told that nobody had planned for a while. Of many only some stand for election: should they all have gone, who finds
// that so twice begins anew as one that does.
func (s *session) unled(n News) {
	if s.leads || n.Plan < 0 || n.Of != s.epoch.Number {
		return
	}
	if s.alone++; s.alone > 1 {
		s.worker.stands = true
		s.stop(errUnled)
	}
}

var errBegin = errors.New("begin to take parts")

// serve works until the session is to end, and returns what came of it.
func (s *session) serve(ctx context.Context) (pipeline.Outcome, error) {
	if err := s.client.Start(context.WithoutCancel(ctx)); err != nil {
		s.stop(err)
		return pipeline.Outcome{}, fmt.Errorf("%w: %w", errBegin, err)
	}
	var helpers sync.WaitGroup
	helpers.Go(func() {
		<-s.stopping.Done()
		stopping, cancel := lingering(context.WithoutCancel(ctx), s.worker.leave)
		defer cancel()
		s.client.Stop(stopping) // it waits for the parts at work, which end as Serve stops
	})
	o, err := s.runner.Serve(ctx, s.stopping)
	if errors.Is(err, store.ErrUnwritable) || errors.Is(err, store.ErrAway) { // it was waited for
		s.worker.give(store.ErrUnwritable)
	}
	s.stop(err)
	defer s.handingBack()()
	helpers.Wait()
	return o, err
}

// quiet is after how long a server that says nothing is told of.
const quiet = 5 * time.Second

// handingBack waits, until stop is called, for a server that is told that parts are handed back, for as long as for one that is away.
func (s *session) handingBack() (stop func()) {
	w := s.worker
	tell := time.AfterFunc(quiet, func() {
		w.away(fmt.Errorf("the database does not take back what is not done yet; it is waited for, for %s", w.StoreTimeout))
	})
	give := time.AfterFunc(w.StoreTimeout, func() { w.give(store.ErrUnwritable) })
	return func() { tell.Stop(); give.Stop() }
}

// gaveUp is told that the runner does not call a model any more: its parts are for others.
func (s *session) gaveUp(queue string, why *pipeline.Stopped) {
	s.mu.Lock()
	name, taken := s.queues[queue]
	delete(s.queues, queue)
	if taken {
		s.stopped = append(s.stopped, Gone{Queue: queue, Model: name, Refused: why.Refused, Why: why.String()})
	}
	s.mu.Unlock()
	if !taken {
		return
	}
	s.worker.say("%s; its parts are left to other workers", why)
	go s.client.Queues().Remove(s.stopping, queue)
}

// taking are the queues that parts are taken from.
func (s *session) taking() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.queues))
}

// begun and ended count the parts at work.
func (s *session) begun() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts++
}

func (s *session) ended(asked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts--
	if asked {
		s.since = time.Now()
	}
}

// idle is for how long there was nothing to do.
func (s *session) idle() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts > 0 {
		s.since = time.Now()
	}
	return time.Since(s.since)
}
