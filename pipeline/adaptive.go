package pipeline

import (
	"context"
	"fmt"
	"slices"

	"openarena/pipeline/rating"
	"openarena/store"
)

// adaptive reports whether pairs are chosen batch by batch, by what the verdicts leave open.
func (a *Arena) adaptive() bool { return a.Config.Judging.Pairs.Kind == "adaptive" }

// pairingIn is the pairing as r has it: adaptive pairs are those of the batches that were chosen.
func (a *Arena) pairingIn(ctx context.Context, r store.Reader) (*pairing, error) {
	p := a.pairing()
	if a.adaptive() {
		return p, p.recall(ctx, r)
	}
	return p, nil
}

// recall reads the batches that were chosen so far. What the file has no answers for any more counts for nothing.
func (p *pairing) recall(ctx context.Context, r store.Reader) (err error) {
	p.chosen = map[Hash][]battle{}
	p.batches, err = batches(ctx, r, func(_ uint32, all []fixture) { p.choose(all) })
	return err
}

// choose adds a batch.
func (p *pairing) choose(all []fixture) {
	for _, f := range all {
		b, ok := p.find(f)
		if !ok {
			continue
		}
		of := p.chosen[f.Prompt]
		if place, twice := slices.BinarySearchFunc(of, b, battle.compare); !twice {
			p.chosen[f.Prompt] = slices.Insert(of, place, b)
		}
	}
}

// find is the battle that was chosen; false: the file has no such answers any more.
func (p *pairing) find(f fixture) (b battle, ok bool) {
	at, ok := slices.BinarySearchFunc(p.battles, battle{A: f.A, B: f.B}, battle.compare)
	if ok {
		b = p.battles[at]
	}
	return b, ok
}

// notes say how far adaptive pairing is, what it saved, and what to think of the numbers.
func (m *matchmaker) notes(o outlook) []string {
	all, calls := m.judged+m.open+m.toCome+len(m.found), int64(0)
	for _, n := range m.room {
		all += n
	}
	for _, n := range m.spared {
		calls += n
	}
	text := fmt.Sprintf("Adaptive pairs: %d of %d battles are judged", m.judged, all)
	if silent := m.judged - len(m.fought); silent > 0 {
		text += fmt.Sprintf(" (%d without a result)", silent)
	}
	text += fmt.Sprintf(", which saves about %d judge calls", calls)
	switch o.state {
	case settled:
		text += fmt.Sprintf("; %s is settled (%s), so no more are asked for.", m.arena.aim(), m.arena.sureness())
	case exhausted:
		text += fmt.Sprintf("; there are no more that could tell more, and %s is not settled (%s): comparisons that stay open: %d. More prompts would tell.", m.arena.aim(), m.arena.sureness(), o.open)
	default:
		text += fmt.Sprintf(" so far; a run goes on until %s is settled (%s).", m.arena.aim(), m.arena.sureness())
	}
	if m.judged == 0 {
		return []string{text}
	}
	return []string{text, "Pairs were chosen for what they tell, so win rates are over unlike opponents: go by the ratings."}
}

// aim is the goal in words.
func (a *Arena) aim() string {
	switch stop := a.Config.Judging.Stop; {
	case stop.Goal == "leader":
		return "the leader"
	case stop.Goal == "top":
		return fmt.Sprintf("who the best %d are", stop.K)
	}
	return "the ranking"
}

// sureness is how far the goal has to be reached.
func (a *Arena) sureness() string {
	stop := a.Config.Judging.Stop
	return fmt.Sprintf("%.4g %% sure, but for %g points", 100*stop.Confidence, stop.Indifference)
}

// noteMatches adds what is to be said of adaptive pairs.
func (b *ballot) noteMatches(l *rating.Leaderboard) error {
	if b.matches == nil {
		return nil
	}
	o, err := b.matches.look()
	if err != nil {
		return err
	}
	l.Notes, l.Open = b.matches.notes(o), o.state == waiting || o.state == choosing
	return nil
}

// forecast is how many judgments a run may ask for beyond those of the batches, judge by judge.
type forecast struct {
	next  []int64 // for the next batch, about
	most  []int64 // for all there are
	on    bool    // there may be any
	notes []string
}

func (m *matchmaker) forecast() (to forecast, err error) {
	to.next, to.most = make([]int64, len(m.spared)), make([]int64, len(m.spared))
	if !m.arena.adaptive() {
		return to, nil
	}
	o, err := m.look()
	if err != nil {
		return to, err
	}
	if o.state == settled || o.state == exhausted {
		to.notes = m.notes(o)
		return to, nil
	}
	to.on = true
	free, next := m.toCome, 0
	for _, n := range m.room {
		free += n
	}
	for _, n := range o.pairs {
		next += n
	}
	if next == 0 && m.open == 0 { // the answers are to come
		next = min(m.toCome, openingBattles*len(m.opening()))
	}
	for i, n := range m.spared {
		to.next[i], to.most[i] = n*int64(next)/int64(max(1, free)), n
	}
	to.notes = []string{fmt.Sprintf("Adaptive pairing asks batch by batch, and stops when %s is settled (%s): the lower number of calls is up to the end "+
		"of the next batch, the higher one for all pairs. Tokens and cost are those of the lower number.", m.arena.aim(), m.arena.sureness())}
	return to, nil
}

// dropBatches drops the batches of which the file wants no battle any more.
func (p *pruner) dropBatches(ctx context.Context, all []listing) error {
	for rec, err := range p.bulk.store.Scan(ctx, store.Batches, store.Range{}, store.WithBody) {
		if err != nil {
			return err
		}
		_, battles, err := readBatch(rec)
		if err != nil {
			return err
		}
		keep, err := p.wantsBatch(ctx, all, battles)
		if err != nil {
			return err
		}
		if keep {
			continue
		}
		unnamed := 0 // nothing that a user counts
		if err := p.remove(ctx, store.Batches, rec, &unnamed); err != nil {
			return err
		}
	}
	return nil
}

// wantsBatch reports whether one of the battles is wanted.
func (p *pruner) wantsBatch(ctx context.Context, all []listing, battles []fixture) (bool, error) {
	if !p.arena.adaptive() {
		return false, nil
	}
	for _, f := range battles {
		if _, known := p.pairing.find(f); !known {
			continue
		}
		if in, err := listed(ctx, p.bulk.store, all, f.Prompt); in || err != nil {
			return in, err
		}
	}
	return false, nil
}
