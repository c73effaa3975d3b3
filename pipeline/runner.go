package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"openarena/providers"
	"openarena/store"
)

// Job says what a run does. `generate` and `judge` are the same runner with one of them switched on.
type Job struct {
	Generate, Judge  bool
	Wait             bool                       // for hours, where a quota is used up, instead of giving the model up
	Parts            bool                       // it is fed part by part, by Serve and Work, instead of looking for its work by itself, by Run
	AllowUnknownCost bool                       // a limit of costs counts models without a price as nothing, instead of refusing them
	Ask              func(question string) bool // a person, where `pull: ask` needs one; nil: nobody is there
	Observe          Observer                   // is told how it goes; nil: nobody is
	Commons          Commons                    // what is shared with other processes at work on the arena; nil: nothing
	Own              []string                   // endpoints that only this process calls, whatever their limits
}

// Runner asks for everything an arena wants and its store does not have, or, where its job says so, for the parts that it is
// given. It is used once.
type Runner struct {
	arena    *Arena
	store    store.Store
	job      Job
	listings []listing
	pairing  *pairing
	library  *library
	ledger   *ledger
	budget   budget

	hearing, reporting time.Duration // how often it is asked what holds for all, and told what was spent, at least
	live               *live
	warning            string // about what this machine has too little of; may be empty

	connect   func(providers.Endpoint) (providers.Client, error)
	endpoints map[endpointKey]*endpoint
	fetchers  map[string]*fetcher // by the server's address
	order     []*endpoint         // as first named in the file
	callees   []*callee
	learnt    map[string]*learnt // by learntKey

	benches    [][]*judgeStage // judges in the order in which what one says may have the next asked
	turns      turns
	generating sync.WaitGroup // feeders and tasks of contestants; each judge has its own

	opening  context.Context // never ends: that of NewRunner
	starting context.Context // ends when no further call is to be started
	calling  context.Context // ends when calls in flight are to be given up
	saving   context.Context // never ends: what has arrived is saved
	quit     context.CancelCauseFunc

	service service // of parts
}

// Outcome is how a run ended.
type Outcome struct {
	Interrupted bool // stop was asked for
	Stopped     []Stopped
	Notes       []string // what was found out about models and their servers, a sentence each
	Failed      int64    // tasks that failed in this run and were left
	Answers     int64    // new ones
	Judgments   int64
	Budget      error // that it was reached, and which limit; nil: it was not
}

// NewRunner prepares a run. The datasets must have been read (Sync).
func NewRunner(ctx context.Context, a *Arena, s store.Store, job Job) (*Runner, error) {
	return newRunner(ctx, a, s, job, providers.New)
}

// newRunner is NewRunner with another way to reach models.
func newRunner(
	ctx context.Context, a *Arena, s store.Store, job Job, connect func(providers.Endpoint) (providers.Client, error),
) (*Runner, error) {
	r := &Runner{arena: a, store: s, job: job, library: &library{store: s}, connect: connect, endpoints: map[endpointKey]*endpoint{}}
	r.live = newLive(r)
	r.service.began = make(chan struct{})
	var err error
	if r.listings, err = a.listings(ctx, s); err != nil {
		return nil, err
	}
	if r.pairing, err = a.pairingIn(ctx, s); err != nil {
		return nil, err
	}
	r.opening = context.WithoutCancel(ctx)
	if r.ledger, err = openLedger(ctx, s, job.Commons); err != nil {
		return nil, err
	}
	if !job.Parts { // others may be at work on the same arena
		if err := noteStopped(ctx, s, nil); err != nil {
			return nil, err
		}
	}
	var judges []*judgeStage
	if job.Judge {
		if judges, err = r.addJudges(ctx); err != nil {
			return nil, err
		}
	}
	if job.Generate {
		if job.Parts {
			judges = nil // new answers are found by the parts of judges
		}
		err = r.addContestants(ctx, judges)
	}
	r.shareFiles()
	if err == nil {
		err = r.openBudget(ctx)
	}
	if err == nil {
		err = r.askPulls(ctx)
	}
	return r, err
}

func (r *Runner) addJudges(ctx context.Context) (all []*judgeStage, err error) {
	for i := range r.arena.Judges {
		j := &r.arena.Judges[i]
		c, err := r.newCallee(ctx, j.Model, true)
		if err != nil {
			return nil, err
		}
		s := &judgeStage{callee: c, run: r, judge: j, claims: newClaims(), generated: make(chan struct{})}
		if err := s.recall(ctx); err != nil {
			return nil, err
		}
		c.stage = s
		among := 0
		if r.job.Parts { // with each part once more, while it matters
			among = recalledAtOnce
		}
		if err := s.quality.recall(ctx, r.store, r.arena, j, among); err != nil {
			c.stop(err)
		}
		r.callees = append(r.callees, c)
		all = append(all, s)
	}
	r.seat(all)
	return all, nil
}

// seat puts the judges on their benches.
func (r *Runner) seat(all []*judgeStage) {
	stages := map[int]*judgeStage{}
	for _, s := range all {
		stages[s.judge.Place] = s
	}
	for _, judges := range r.arena.benches() {
		bench := make([]*judgeStage, len(judges))
		for i, j := range judges {
			bench[i] = stages[j.Place]
		}
		r.benches = append(r.benches, bench)
	}
	for i, bench := range r.benches {
		for _, s := range bench {
			s.later = slices.Concat(r.benches[i+1:]...)
		}
	}
}

func (r *Runner) addContestants(ctx context.Context, judges []*judgeStage) error {
	for i := range r.arena.Contestants {
		m := &r.arena.Contestants[i]
		if m.Answers != nil || !r.arena.chosen(m) {
			continue
		}
		c, err := r.newCallee(ctx, m.Model, false)
		if err != nil {
			return err
		}
		c.stage = &generateStage{callee: c, run: r, contestant: m, judges: judges}
		r.callees = append(r.callees, c)
	}
	return nil
}

// Run works until nothing is left to do, or stop ends: then no call is started any more and those in flight are saved.
// When ctx ends too, calls in flight are given up and only what has arrived is saved. An error means that the run could
// not go on: the store failed, or a dataset could not be walked.
func (r *Runner) Run(ctx, stop context.Context) (Outcome, error) {
	// Frozen before the first commit of this run: what is counted in it and what this run counts never overlap.
	before, err := r.store.Snapshot(context.WithoutCancel(ctx))
	if err != nil {
		return Outcome{}, err
	}
	return r.answer(ctx, stop, func(starting context.Context, helpers *sync.WaitGroup) {
		helpers.Go(func() { r.live.count(starting, before) })
		r.feed(starting, r.callees)
		r.generating.Wait()
		r.finishJudging()
		r.rounds(starting)
	})
}

// answer makes the calls that are queued while work lasts, and returns when the last of them has ended. helpers are waited for
// when starting has ended.
func (r *Runner) answer(ctx, stop context.Context, work func(starting context.Context, helpers *sync.WaitGroup)) (Outcome, error) {
	r.saving = context.WithoutCancel(ctx)
	for _, c := range r.callees {
		c.who = whoIs(c.model(), c.judging)
	}
	calling, quit := context.WithCancelCause(ctx)
	defer quit(nil)
	r.calling, r.quit = calling, quit
	starting, cancel := context.WithCancel(stop)
	defer cancel()
	r.starting = starting
	defer context.AfterFunc(calling, cancel)()
	r.beginBudget()
	defer r.closeBudget()

	var helpers sync.WaitGroup
	for _, e := range r.order {
		helpers.Go(func() { e.dispatch(starting) })
	}
	for _, f := range r.fetchers {
		helpers.Go(func() { f.work(starting) })
	}
	r.goByAll(starting, &helpers)
	helpers.Go(func() { // the end of stop drops what waits, so that the counts that work waits for come down
		<-starting.Done()
		for _, e := range r.order {
			e.close()
		}
	})
	work(starting, &helpers)
	cancel()
	helpers.Wait()
	for _, e := range r.order {
		e.calls.Wait()
	}
	return r.outcome(ctx, stop)
}

// finishJudging waits until the judges have nothing left to do, now that no answer comes any more.
func (r *Runner) finishJudging() {
	for _, bench := range r.benches {
		for _, s := range bench {
			close(s.generated)
		}
		for _, s := range bench {
			s.open.Wait()
		}
	}
}

// feed starts one feeder for each of these models; each counts as a task until it is done.
func (r *Runner) feed(ctx context.Context, models []*callee) {
	for _, c := range models {
		c.pending().Add(1)
		go func() {
			defer c.pending().Done()
			if err := c.feed(ctx); err != nil && ctx.Err() == nil {
				r.abort(fmt.Errorf("looking for the work of %s: %w", c.name, err))
			}
		}()
	}
}

// abort ends the run: nothing can be saved any more, or the plan cannot be read.
func (r *Runner) abort(err error) { r.quit(err) }

func (r *Runner) outcome(ctx, stop context.Context) (Outcome, error) {
	var o Outcome
	for _, c := range r.callees {
		o.Failed += c.tally.failed.Load()
		if c.judging {
			o.Judgments += c.tally.done.Load()
		} else {
			o.Answers += c.tally.done.Load()
		}
		stopped, reached := c.ending() // time may be up just now
		if stopped != nil {
			o.Stopped = append(o.Stopped, *stopped)
		}
		if reached != nil {
			o.Budget = reached
		}
	}
	o.Notes = r.discoveries()
	o.Interrupted = stop.Err() != nil || ctx.Err() != nil
	if cause := context.Cause(r.calling); cause != nil && ctx.Err() == nil {
		return o, cause
	}
	var err error
	if !r.job.Parts {
		err = noteStopped(r.saving, r.store, o.sentences())
	}
	return o, errors.Join(err, r.notePaces(r.saving), r.ledger.close(r.saving), r.leaveCommons(r.saving))
}
