package pipeline

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"openarena/configs"
	"openarena/elo"
	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// live is what a run knows of itself while it goes on: what the database held at its start, found by one walk beside the
// work, and what has come since.
type live struct {
	run     *Runner
	started time.Time
	pairing *pairing
	judges  []*Judge

	mu     sync.Mutex
	base   *census // nil until it was counted
	grown  int64   // judgments that became wanted since
	scores []pairScore
	seen   int64 // verdicts in scores; where judges are heard together, battles
	pace   map[string]*meter

	deriving sync.Mutex          // taken before mu
	fresh    map[VerdictKey]bool // guarded by mu: verdicts about single answers whose battles are not in scores yet

	fitting sync.Mutex // beside mu: who saves a verdict never waits for a fit
	fitted  int64      // verdicts that ranking knows
	ranking []Standing
}

// pairScore is what two contestants took from each other: a battle for as many verdicts as one has, so that a pair judged
// in both orders does not look twice as certain. It is for looking at while a run goes on; Rate waits for whole battles.
type pairScore struct{ points, n float64 }

func newLive(r *Runner) *live {
	n := len(r.arena.Contestants)
	return &live{run: r, started: time.Now(), pairing: r.arena.pairing(), judges: r.arena.own(), scores: make([]pairScore, n*n), pace: map[string]*meter{}, fresh: map[VerdictKey]bool{}}
}

// count walks the state of the start, and closes it.
func (l *live) count(ctx context.Context, before store.Snapshot) {
	defer before.Close()
	a := l.run.arena
	p, err := a.pairingIn(ctx, before)
	if err != nil {
		return // as below
	}
	c, scores, seen, expected := newCensus(p), make([]pairScore, len(l.scores)), int64(0), int64(0)
	for s, err := range a.sheets(ctx, before, l.run.listings, walkOptions{span: everything, verdicts: metas, failures: true}) {
		if err != nil {
			return // the feeders meet the same error and end the run
		}
		c.see(s)
		for _, b := range c.pairing.of(s.Prompt) {
			seen += l.weigh(scores, s, b)
			expected += p.unasked(s, b)
		}
	}
	l.run.expect(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.base = c
	for i, s := range scores {
		l.scores[i].points += s.points
		l.scores[i].n += s.n
	}
	l.seen += seen
	l.grown += expected
}

// weigh adds what was said of a battle, and returns how many verdicts that were.
func (l *live) weigh(scores []pairScore, s *sheet, b battle) (seen int64) {
	m := l.pairing.battleMargins(s, b)
	switch plain := l.pairing.panel.plain; {
	case plain && m.shown > 0:
		l.score(scores, b, m.points("win"), float64(m.shown)/l.verdicts(b))
		return int64(m.shown)
	case !plain && !m.owed && m.weight > 0:
		l.score(scores, b, m.points("win"), 1)
		return 1
	}
	return 0
}

// verdicts is how many make a battle.
func (l *live) verdicts(b battle) float64 { return float64(max(1, len(l.pairing.judges(l.judges, b)))) }

// score adds n battles that give A so many points each.
func (l *live) score(scores []pairScore, b battle, points, n float64) {
	a := l.run.arena
	s := &scores[a.byID[b.A.Contestant].Place*len(a.Contestants)+a.byID[b.B.Contestant].Place]
	s.points += points * n
	s.n += n
}

// decided takes note of a new verdict, where it counts whatever others say.
func (l *live) decided(k VerdictKey, v judge.Verdict) {
	if k.Repeat > 0 || !l.pairing.panel.plain || l.run.job.Parts {
		return
	}
	if k.alone() {
		l.decidedAlone(k, v)
		return
	}
	if v.State == judge.Invalid {
		return
	}
	level, share := fromA(verdict{Verdict: v}, k.Order)
	points := margins{level: level, share: share, weight: 1}.points("win")
	l.mu.Lock()
	defer l.mu.Unlock()
	b := battle{A: k.A, B: k.B}
	l.score(l.scores, b, points, 1/l.verdicts(b))
	l.seen++
}

// concluded takes note of a battle in which a judgment was concluded: as it is now, and as it was before. It counts when
// nobody is to be heard any more.
func (l *live) concluded(now, was *sheet, b battle) {
	m := l.pairing.battleMargins(now, b)
	if !l.pairing.alone { // else it is counted for all battles of the prompt together
		l.widened(func(c *census, s *sheet) { c.seeBattle(s, b) }, now, was)
	}
	before := l.pairing.battleMargins(was, b)
	l.mu.Lock()
	defer l.mu.Unlock()
	if before.owed && !m.owed && m.weight > 0 {
		l.score(l.scores, b, m.points("win"), 1)
		l.seen++
	}
}

// grow takes note of judgments that became wanted.
func (l *live) grow(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.grown += n
}

// Standing is one line of the ranking while a run goes on.
type Standing struct {
	Place        int     `json:"place"`
	Model        string  `json:"model"`
	Rating       float64 `json:"rating"`
	Lower, Upper float64 `json:"-"`
	Battles      int     `json:"battles"` // as many as the verdicts make
}

// rank fits the ranking anew if there is something new.
func (l *live) rank() []Standing {
	l.fitting.Lock()
	defer l.fitting.Unlock()
	l.mu.Lock()
	scores, seen := slices.Clone(l.scores), l.seen
	l.mu.Unlock()
	if seen == l.fitted {
		return l.ranking
	}
	n := len(l.run.arena.Contestants)
	met := make([]float64, n)
	var battles []elo.Battle
	for i, s := range scores {
		if s.n > 0 {
			battles = append(battles, elo.Battle{A: int32(i / n), B: int32(i % n), Cluster: int32(i), Score: s.points / s.n, Weight: s.n})
			met[i/n] += s.n
			met[i%n] += s.n
		}
	}
	fit, err := elo.BradleyTerry(n, battles, l.run.arena.quickly())
	if err != nil {
		return l.ranking
	}
	l.fitted, l.ranking = seen, nil
	for _, i := range fit.Order() {
		if c := fit.Contestants[i]; c.Rated {
			l.ranking = append(l.ranking, Standing{
				Place: c.Rank, Model: l.run.arena.Contestants[i].Name, Rating: c.Rating, Lower: c.Lower, Upper: c.Upper, Battles: int(math.Round(met[i])),
			})
		}
	}
	return l.ranking
}

// Progress is a look at a run.
type Progress struct {
	Elapsed   time.Duration   `json:"elapsed_ns"`
	Paused    bool            `json:"paused"` // told to: all of it
	Generate  StageProgress   `json:"generate"`
	Judge     StageProgress   `json:"judge"`
	Endpoints []EndpointState `json:"endpoints"`
	Ranking   []Standing      `json:"ranking"`
	Input     int64           `json:"input_tokens"`  // of this run
	Output    int64           `json:"output_tokens"` // of this run
	CostUSD   *float64        `json:"cost_usd"`      // of this run; null when a price is unknown
	Budget    []BudgetLine    `json:"budget"`        // what is left of each limit; null without limits
}

// StageProgress is one stage of it; Wanted is 0 until it is known, or where the stage does not run.
type StageProgress struct {
	Done     int64         `json:"done"`
	Wanted   int64         `json:"wanted"`
	Failed   int64         `json:"failed"`
	InFlight int64         `json:"in_flight"`
	Rate     float64       `json:"per_second"`
	ETA      time.Duration `json:"eta_ns"`
}

// EndpointState is one endpoint of it.
type EndpointState struct {
	Name            string  `json:"name"`
	InFlight        int     `json:"in_flight"`
	Limit           int     `json:"limit"`
	TokensPerSecond float64 `json:"tokens_per_second"` // output
	Note            string  `json:"note,omitempty"`
	Failures        int64   `json:"failures"` // failed calls of this run
	// Errors are those calls by the class of their error: temporary, overloaded, refused, rejected, unsupported.
	Errors map[string]int64 `json:"errors,omitempty"`

	Queue       int        `json:"queue"` // tasks that wait, those that failed and wait for their next try included
	Held        bool       `json:"held,omitempty"`
	PausedUntil *time.Time `json:"paused_until,omitempty"` // null: not paused
	RPM         int        `json:"rpm,omitempty"`          // as stated
	TPM         int        `json:"tpm,omitempty"`
}

// Progress looks at the run. It may be called at any time, from anywhere.
func (r *Runner) Progress() Progress { return r.live.progress() }

func (l *live) progress() Progress {
	ranking := l.rank()
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	p := Progress{Elapsed: now.Sub(l.started), Paused: l.run.held(), Ranking: ranking, CostUSD: new(float64), Budget: l.run.budget.state(now)}
	if l.base != nil {
		generate, judge := l.base.totals()
		if l.run.job.Generate {
			p.Generate.take(generate)
		}
		if l.run.job.Judge {
			p.Judge.take(judge.Count)
			p.Judge.Wanted += l.grown
			if !l.run.job.Generate { // no answer will come
				p.Judge.Wanted -= judge.unready - judge.blocked
			}
		}
	}
	for _, e := range l.run.order {
		p.Endpoints = append(p.Endpoints, l.endpoint(e, &p, now))
	}
	for name, s := range map[string]*StageProgress{"generate": &p.Generate, "judge": &p.Judge} {
		s.Rate = l.meter(name).pace(now, s.Done)
		if left := s.left(); left > 0 && s.Rate > 0 && !p.Paused {
			s.ETA = time.Duration(float64(left) / s.Rate * float64(time.Second))
		}
	}
	if !p.Paused {
		p.keepToLimits()
	}
	return p
}

func (s *StageProgress) left() int64 { return max(0, s.Wanted-s.Done-s.Failed) }

// keepToLimits has no stage end earlier than the requests a minute of all endpoints allow: a minute's requests are gone in a moment,
// and the pace of that moment is none to count on.
func (p *Progress) keepToLimits() {
	minute := 0.0
	for _, e := range p.Endpoints {
		if e.RPM == 0 {
			return
		}
		minute += float64(e.RPM)
	}
	least := func(calls int64) time.Duration { // as if none had been made in the last minute
		return time.Duration(max(0, float64(calls)/minute-1) * float64(time.Minute))
	}
	if left := p.Generate.left(); left > 0 {
		p.Generate.ETA = max(p.Generate.ETA, least(left))
	}
	if left := p.Judge.left(); left > 0 {
		p.Judge.ETA = max(p.Judge.ETA, least(left+p.Generate.left()))
	}
}

// model is what the callee is in the file; its price is there.
func (c *callee) model() configs.Model {
	if s, ok := c.stage.(*judgeStage); ok {
		return s.judge.Model
	}
	return c.stage.(*generateStage).contestant.Model
}

// pay adds a cost; one unknown cost makes the whole unknown.
func (p *Progress) pay(cost *float64) {
	if p.CostUSD == nil || cost == nil {
		p.CostUSD = nil
		return
	}
	*p.CostUSD += *cost
}

// take begins with the state of the start. What failed for now before is work like any other; what can never be done is
// none.
func (s *StageProgress) take(c Count) {
	s.Wanted, s.Done, s.Failed = c.Wanted-c.blocked, c.Done, c.Failed-c.again
}

// endpoint looks at one endpoint and adds its numbers to the stages'.
func (l *live) endpoint(e *endpoint, p *Progress, now time.Time) EndpointState {
	gate := e.gate.State()
	state := EndpointState{
		Name: e.name, InFlight: gate.InFlight - gate.Admitting, Limit: gate.Limit, Note: gate.Reason, Held: gate.Held, RPM: gate.Limits.RPM, TPM: gate.Limits.TPM,
	}
	if !gate.PausedUntil.IsZero() {
		state.PausedUntil = &gate.PausedUntil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var output int64
	for _, c := range e.callees {
		s := &p.Generate
		if c.judging {
			s = &p.Judge
		}
		s.Done += c.tally.done.Load()
		s.Failed += c.tally.failed.Load()
		s.InFlight += max(0, int64(c.flying)-c.admitting.Load())
		state.Queue += len(c.queue) + len(c.delayed)
		output += c.tally.output.Load()
		spent := c.tally.spent()
		p.Input += spent.Usage.Input
		p.pay(spent.cost(c.model()))
		state.Failures += c.tally.errors.Load()
		state.countErrors(&c.tally)
		if c.cause != nil {
			state.Note = c.name + " stopped: " + c.cause.Error()
		}
	}
	if note := e.restNote(now); note != "" {
		state.Note = note
	}
	if note := e.pulling(); note != "" {
		state.Note = note
	}
	if gate.Held {
		state.Note = heldNote
	}
	p.Output += output
	state.TokensPerSecond = l.meter("endpoint "+e.name).pace(now, output)
	return state
}

func (s *EndpointState) countErrors(c *counters) {
	for class := range c.classes {
		if n := c.classes[class].Load(); n > 0 {
			if s.Errors == nil {
				s.Errors = map[string]int64{}
			}
			s.Errors[providers.Class(class).String()] += n
		}
	}
}

func (l *live) meter(name string) *meter {
	if l.pace[name] == nil {
		l.pace[name] = &meter{}
	}
	return l.pace[name]
}
