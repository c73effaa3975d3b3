package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"openarena/configs"
	"openarena/elo"
	"openarena/pipeline/judge"
	"openarena/pipeline/rating"
	"openarena/store"
)

// Rate reads the verdicts that the present file wants and rates its contestants.
func (a *Arena) Rate(ctx context.Context, r store.Reader) (*rating.Leaderboard, error) {
	all, err := a.listings(ctx, r)
	if err != nil && !errors.Is(err, errNotRead) {
		return nil, err
	}
	b, err := a.collect(ctx, r, all, func(Hash) {})
	if err != nil {
		return nil, err
	}
	return b.leaderboard(ctx)
}

// collect walks all sheets, and tells of the prompt of each.
func (a *Arena) collect(ctx context.Context, r store.Reader, all []listing, seen func(Hash)) (*ballot, error) {
	return a.collectNumbered(ctx, r, all, nil, seen)
}

// collectNumbered is collect with numbers of prompts that several ballots share.
func (a *Arena) collectNumbered(ctx context.Context, r store.Reader, all []listing, numbers map[Hash]int32, seen func(Hash)) (*ballot, error) {
	p, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	b := newBallot(p)
	b.numbers = numbers
	for s, err := range a.sheets(ctx, r, all, b.reads()) {
		if err != nil {
			return nil, err
		}
		b.see(s)
		seen(s.Prompt)
	}
	return b, nil
}

// settings are those of the file.
func settings(from configs.Rating) rating.Settings {
	s := rating.Settings{
		Method: from.Method, Interval: from.Interval, Bootstrap: from.Bootstrap, KFactor: from.KFactor, Initial: from.Initial,
		Control: from.Control,
	}
	if a := from.Anchor; a != nil {
		s.Anchor = &rating.Anchor{Model: a.Model, Rating: a.Rating}
	}
	return s
}

// fitOptions are how the file wants ratings to be fitted, contestants numbered by place. What a run asks for depends on
// them, so that they are those of the file whatever a command says.
func (a *Arena) fitOptions() elo.Options {
	var names []string
	for _, c := range a.Contestants {
		names = append(names, c.Name)
	}
	return settings(a.Config.Rating).Fit(names)
}

// quickly are the same with bounds that cost nothing.
func (a *Arena) quickly() elo.Options {
	o := a.fitOptions()
	o.Interval = elo.ModelBased
	return o
}

// ballot collects battles sheet by sheet, and what only the arena knows of them.
type ballot struct {
	*rating.Ballot // models are numbered by place
	arena          *Arena
	pairing        *pairing
	prompts        int32          // seen
	numbers        map[Hash]int32 // of prompts, where two ballots share them; nil: as they come
	unread         int            // verdicts that could not be read
	few            int            // battles that fewer judges understood than must
	waiting        int            // battles that wait for a further judge
	endings        []endings      // by place, as is spent
	spent          []Spent        // on the answers
	matches        *matchmaker    // where pairs are adaptive, else nil
	control        control
	groups         partition
	wrong          error // of the first battle that cannot be counted
}

func newBallot(p *pairing) *ballot {
	a := p.arena
	b := &ballot{
		Ballot: newEmpty(a), arena: a, pairing: p, endings: make([]endings, len(a.Contestants)), spent: make([]Spent, len(a.Contestants)),
		control: newControl(a.controls()), groups: newPartition(a),
	}
	if a.adaptive() {
		b.matches = newMatchmaker(p)
	}
	return b
}

// newEmpty is a ballot of the contestants, numbered by place.
func newEmpty(a *Arena) *rating.Ballot {
	s := a.Rating
	s.Control, s.By = rating.Covariates(a.controls()), ""
	b := rating.New(s)
	for _, c := range a.Contestants {
		b.Model(c.Name)
	}
	return b
}

// reads is what a walk has to read for it.
func (b *ballot) reads() walkOptions {
	return walkOptions{span: everything, verdicts: metas, failures: !b.pairing.panel.plain || b.matches != nil, texts: b.control.texts}
}

func (b *ballot) see(s *sheet) {
	b.seeAnswers(s)
	b.control.read(s)
	if b.matches != nil {
		b.matches.see(s)
	}
	for _, pair := range b.pairing.of(s.Prompt) {
		b.seeBattle(s, pair)
	}
	if b.pairing.alone {
		b.seeSingles(s)
	}
	b.prompts++
}

// cluster is the number of the prompt at hand.
func (b *ballot) cluster(h Hash) int32 {
	if b.numbers == nil {
		return b.prompts
	}
	n, known := b.numbers[h]
	if !known {
		n = int32(len(b.numbers))
		b.numbers[h] = n
	}
	return n
}

// seeSingles counts the verdicts about single answers that could not be read: each is one, however many battles it leaves open.
func (b *ballot) seeSingles(s *sheet) {
	for key, w := range b.pairing.askable(s) {
		if !w.judge.alone || w.repeat > 0 {
			continue
		}
		if v, ok := s.verdict(key); ok && v.State == judge.Invalid {
			place := int32(b.arena.byID[key.A.Contestant].Place)
			b.Invalid(place, 1)
			if of := b.groupOf(s, w.judge); of != nil {
				of.Invalid(place, 1)
			}
			b.unread++
		}
	}
}

func (b *ballot) seeBattle(s *sheet, pair battle) {
	m := b.pairing.battleMargins(s, pair)
	x, y := int32(b.arena.byID[pair.A.Contestant].Place), int32(b.arena.byID[pair.B.Contestant].Place)
	b.Invalid(x, m.bad)
	b.Invalid(y, m.bad)
	b.unread += m.bad
	if m.few {
		b.few++
	}
	if m.waits {
		b.waiting++
	}
	battle := rating.Battle{A: x, B: y, Cluster: b.cluster(s.Prompt), Weight: 1}
	if b.groups.by == rating.ByJudge {
		b.seeJudges(s, pair, battle)
	} else if of := b.groups.under(s); of != nil {
		of.Invalid(x, m.bad)
		of.Invalid(y, m.bad)
	}
	if m.weight == 0 {
		return
	}
	b.count(&battle, m)
	b.control.measure(&battle, s, pair, b.outcome(), func() []showing {
		voices, _, open := b.pairing.voices(s, pair, nil)
		return b.pairing.panel.showings(voices, open)
	})
	b.add(b.Ballot, battle)
	if of := b.groups.under(s); of != nil {
		b.add(of, battle)
	}
}

func (b *ballot) outcome() string { return b.arena.Config.Rating.Outcome }

// count says how a decided battle counts.
func (b *ballot) count(battle *rating.Battle, m margins) {
	battle.Score, battle.Share, battle.Won = m.points(b.outcome()), m.share, m.points("win")
}

// seeJudges counts a battle once for each judge, as that one alone decides it.
func (b *ballot) seeJudges(s *sheet, pair battle, battle rating.Battle) {
	for _, o := range b.pairing.opinions(s, pair) {
		of := b.groups.of(o.judge.Place, o.judge.Name)
		if !o.judge.alone {
			of.Invalid(battle.A, o.invalid)
			of.Invalid(battle.B, o.invalid)
		}
		m := lone.decide([]opinion{o}, false)
		if m.weight == 0 {
			continue
		}
		own := battle
		b.count(&own, m)
		b.control.measure(&own, s, pair, b.outcome(), func() []showing { return lone.showings([]opinion{o}, false) })
		b.add(of, own)
	}
}

// groupOf is the ballot of the group that a judgment on a sheet belongs to; nil where there are no groups.
func (b *ballot) groupOf(s *sheet, j *Judge) *rating.Ballot {
	if b.groups.by == rating.ByJudge {
		return b.groups.of(j.Place, j.Name)
	}
	return b.groups.under(s)
}

// add counts a battle; what is wrong with one is told by leaderboard.
func (b *ballot) add(to *rating.Ballot, battle rating.Battle) {
	if err := to.Add(battle); err != nil && b.wrong == nil {
		b.wrong = err
	}
}

func (b *ballot) leaderboard(ctx context.Context) (*rating.Leaderboard, error) {
	if b.wrong != nil {
		return nil, b.wrong
	}
	l, err := b.Rate(ctx)
	if err != nil {
		return nil, err
	}
	b.bill(l)
	if l.Groups, err = b.groups.leaderboards(ctx); err != nil {
		return nil, err
	}
	l.By = b.groups.by
	return l, b.note(l)
}

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

// note adds what only the arena knows to what the ratings say of themselves.
func (b *ballot) note(l *rating.Leaderboard) error {
	of := l.Notes
	l.Notes = []string{}
	if err := b.noteMatches(l); err != nil {
		return err
	}
	add := func(format string, args ...any) { l.Notes = append(l.Notes, fmt.Sprintf(format, args...)) }
	b.noteUncounted(add)
	if l.Battles == 0 {
		b.noteUndecided(add)
		return nil
	}
	l.Notes = append(l.Notes, of...)
	if len(b.arena.Rating.Control) > len(b.control.of) {
		add("Elo takes nothing out of the ratings: control has no effect on them.")
	}
	for i, e := range b.endings {
		if text := e.String(); text != "" {
			add("%s: %s; judged as they are.", b.arena.Contestants[i].Name, text)
		}
	}
	return nil
}

// Progression yields the Elo ratings after every prompt, contestants in file order. Prompts come in hash order, so that
// the result never depends on who answered first.
func (a *Arena) Progression(ctx context.Context, r store.Reader) (iter.Seq2[Step, error], error) {
	only := *a // Elo, which needs less
	a = &only
	a.Rating.Method, a.Rating.Progression, a.Rating.By = rating.Elo, true, ""
	all, err := a.listings(ctx, r)
	if err != nil {
		return nil, err
	}
	var hashes []Hash
	b, err := a.collect(ctx, r, all, func(h Hash) { hashes = append(hashes, h) })
	if err != nil {
		return nil, err
	}
	return func(yield func(Step, error) bool) {
		for p, err := range b.Ballot.Progression() {
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
