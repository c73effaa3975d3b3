package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"openarena/pipeline"
	"openarena/store"
	"openarena/store/postgres"
)

// Worker is one process at work on an arena. Its exported fields are set before Run, which is called once.
type Worker struct {
	Fleet   *Fleet
	Store   store.Store
	ID      string // unlike that of any other, the dead included
	Host    string
	PID     int
	Command string // as others see it

	Labels      map[string]string // what its machine has
	Models      []string          // names of models and judges that it works for; none: all
	Endpoints   map[string]string // other addresses of endpoints, by name
	Concurrency int               // calls at once at each endpoint; 0: as the file says
	Generate    bool              // it works on answers
	Judge       bool              // and on judgments

	Slice        time.Duration // how long a part is worked on before others have their turn
	Rescue       time.Duration // after how long without a word it is taken for dead
	Grace        time.Duration // for calls in flight when it is to end; 0: as long as they take
	Idle         time.Duration // it ends when there was nothing to do for so long, or the arena is finished; 0: never
	Finish       bool          // it ends when its stages are finished, whoever finishes them
	StoreTimeout time.Duration // for how long a server that is away is waited for
	Published    int64         // the configuration without which it has nothing to do; 0: it works by any

	Env     func(string) (string, bool)
	Say     func(format string, args ...any) // to people
	Log     *slog.Logger                     // River's warnings; nil: nowhere
	Observe pipeline.Observer
	Ask     func(string) bool
	Away    func(error) // told that the server is not heard of, and with nil when it is again; nil: nobody is

	leave   context.Context // of Run: when it ends nobody waits for a server any more
	give    context.CancelCauseFunc
	session atomic.Pointer[session]
	order   int64 // the last that was looked at
	heard   time.Time
	waits   string // as was last said
	retries int    // heartbeats in which parts that wait are still to be handed out
	fresh   bool
	many    atomic.Int64 // workers, this one included

	mu     sync.Mutex
	totals pipeline.Outcome
	counts []Count
	look   Outlook
	stands bool // for election, however many there are: nobody else did
	pace   pace
}

// Why a worker ended.
var (
	ErrFinished    = errors.New("all is done that can be")
	ErrIdle        = errors.New("there was nothing to do")
	ErrNothingLeft = errors.New("every model it worked for was given up")
	ErrDrained     = errors.New("told to hand back what it holds")
	ErrStopped     = errors.New("told to stop")
	ErrReplaced    = errors.New("another file was published in place of this one")
	// ErrConfiguration: what was published cannot be used with this machine's environment and flags.
	ErrConfiguration = errors.New("the published configuration cannot be used here")
	ErrGrace         = errors.New("calls were still in flight when --grace ended")
)

// Run works until stop ends, somebody orders so, or there is nothing left to do. The outcome is that of all it did. The error
// is nil where stop ended, or one of those above, or why it could not go on.
func (w *Worker) Run(ctx, stop context.Context) (pipeline.Outcome, error) {
	w.heard = time.Now()
	w.leave, w.give = context.WithCancelCause(ctx)
	defer w.give(nil)
	defer w.Fleet.Leave(context.WithoutCancel(ctx), w.ID)
	if err := w.Fleet.Permitted(stop); errors.Is(err, ErrDenied) { // a server that is away is waited for below
		return w.totals, err
	}
	for {
		e, err := w.await(ctx, stop)
		if err != nil || stop.Err() != nil {
			return w.totals, err
		}
		if err := w.replaced(stop, e); err != nil {
			return w.totals, err
		}
		s, err := w.begin(stop, e)
		var why error
		if err == nil {
			why, err = w.work(ctx, s)
		} else {
			err = fmt.Errorf("%s: %w", w.Host, err)
		}
		switch {
		case (s == nil || errors.Is(err, errBegin)) && postgres.Passing(err) && stop.Err() == nil:
			w.say("waiting: %s", postgres.Reason(err)) // for as long as await waits for a server
			continue
		case err != nil:
			return w.totals, err
		case errors.Is(why, errEpoch), errors.Is(why, errUnled):
			continue
		case errors.Is(why, errBudget):
			w.conclude(ctx, s)
			return w.totals, nil
		case stop.Err() != nil:
			return w.totals, graceEnded(why)
		case errors.Is(why, ErrFinished), errors.Is(why, ErrIdle), errors.Is(why, ErrNothingLeft):
			w.conclude(ctx, s)
		}
		return w.totals, why
	}
}

// conclude has others know, whoever is left, what came of the work: ratings, and why some of it was left.
func (w *Worker) conclude(ctx context.Context, s *session) {
	s.renewLast(ctx)
	w.mu.Lock()
	o, others := w.totals, len(w.look.Given) > 0
	w.mu.Unlock()
	if len(o.Stopped) == 0 && o.Budget == nil && others {
		return // they have said why
	}
	if err := o.Note(ctx, w.Store); err != nil && ctx.Err() == nil {
		w.say("warning: why work was left is not noted: %v", err)
	}
}

func graceEnded(why error) error {
	if errors.Is(why, ErrGrace) {
		return ErrGrace
	}
	return nil
}

// await waits until a configuration is published.
func (w *Worker) await(ctx, stop context.Context) (e Epoch, err error) {
	began, said := time.Now(), false
	for {
		n, err := w.beat(ctx, Member{})
		if err == nil {
			e, err = w.Fleet.Epoch(ctx)
		}
		if err == nil && (w.order == 0 || n.Fresh) {
			w.order = n.Order // of what was ordered before, only what is in force matters
		}
		switch {
		case err == nil:
			return e, nil
		case denied(err) != nil:
			return e, denied(err)
		case !errors.Is(err, ErrUnpublished) && time.Since(w.heard) > w.StoreTimeout:
			return e, w.gone(err)
		case !said && postgres.Passing(err):
			said = true
			w.say("waiting for the database for %s: %s", w.StoreTimeout, postgres.Reason(err))
		case !said:
			said = true
			w.say("waiting: %v", err)
		case errors.Is(err, ErrUnpublished) && w.Idle > 0 && time.Since(began) > w.Idle:
			return e, ErrIdle
		}
		select {
		case <-time.After(w.every(1)):
		case <-stop.Done():
			return e, nil
		}
	}
}

// crowd is how many are at work, as was heard last.
func (w *Worker) crowd() crowd { return crowd(max(1, w.many.Load())) }

// every is how often a worker is heard of, among so many.
func (w *Worker) every(c crowd) time.Duration {
	return jittered(min(c.beat(), max(w.Rescue/4, 100*time.Millisecond)))
}

func (w *Worker) say(format string, args ...any) {
	if w.Say != nil {
		w.Say(format, args...)
	}
}

func (w *Worker) log() *slog.Logger {
	if w.Log != nil {
		return w.Log
	}
	return silent
}

// load is the published configuration as this worker has it.
func (w *Worker) load(ctx context.Context, e Epoch) (*pipeline.Arena, pipeline.Job, error) {
	job := pipeline.Job{Generate: w.Generate, Judge: w.Judge, Parts: true, Ask: w.Ask, Observe: w.Observe}
	c, o, err := w.Fleet.Configuration(ctx, e, w.Env)
	if err != nil {
		return nil, job, fmt.Errorf("%w: %w", ErrConfiguration, err)
	}
	job.AllowUnknownCost, job.Wait = o.AllowUnknownCost, o.Wait
	for name, address := range w.Endpoints {
		if err := c.Redirect(name, address); err != nil {
			return nil, job, fmt.Errorf("%w: --endpoint: %w", ErrConfiguration, err)
		}
	}
	if w.Concurrency > 0 {
		c.Limit(w.Concurrency)
	}
	commons := w.Fleet.commons(w.leave, w.ID, e, w.StoreTimeout)
	commons.crowd = w.crowd
	job.Commons = commons
	job.Own = slices.Sorted(maps.Keys(w.Endpoints))
	a, err := pipeline.New(c, pipeline.Trial{})
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrConfiguration, err)
	}
	return a, job, err
}

// work is a session from its beginning to its end, and why it ended.
func (w *Worker) work(ctx context.Context, s *session) (why, err error) {
	if missing := w.unknown(s.arena); len(missing) > 0 {
		w.say("warning: --models: the arena has no %s", strings.Join(missing, ", "))
	}
	if err := w.obeyInForce(ctx, s); err != nil {
		return nil, err
	}
	w.session.Store(s)
	calling, giveUp := context.WithCancel(ctx)
	defer giveUp()
	late := atomic.Bool{}
	defer context.AfterFunc(s.stopping, func() {
		if w.Grace > 0 {
			time.AfterFunc(w.Grace, func() { late.Store(true); giveUp() })
		}
	})()
	var helpers sync.WaitGroup
	helpers.Go(func() { w.pulse(ctx, s) })
	o, err := s.serve(calling)
	cut := late.Load() // else nothing was in flight any more
	helpers.Wait()
	why = context.Cause(s.stopping)
	w.add(s, o, errors.Is(why, ErrFinished))
	if cut {
		why = ErrGrace
	}
	if errors.Is(why, store.ErrUnwritable) && !errors.Is(err, store.ErrUnwritable) { // all that had arrived is saved
		err = nil
	}
	return why, err
}

// add adds up what sessions came to.
func (w *Worker) add(s *session, o pipeline.Outcome, finished bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &w.totals
	t.Answers, t.Judgments, t.Failed = t.Answers+o.Answers, t.Judgments+o.Judgments, t.Failed+o.Failed
	t.Notes, t.Budget, t.Stopped = o.Notes, errors.Join(o.Budget), nil
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stopped := range o.Stopped {
		done := slices.ContainsFunc(s.stopped, func(g Gone) bool {
			return finished && g.Model == stopped.Model && w.look.Of == s.epoch.Number && !slices.Contains(w.look.Given, g.Queue)
		})
		if !done { // else others have done what it was given up for
			t.Stopped = append(t.Stopped, stopped)
		}
	}
}
