package fleet

import (
	"context"
	"fmt"
	"openarena/pipeline"
	"openarena/store"
	"openarena/store/postgres"
	"slices"
	"time"
)

// pulse has a session heard of until it ends, and carries out what it hears.
func (w *Worker) pulse(ctx context.Context, s *session) {
	for {
		w.pulseOnce(ctx, s)
		select {
		case <-time.After(w.every(w.crowd())):
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

// disown looks for orphans every now and then.
func (w *Worker) disown(ctx context.Context, s *session) {
	if now := time.Now(); now.Sub(s.disowned) >= w.Rescue {
		s.disowned = now
		n, err := w.Fleet.disown(ctx, w.ID, s.hands.held(now))
		if err != nil || n > 0 {
			w.log().Warn("parts that were lost on the way are handed out anew", "parts", n, "err", err)
		}
	}
}

func (w *Worker) pulseOnce(ctx context.Context, s *session) {
	n, err := w.beat(ctx, w.member(s))
	if postgres.Passing(err) && s.stopping.Err() == nil { // it may only have found out that a connection was lost long ago
		n, err = w.beat(ctx, w.member(s))
	}
	if err != nil {
		if refused := denied(err); refused != nil {
			s.stop(refused)
			return
		}
		w.away(fmt.Errorf("the database is away: %s; it is waited for, for %s", postgres.Reason(err), w.StoreTimeout))
		if time.Since(w.heard) > w.StoreTimeout {
			s.stop(w.gone(err))
		}
		return
	}
	w.away(nil)
	if n.Order > w.order {
		w.obey(ctx, s)
	}
	if w.retries > 0 { // once more: others may have put parts off before they heard of it
		w.retries--
		w.retry(ctx)
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
	if n.Workers > 0 {
		w.many.Store(n.Workers)
	}
	w.disown(ctx, s)
	why := w.over(s, n.Outlook)
	if why != nil || time.Since(s.counted) >= w.crowd().count() {
		w.recount(ctx, s)
	}
	w.mu.Lock()
	w.look = n.Outlook
	w.mu.Unlock()
	w.sayWaiting(s)
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
	m := Member{Queues: s.taking(), Epoch: s.epoch.Number, Info: info, Underway: s.news()}
	if info.Draining {
		m.Queues = nil
	}
	return m
}

// news are the parts at work whose counts have changed since they were told. The more workers there are, the rarer each tells.
func (s *session) news() (all []pipeline.Underway) {
	if time.Since(s.toldAt) < s.worker.crowd().tell() {
		return nil
	}
	s.toldAt = time.Now()
	told := map[pipeline.Part]pipeline.Underway{}
	for _, u := range s.runner.Underway() {
		if told[u.Part] = u; s.told[u.Part] != u {
			all = append(all, u)
		}
	}
	s.told = told
	return all
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
			if o.Directive.Do == pipeline.DoRetry {
				w.retries = 3
			}
		}
	}
}

// retry hands out now the parts that were to wait for a server to be asked again.
func (w *Worker) retry(ctx context.Context) {
	_, err := w.Fleet.pool.Exec(ctx, w.Fleet.sql(`UPDATE {schema}.river_job SET state = 'available', scheduled_at = now() WHERE kind = 'part' AND state = 'scheduled'`))
	if err != nil {
		w.log().Warn("hand out parts that waited", "err", err.Error())
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

// away has people told of a server that is not heard of, and that it is back.
func (w *Worker) away(why error) {
	if w.Away != nil {
		w.Away(why)
	}
}

// gone is the error of a server that was waited for long enough.
func (w *Worker) gone(err error) error {
	return fmt.Errorf("%w: the database is away since %s: %s", store.ErrUnwritable, w.heard.Format(time.TimeOnly), postgres.Reason(err))
}
