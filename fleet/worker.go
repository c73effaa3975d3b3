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

	"github.com/jackc/pgx/v5"

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

	Env     func(string) (string, bool)
	Say     func(format string, args ...any) // to people
	Log     *slog.Logger                     // River's warnings; nil: nowhere
	Observe pipeline.Observer
	Ask     func(string) bool

	leave   context.Context // of Run: when it ends nobody waits for a server any more
	session atomic.Pointer[session]
	order   int64 // the last that was looked at
	heard   time.Time
	fresh   bool

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
	// ErrConfiguration: what was published cannot be used with this machine's environment and flags.
	ErrConfiguration = errors.New("the published configuration cannot be used here")
	ErrGrace         = errors.New("calls were still in flight when --grace ended")
)

// Run works until stop ends, somebody orders so, or there is nothing left to do. The outcome is that of all it did. The error
// is nil where stop ended, or one of those above, or why it could not go on.
func (w *Worker) Run(ctx, stop context.Context) (pipeline.Outcome, error) {
	w.heard, w.leave = time.Now(), ctx
	defer w.Fleet.Leave(context.WithoutCancel(ctx), w.ID)
	if err := w.Fleet.Permitted(stop); errors.Is(err, ErrDenied) { // a server that is away is waited for below
		return w.totals, err
	}
	for {
		e, err := w.await(ctx, stop)
		if err != nil || stop.Err() != nil {
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
			w.say("waiting: %v", err) // for as long as await waits for a server
			continue
		case err != nil:
			return w.totals, err
		case errors.Is(why, errEpoch), errors.Is(why, errUnled):
			continue
		case errors.Is(why, errBudget):
			s.renewLast(ctx)
			return w.totals, nil
		case stop.Err() != nil:
			return w.totals, graceEnded(why)
		case errors.Is(why, ErrFinished), errors.Is(why, ErrIdle), errors.Is(why, ErrNothingLeft):
			s.renewLast(ctx)
		}
		return w.totals, why
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
			return e, fmt.Errorf("%w: %w", store.ErrUnwritable, err)
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
	job.Commons = w.Fleet.commons(w.leave, w.ID, e, w.StoreTimeout)
	job.Own = slices.Sorted(maps.Keys(w.Endpoints))
	a, err := pipeline.New(c, pipeline.Trial{})
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrConfiguration, err)
	}
	return a, job, err
}

// queue is where the parts of a model come from.
type queue struct {
	name, model string
	concurrency int
	timeout     time.Duration
}

// queues are those that a worker takes parts from.
func (w *Worker) queues(a *pipeline.Arena) (all []queue) {
	serves := func(name string, labels map[string]string) bool {
		if len(w.Models) > 0 && !slices.Contains(w.Models, name) {
			return false
		}
		for key, value := range labels {
			if w.Labels[key] != value {
				return false
			}
		}
		return true
	}
	for _, m := range a.Contestants {
		if w.Generate && (serves(m.Name, m.Endpoint.Labels) || m.Answers != nil) {
			all = append(all, queue{queueOf(false, m.ID), m.Name, m.Endpoint.Concurrency, m.Endpoint.Timeout})
		}
	}
	for _, j := range a.Judges {
		if w.Judge && serves(j.Name, j.Endpoint.Labels) {
			all = append(all, queue{queueOf(true, j.ID), j.Name, j.Endpoint.Concurrency, j.Endpoint.Timeout})
		}
	}
	return all
}

// unknown are names in --models that the configuration does not have.
func (w *Worker) unknown(a *pipeline.Arena) (names []string) {
	for _, name := range w.Models {
		known := slices.ContainsFunc(a.Contestants, func(c pipeline.Contestant) bool { return c.Name == name }) ||
			slices.ContainsFunc(a.Judges, func(j pipeline.Judge) bool { return j.Name == name })
		if !known {
			names = append(names, name)
		}
	}
	return names
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

// pulse has a session heard of until it ends, and carries out what it hears.
func (w *Worker) pulse(ctx context.Context, s *session) {
	for {
		w.pulseOnce(ctx, s)
		select {
		case <-time.After(w.every(s.crowd)):
		case <-s.stopping.Done():
			w.pulseOnce(ctx, s) // that it drains
			return
		}
	}
}

func (w *Worker) planAnew(s *session) {
	if _, err := s.plan.plan(s.stopping); err != nil && s.stopping.Err() == nil {
		w.log().Warn("planning", "err", err.Error())
	}
}

func (w *Worker) pulseOnce(ctx context.Context, s *session) {
	n, err := w.beat(ctx, w.member(s))
	if err != nil {
		if refused := denied(err); refused != nil {
			s.stop(refused)
		} else if time.Since(w.heard) > w.StoreTimeout {
			s.stop(fmt.Errorf("%w: %w", store.ErrUnwritable, err))
		}
		return
	}
	if n.Order > w.order {
		w.obey(ctx, s)
	}
	if n.Epoch != s.epoch.Number {
		s.stop(errEpoch)
		return
	}
	if n.Plan < 0 || n.Plan > 5*planEvery || n.Of != s.epoch.Number { // nobody has yet, or whoever led has gone
		w.planAnew(s)
		s.unled(n)
	}
	s.planned = s.planned || !s.joined.IsZero() && n.Plan >= 0 && n.Plan < time.Since(s.joined)
	if s.joined.IsZero() {
		s.joined = time.Now()
	}
	why := w.over(s, n.Outlook)
	if why != nil || time.Since(s.counted) >= s.crowd.count() {
		w.recount(ctx, s)
	}
	w.mu.Lock()
	w.look = n.Outlook
	w.mu.Unlock()
	if why != nil {
		s.stop(why)
	}
}

// recount has a worker know how far the arena is.
func (w *Worker) recount(ctx context.Context, s *session) {
	counts, err := w.Fleet.Counts(ctx)
	if err != nil {
		return
	}
	s.counted = time.Now()
	w.mu.Lock()
	w.counts = counts
	w.mu.Unlock()
}

// over is why a session is to end now; nil: it is not.
func (w *Worker) over(s *session, look Outlook) error {
	known := s.planned && look.Of == s.epoch.Number
	finished := known && (look.Whole || look.Parts == 0)
	switch {
	case w.Finish && known && w.Generate && !w.Judge && look.Answers,
		w.Finish && known && w.Judge && !w.Generate && look.Verdicts,
		w.Finish && finished, w.Idle > 0 && finished:
		return ErrFinished
	case !w.Finish && len(s.taking()) == 0 && len(s.all) > 0:
		return ErrNothingLeft
	case w.Idle > 0 && s.idle() > w.Idle:
		return ErrIdle
	}
	return nil
}

// beat is heard by others, and hears what is new.
func (w *Worker) beat(ctx context.Context, m Member) (News, error) {
	m.ID, m.Host, m.PID, m.Command, m.Labels = w.ID, w.Host, w.PID, w.Command, w.Labels
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	asked := time.Now()
	n, err := w.Fleet.Beat(ctx, m, w.Rescue)
	if err != nil {
		return n, err
	}
	if skew := n.Now.Sub(asked); !w.fresh && (skew > 10*time.Second || skew < -10*time.Second) {
		w.say("warning: the clock of this machine is %v off the database server's: parts may be handed out late", skew.Abs().Round(time.Second))
	}
	w.heard, w.fresh = time.Now(), true
	return n, nil
}

// member is what a worker tells of itself.
func (w *Worker) member(s *session) Member {
	p := s.runner.Progress()
	s.mu.Lock()
	info := Info{Parts: s.parts, Stopped: slices.Clone(s.stopped)}
	s.mu.Unlock()
	info.Held, info.Draining, info.Input, info.Output, info.CostUSD = p.Paused, s.stopping.Err() != nil, p.Input, p.Output, p.CostUSD
	info.Answers, info.Judgments, info.Failed = s.runner.Tally()
	info.PerSecond = w.pace.of(time.Now(), info.Answers+info.Judgments)
	for _, e := range p.Endpoints {
		info.InFlight, info.Queued = info.InFlight+e.InFlight, info.Queued+e.Queue
		if e.Note != "" {
			info.Notes = append(info.Notes, e.Name+": "+e.Note)
		}
	}
	m := Member{Queues: s.taking(), Epoch: s.epoch.Number, Info: info}
	if info.Draining {
		m.Queues = nil
	}
	return m
}

// pace is how fast a number grows, over the last while.
type pace struct {
	at   time.Time
	n    int64
	rate float64
}

func (p *pace) of(now time.Time, n int64) float64 {
	took := now.Sub(p.at).Seconds()
	switch {
	case p.at.IsZero() || n < p.n:
		p.at, p.n, p.rate = now, n, 0
	case took >= 1:
		p.at, p.rate, p.n = now, 0.5*p.rate+0.5*float64(n-p.n)/took, n
	}
	return p.rate
}

// Progress is the whole arena as this worker knows it; ok is false before it has begun.
func (w *Worker) Progress() (p pipeline.Progress, ok bool) {
	s := w.session.Load()
	if s == nil {
		return p, false
	}
	p = s.runner.Progress()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, stage := range []*pipeline.StageProgress{&p.Generate, &p.Judge} {
		stage.Wanted, stage.Done, stage.Failed = 0, 0, 0
	}
	for _, c := range w.counts {
		stage := &p.Generate
		if c.Judge {
			stage = &p.Judge
		}
		stage.Wanted, stage.Done, stage.Failed = stage.Wanted+c.Wanted, stage.Done+c.Done, stage.Failed+c.Failed
	}
	return p, true
}

// Failed is how much of the whole arena failed, as was counted last.
func (w *Worker) Failed() (n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.counts {
		n += c.Failed
	}
	return n
}

// Waiting is what the arena waits for that nobody does, in a sentence; "" for nothing.
func (w *Worker) Waiting() string {
	s := w.session.Load()
	if s == nil {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.look.Of != s.epoch.Number || len(w.look.Unserved) == 0 {
		return ""
	}
	var names []string
	for _, q := range w.look.Unserved {
		names = append(names, modelOf(s.arena, q))
	}
	return "no worker takes the parts of " + strings.Join(names, ", ") + ": see --models and --labels of `openarena worker`"
}

func modelOf(a *pipeline.Arena, queue string) string {
	for _, m := range a.Contestants {
		if queueOf(false, m.ID) == queue {
			return m.Name
		}
	}
	for _, j := range a.Judges {
		if queueOf(true, j.ID) == queue {
			return j.Name
		}
	}
	return queue
}

// Runner is the present one; nil before there is any.
func (w *Worker) Runner() *pipeline.Runner {
	if s := w.session.Load(); s != nil {
		return s.runner
	}
	return nil
}

// obey carries out what was ordered since.
func (w *Worker) obey(ctx context.Context, s *session) {
	orders, err := w.Fleet.Orders(ctx, w.order)
	if err != nil {
		w.log().Warn("reading orders", "err", err.Error())
		return
	}
	for _, o := range orders {
		w.order = o.ID
		switch o.Directive.Do {
		case pipeline.DoStop:
			s.stop(ErrStopped)
		case DoDrain:
			s.stop(ErrDrained)
		default:
			s.runner.Obey(o.Directive) // one about an endpoint that this worker does not call is for others
		}
	}
}

// obeyInForce carries out what was ordered before and holds still.
func (w *Worker) obeyInForce(ctx context.Context, s *session) error {
	orders, err := w.Fleet.Orders(ctx, 0)
	if err != nil {
		return fmt.Errorf("read what was ordered: %w", err)
	}
	held := false
	for _, o := range orders {
		switch d := o.Directive; {
		case d.Do == pipeline.DoPause, d.Do == pipeline.DoResume:
			held = d.Do == pipeline.DoPause
			s.runner.Obey(d)
		case d.Do == pipeline.DoSet && o.Given.After(s.epoch.Since):
			s.runner.Obey(d)
		}
	}
	if held {
		w.say("paused by `openarena ctl`: `openarena ctl resume` goes on")
	}
	return nil
}

// pooled reports whether connections are likely shared with others between statements, as the URL hints: then nothing can be
// listened to.
func (f *Fleet) pooled() bool {
	switch f.pool.Config().ConnConfig.DefaultQueryExecMode {
	case pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeDescribeExec:
		return true
	}
	return false
}
