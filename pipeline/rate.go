package pipeline

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"openarena/elo"
	"openarena/pipeline/export"
	"openarena/pipeline/judge"
	"openarena/store"
)

// Leaderboard is what battles say of the contestants.
type Leaderboard struct {
	Method     string          `json:"method"`   // bradley-terry or elo
	Interval   string          `json:"interval"` // what the bounds rest on; "none" for elo
	Ratings    []export.Rating `json:"ratings"`  // best first
	Components int             `json:"components"`
	Battles    int             `json:"battles"`
	Prompts    int             `json:"prompts"` // with at least one decided battle
	Notes      []string        `json:"notes"`   // what a reader must know, in sentences
	Open       bool            `json:"-"`       // pairs are adaptive, and a run would go on
}

// Rate reads the verdicts that the present file wants and rates its contestants.
func (a *Arena) Rate(ctx context.Context, r store.Reader) (*Leaderboard, error) {
	all, err := a.listings(ctx, r)
	if err != nil {
		return nil, err
	}
	p, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	b := newBallot(p)
	for s, err := range a.sheets(ctx, r, all, b.reads()) {
		if err != nil {
			return nil, err
		}
		b.see(s)
	}
	return b.leaderboard()
}

// ballot collects battles sheet by sheet: under the outcome of the configuration, and as shares for Elo.
type ballot struct {
	arena   *Arena
	pairing *pairing
	prompts int32 // seen
	decided int   // of these, with a decided battle
	battles []elo.Battle
	shares  []elo.Battle
	wins    []float64 // points by place, ties half, under the outcome "win"
	ties    []int
	invalid []int // verdicts that could not be read
	unread  int   // all of these
	few     int   // battles that fewer judges understood than must
	waiting int   // battles that wait for a further judge
	endings []endings
	matches *matchmaker // where pairs are adaptive, else nil
}

func newBallot(p *pairing) *ballot {
	a := p.arena
	n := len(a.Contestants)
	b := &ballot{
		arena: a, pairing: p,
		wins: make([]float64, n), ties: make([]int, n), invalid: make([]int, n), endings: make([]endings, n),
	}
	if a.adaptive() {
		b.matches = newMatchmaker(p)
	}
	return b
}

// reads is what a walk has to read for it.
func (b *ballot) reads() walkOptions {
	return walkOptions{span: everything, verdicts: metas, failures: !b.pairing.panel.plain || b.matches != nil}
}

func (b *ballot) see(s *sheet) {
	before := len(b.battles)
	b.seeAnswers(s)
	if b.matches != nil {
		b.matches.see(s)
	}
	for _, pair := range b.pairing.of(s.Prompt) {
		b.seeBattle(s, pair)
	}
	if b.pairing.alone {
		b.seeSingles(s)
	}
	if len(b.battles) > before {
		b.decided++
	}
	b.prompts++
}

// seeSingles counts the verdicts about single answers that could not be read: each is one, however many battles it leaves open.
func (b *ballot) seeSingles(s *sheet) {
	for key, w := range b.pairing.askable(s) {
		if !w.judge.alone || w.repeat > 0 {
			continue
		}
		if v, ok := s.verdict(key); ok && v.State == judge.Invalid {
			b.invalid[b.arena.byID[key.A.Contestant].Place]++
			b.unread++
		}
	}
}

func (b *ballot) seeBattle(s *sheet, pair battle) {
	m := b.pairing.battleMargins(s, pair)
	x, y := b.arena.byID[pair.A.Contestant].Place, b.arena.byID[pair.B.Contestant].Place
	b.invalid[x] += m.bad
	b.invalid[y] += m.bad
	b.unread += m.bad
	if m.few {
		b.few++
	}
	if m.waits {
		b.waiting++
	}
	if m.weight == 0 {
		return
	}
	won := m.points("win")
	b.wins[x] += won
	b.wins[y] += 1 - won
	if won == 0.5 {
		b.ties[x]++
		b.ties[y]++
	}
	battle := elo.Battle{A: int32(x), B: int32(y), Cluster: b.prompts, Score: m.points(b.arena.Config.Rating.Outcome), Weight: 1}
	b.battles = append(b.battles, battle)
	battle.Score = m.share
	b.shares = append(b.shares, battle)
}

func (b *ballot) leaderboard() (*Leaderboard, error) {
	rating := b.arena.Config.Rating
	n := len(b.arena.Contestants)
	fit, err := elo.BradleyTerry(n, b.battles, b.arena.fitOptions())
	if err != nil {
		return nil, err
	}
	online, err := elo.Sequential(n, slices.Values(b.shares), b.elo())
	if err != nil {
		return nil, err
	}
	l := &Leaderboard{
		Method: rating.Method, Interval: fit.Interval.String(), Components: fit.Components,
		Battles: len(b.battles), Prompts: b.decided, Notes: []string{},
	}
	l.Ratings = b.lines(fit, online)
	if err := b.noteMatches(l); err != nil {
		return nil, err
	}
	b.note(l, fit)
	if rating.Method == "elo" {
		l.Interval = "none"
		byElo(l.Ratings)
	}
	return l, nil
}

// fitOptions are how the file wants ratings to be fitted.
func (a *Arena) fitOptions() elo.Options {
	rating := a.Config.Rating
	o := elo.Options{Initial: rating.Initial, Rounds: rating.Bootstrap}
	switch rating.Interval {
	case "sandwich":
		o.Interval = elo.Sandwich
	case "bootstrap":
		o.Interval = elo.Bootstrap
	}
	if rating.Anchor != nil {
		for i, c := range a.Contestants {
			if c.Name == rating.Anchor.Model {
				o.Anchor = &elo.Anchor{Contestant: i, Rating: rating.Anchor.Rating}
			}
		}
	}
	return o
}

// quickly are the same with bounds that cost nothing.
func (a *Arena) quickly() elo.Options {
	o := a.fitOptions()
	o.Interval = elo.ModelBased
	return o
}

func (b *ballot) elo() elo.Elo {
	return elo.Elo{K: b.arena.Config.Rating.KFactor, Initial: b.arena.Config.Rating.Initial}
}

// lines are the contestants as a leaderboard lists them.
func (b *ballot) lines(fit *elo.Fit, online []float64) []export.Rating {
	lines := make([]export.Rating, 0, len(online))
	for _, i := range fit.Order() {
		c := fit.Contestants[i]
		line := export.Rating{
			Model: b.arena.Contestants[i].Name, Battles: c.Battles, Ties: b.ties[i], Invalid: b.invalid[i],
			Component: c.Component, Provisional: c.Provisional(),
		}
		if c.Rated {
			rate := b.wins[i] / float64(c.Battles)
			line.Rating, line.Lower, line.Upper = &c.Rating, &c.Lower, &c.Upper
			line.Rank, line.Elo, line.WinRate = &c.Rank, &online[i], &rate
		}
		lines = append(lines, line)
	}
	return lines
}

// byElo makes the Elo rating the one that counts: it has no interval, and its ranks are plain places.
func byElo(lines []export.Rating) {
	for i := range lines {
		lines[i].Rating, lines[i].Lower, lines[i].Upper = lines[i].Elo, nil, nil
		lines[i].Provisional = false
	}
	slices.SortStableFunc(lines, func(x, y export.Rating) int {
		switch {
		case x.Elo == nil || y.Elo == nil:
			return boolOrder(x.Elo != nil)
		case *x.Elo == *y.Elo:
			return 0
		}
		return boolOrder(*x.Elo > *y.Elo)
	})
	for i := range lines {
		if lines[i].Rating == nil {
			continue
		}
		rank := i + 1
		if i > 0 && *lines[i-1].Rating == *lines[i].Rating {
			rank = *lines[i-1].Rank
		}
		lines[i].Rank = &rank
	}
}

// fewClusters is below what number of prompts clustered intervals are uncertain themselves.
const fewClusters = 30

// noteUndecided says why there is no battle to rate: a judge that is never understood would look like one not yet asked.
func (b *ballot) noteUndecided(add func(format string, args ...any)) {
	if b.unread == 0 {
		add("No battle is decided yet.")
		return
	}
	add("No battle is decided yet; invalid verdicts: %d. `openarena show` says why, `openarena redo --judge NAME` asks again.", b.unread)
}

// noteUncounted tells how many battles the panel has not decided, though a judge said something.
func (b *ballot) noteUncounted(add func(format string, args ...any)) {
	if b.few > 0 {
		add("Battles that do not count, since fewer than %d judges gave a valid verdict (judging.panel.min_valid): %d.", b.pairing.panel.minValid, b.few)
	}
	if b.waiting > 0 {
		add("Battles that wait for further judges of the panel, and do not count yet: %d.", b.waiting)
	}
}

func (b *ballot) note(l *Leaderboard, fit *elo.Fit) {
	add := func(format string, args ...any) { l.Notes = append(l.Notes, fmt.Sprintf(format, args...)) }
	name := func(i int) string { return b.arena.Contestants[i].Name }
	b.noteUncounted(add)
	if len(b.battles) == 0 {
		b.noteUndecided(add)
		return
	}
	if asked := b.arena.Config.Rating.Interval; l.Method != "elo" {
		if asked != "sandwich" && b.decided < fewClusters {
			noun := "prompts"
			if b.decided == 1 {
				noun = "prompt"
			}
			add("Only %d %s: the intervals are uncertain themselves.", b.decided, noun)
		}
		if asked != fit.Interval.String() && !fit.Prior {
			add("Outcomes are so even that %s intervals would claim certainty, so these are %s ones.", asked, fit.Interval)
		}
	}
	if fit.Lopsided > 0 {
		add("In %d of %d rounds of the bootstrap points did not flow between all models, so that virtual ties stood in.", fit.Lopsided, b.arena.Config.Rating.Bootstrap)
	}
	if a := b.arena.fitOptions().Anchor; a != nil && !fit.Contestants[a.Contestant].Rated {
		add("%s has no battles, so that it anchors nothing: the mean is %v.", name(a.Contestant), b.arena.Config.Rating.Initial)
	}
	if fit.Components > 1 {
		add("%d groups of models never met: ratings compare only inside one group.", fit.Components)
	}
	if fit.Prior {
		add("Points do not flow between all models, so every rating leans on virtual ties (~); more battles mend that.")
	}
	for _, i := range fit.Order() {
		// Those that are provisional only for the sake of others need no words of their own.
		if c := fit.Contestants[i].Cause; c != elo.Sound && c != elo.Bystander && c != elo.Apart {
			add("%s: %s.", name(i), fit.Why(i, name))
		}
	}
	for i, e := range b.endings {
		if text := e.String(); text != "" {
			add("%s: %s; judged as they are.", name(i), text)
		}
	}
}

// Progression yields the Elo ratings after every prompt, contestants in file order. Prompts come in hash order, so that
// the result never depends on who answered first.
func (a *Arena) Progression(ctx context.Context, r store.Reader) (iter.Seq2[Step, error], error) {
	all, err := a.listings(ctx, r)
	if err != nil {
		return nil, err
	}
	p, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	b := newBallot(p)
	var hashes []Hash
	for s, err := range a.sheets(ctx, r, all, b.reads()) {
		if err != nil {
			return nil, err
		}
		b.see(s)
		hashes = append(hashes, s.Prompt)
	}
	return func(yield func(Step, error) bool) {
		for p, err := range elo.Progression(len(a.Contestants), slices.Values(b.shares), b.elo()) {
			step := Step{}
			if err == nil {
				step = Step{Prompt: hashes[p.Cluster].String(), Ratings: p.Ratings}
			}
			if !yield(step, err) {
				return
			}
		}
	}, nil
}

// Step is the state of the Elo ratings after one prompt.
type Step struct {
	Prompt  string    `json:"prompt"`
	Ratings []float64 `json:"ratings"`
}
