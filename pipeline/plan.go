package pipeline

import (
	"context"
	"fmt"

	"openarena/configs"
	"openarena/pipeline/dataset"
	"openarena/store"
)

// Plan is what a run would do: what it reuses, what it calls, and what that may cost.
type Plan struct {
	Prompts int64      `json:"prompts"`
	Models  []PlanLine `json:"models"`
	Judges  []PlanLine `json:"judges"`
	Total   PlanLine   `json:"total"`
	// What the database holds beside: of models, prompts or settings that the file does not name any more. Of a trial 0.
	OrphanAnswers   int64    `json:"orphan_answers"`
	OrphanJudgments int64    `json:"orphan_judgments"`
	Notes           []string `json:"notes"` // rows left out, files that are gone
}

// PlanLine is one model or judge. Calls are what a run takes that meets no trouble: a reply that fails or cannot be read is
// asked for again, and answers to come that turn out equal, empty or as they were before `redo` need no judge.
type PlanLine struct {
	Model    string   `json:"model"`
	Endpoint string   `json:"endpoint"`
	Reuse    int64    `json:"reuse"`
	Calls    int64    `json:"calls"`
	Most     int64    `json:"calls_at_most"` // more than calls where a panel asks its next judge only if need be
	Tokens   *Tokens  `json:"tokens"`        // expected, by what calls took so far; null without experience
	CostUSD  *float64 `json:"cost_usd"`      // of these; null if the price or the tokens are unknown
}

// Plan compares what is wanted with what is there. It calls no model and writes nothing. With reuseFinished it is the plan
// of a run that begins with ReuseFinished.
func (a *Arena) Plan(ctx context.Context, r store.Reader, reuseFinished bool) (*Plan, error) {
	all, err := a.listings(ctx, r)
	if err != nil {
		return nil, err
	}
	pairing, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	c, matches, everybody := newCensus(pairing), newMatchmaker(pairing), newCensus(a.pairing())
	free := newGratis(c, r, all)
	for s, err := range a.sheets(ctx, r, all, walkOptions{span: everything, verdicts: metas, failures: true}) {
		if err == nil {
			c.see(s)
			if a.adaptive() {
				matches.see(s)
				everybody.see(s)
			}
			err = free.see(ctx, s)
		}
		if err != nil {
			return nil, err
		}
	}
	kept := map[ID]int64{}
	if reuseFinished {
		if kept, err = a.finished(ctx, r, all); err != nil {
			return nil, err
		}
	}
	p := &Plan{Notes: append(a.planNotes(all, c), c.notes()...), Prompts: c.prompts, Total: PlanLine{Model: "total"}}
	to, err := matches.forecast()
	if err != nil {
		return nil, err
	}
	p.Notes = append(p.Notes, to.notes...)
	if to.on {
		c.further = everybody.further
	}
	if err := p.addModels(ctx, r, c, kept); err != nil {
		return nil, err
	}
	if err := p.addJudges(ctx, r, c, free.settled, to); err != nil {
		return nil, err
	}
	p.sum()
	if a.Trial.Narrows() {
		return p, nil
	}
	if a.adaptive() {
		c = everybody // what was judged of other pairs is taken in by the next batch
	}
	return p, p.countOrphans(ctx, r, c)
}

// addModels adds the lines of the contestants; kept are the answers that they keep of their former selves.
func (p *Plan) addModels(ctx context.Context, r store.Reader, c *census, kept map[ID]int64) error {
	for i := range c.arena.Contestants {
		m := &c.arena.Contestants[i]
		n := c.answers[i]
		line := PlanLine{Model: m.Name, Endpoint: m.Endpoint.Name, Reuse: n.Done + kept[m.ID], Calls: max(0, n.Due()-kept[m.ID])}
		line.Most = line.Calls
		if m.Answers != nil {
			line.Endpoint = m.Answers.Path
		}
		if err := line.expect(ctx, r, m.Model, 'c', m.ID); err != nil {
			return err
		}
		p.Models = append(p.Models, line)
	}
	return nil
}

// addJudges adds the lines of the judges; settled are judgments that take no call, and to what batches to come may take.
func (p *Plan) addJudges(ctx context.Context, r store.Reader, c *census, settled []int64, to forecast) error {
	for i := range c.arena.Judges {
		j := &c.arena.Judges[i]
		n := c.verdicts[i]
		line := PlanLine{Model: j.Name, Endpoint: j.Endpoint.Name, Reuse: n.Done, Calls: n.Due() - settled[i] + to.next[i]}
		line.Most = line.Calls - to.next[i] + to.most[i] + c.further.calls[i]
		if err := new(quality).recall(ctx, r, c.arena, j); err != nil {
			line.Calls, line.Most, c.further.calls[i] = 0, 0, 0
			p.Notes = append(p.Notes, fmt.Sprintf("a run would not ask judge %s: %v", j.Name, err))
		}
		if err := line.expect(ctx, r, j.Model, 'j', c.arena.forms(i)...); err != nil {
			return err
		}
		p.Judges = append(p.Judges, line)
	}
	if note := c.further.note(c.arena); note != "" {
		p.Notes = append(p.Notes, note)
	}
	return nil
}

// expect estimates tokens and cost from the mean of the calls so far.
func (l *PlanLine) expect(ctx context.Context, r store.Reader, m configs.Model, kind byte, ids ...ID) error {
	spent, err := readSpent(ctx, r, kind, ids...)
	if err != nil {
		return err
	}
	if l.Calls == 0 {
		l.Tokens, l.CostUSD = &Tokens{}, new(float64)
		return nil
	}
	if spent.Calls == 0 {
		return nil
	}
	scale := float64(l.Calls) / float64(spent.Calls)
	part := func(n int64) int64 { return int64(float64(n)*scale + 0.5) }
	expected := Spent{Calls: l.Calls}
	expected.Usage.Input, expected.Usage.Cached = part(spent.Usage.Input), part(spent.Usage.Cached)
	expected.Usage.Output = part(spent.Usage.Output)
	tokens := expected.tokens()
	l.Tokens = &tokens
	l.CostUSD = expected.cost(m)
	return nil
}

// sum adds up the lines; one unknown number makes the sum unknown.
func (p *Plan) sum() {
	tokens, cost := &Tokens{}, new(float64)
	for _, l := range append(append([]PlanLine(nil), p.Models...), p.Judges...) {
		p.Total.Reuse += l.Reuse
		p.Total.Calls += l.Calls
		p.Total.Most += l.Most
		if tokens != nil && l.Tokens != nil {
			tokens.Input += l.Tokens.Input
			tokens.Output += l.Tokens.Output
		} else {
			tokens = nil
		}
		if cost != nil && l.CostUSD != nil {
			*cost += *l.CostUSD
		} else {
			cost = nil
		}
	}
	p.Total.Tokens, p.Total.CostUSD = tokens, cost
}

func (p *Plan) countOrphans(ctx context.Context, r store.Reader, c *census) error {
	for _, part := range []struct {
		bucket store.Bucket
		n      *int64
	}{{store.Answers, &p.OrphanAnswers}, {store.Verdicts, &p.OrphanJudgments}} {
		for _, err := range r.Scan(ctx, part.bucket, store.Range{}, store.KeyOnly) {
			if err != nil {
				return err
			}
			*part.n++
		}
	}
	generate, judge := c.totals()
	p.OrphanAnswers -= generate.Done
	p.OrphanJudgments -= judge.Done + c.further.spare
	return nil
}

// planNotes are what a run would say of the datasets, and what it would leave.
func (a *Arena) planNotes(all []listing, c *census) []string {
	notes := []string{}
	for _, l := range all {
		d := a.Config.Datasets[l.dataset]
		if _, err := dataset.Open(d, a.Config.Dir); err != nil {
			notes = append(notes, fmt.Sprintf("a run would stop: %v", err))
		}
		if l.Bad > 0 {
			notes = append(notes, fmt.Sprintf("dataset %s: rows left out: %d; the first: %s", l.Label, l.Bad, l.first()))
		}
	}
	generate, judge := c.totals()
	if lost := generate.Failed - generate.again + judge.Failed - judge.again; lost > 0 {
		notes = append(notes, fmt.Sprintf("items that failed for good and are not asked for again: %d; `openarena failures` says why", lost))
	}
	return notes
}
