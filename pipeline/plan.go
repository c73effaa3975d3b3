package pipeline

import (
	"context"
	"fmt"
	"slices"

	"openarena/configs"
	"openarena/pipeline/dataset"
	"openarena/store"
)

// Plan is what a run would do: what it reuses, what it calls, and what that may cost.
type Plan struct {
	Prompts  int64           `json:"prompts"`
	Datasets []DatasetStatus `json:"datasets"`
	Models   []PlanLine      `json:"models"`
	Judges   []PlanLine      `json:"judges"`
	Total    PlanLine        `json:"total"`
	// Seconds are how long it takes at the pace that past runs had: from when the slowest endpoint alone is waited for, to when
	// one follows the other. null: an endpoint has no past.
	Seconds *Range       `json:"seconds"`
	Budget  []BudgetLine `json:"budget"` // what is left of each limit but time; null without limits
	// What the database holds beside: of models, prompts or settings that the file does not name any more. Of a trial 0.
	OrphanAnswers   int64    `json:"orphan_answers"`
	OrphanJudgments int64    `json:"orphan_judgments"`
	Orphans         []Orphan `json:"orphans"` // whose they are, and why
	Notes           []string `json:"notes"`   // rows left out, files that are gone

	Uploads []configs.Upload `json:"uploads"` // in which `run` ends; of a trial none
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
	// From where to where they may be: input and output in tokens, cost in US dollars. null: nothing is known.
	Input  *Range `json:"input_range"`
	Output *Range `json:"output_range"`
	Cost   *Range `json:"cost_range_usd"`
	Basis  string `json:"basis"` // of these ranges: calls so far, or lengths of prompts and max_tokens; empty without a call
	Price  string `json:"price"` // who says what a token costs; empty: nobody

	at string // the endpoint's address
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
	p := &Plan{Notes: slices.Concat(a.shardNotes(), a.planNotes(ctx, all, c), c.notes()), Prompts: c.prompts, Total: PlanLine{Model: "total"}}
	p.addEnds(a, all, c)
	to, err := matches.forecast()
	if err != nil {
		return nil, err
	}
	p.Notes = append(p.Notes, to.notes...)
	if to.on {
		c.further = everybody.further
	}
	known, err := sampleOf(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := p.addModels(ctx, r, c, kept, known); err != nil {
		return nil, err
	}
	if err := p.addJudges(ctx, r, c, free.settled, to, known); err != nil {
		return nil, err
	}
	p.sum()
	if err := p.addLimits(ctx, a, r); err != nil {
		return nil, err
	}
	if a.Trial.Narrows() {
		return p, nil
	}
	if a.adaptive() {
		c = everybody // what was judged of other pairs is taken in by the next batch
	}
	return p, p.countOrphans(ctx, r, c)
}

// addEnds adds where prompts come from and where exports go to.
func (p *Plan) addEnds(a *Arena, all []listing, c *census) {
	for _, l := range all {
		p.Datasets = append(p.Datasets, l.status(c))
	}
	p.Uploads = []configs.Upload{}
	if !a.Trial.Narrows() {
		p.Uploads = a.Config.Uploads()
	}
}

// addLimits adds the time that all of it takes, and what of the budget is left.
func (p *Plan) addLimits(ctx context.Context, a *Arena, r store.Reader) error {
	if err := p.time(ctx, r); err != nil {
		return err
	}
	dying, err := outstanding(ctx, r)
	if err != nil {
		return err
	}
	p.Budget, err = a.budgetOf(ctx, r, int64(dying))
	return err
}

// addModels adds the lines of the contestants; kept are the answers that they keep of their former selves.
func (p *Plan) addModels(ctx context.Context, r store.Reader, c *census, kept map[ID]int64, known sampled) error {
	for i := range c.arena.Contestants {
		m := &c.arena.Contestants[i]
		n := c.answers[i]
		line := PlanLine{Model: m.Name, Endpoint: m.Endpoint.Name, Reuse: n.Done + kept[m.ID], Calls: max(0, n.Due()-kept[m.ID]), at: m.Endpoint.URL}
		line.Most = line.Calls
		if m.Answers != nil {
			line.Endpoint = m.Answers.Path
		}
		_, line.Price = c.arena.tariff.of(c.arena.file.Models[i])
		spent, err := readSpent(ctx, r, 'c', m.ID)
		if err != nil {
			return err
		}
		line.expect(m.Model, spent, known.together(known.answers, []ID{m.ID}), known.answerGuess(m.Model))
		p.Models = append(p.Models, line)
	}
	return nil
}

// addJudges adds the lines of the judges; settled are judgments that take no call, and to what batches to come may take.
func (p *Plan) addJudges(ctx context.Context, r store.Reader, c *census, settled []int64, to forecast, known sampled) error {
	for i := range c.arena.Judges {
		j := &c.arena.Judges[i]
		n := c.verdicts[i]
		line := PlanLine{Model: j.Name, Endpoint: j.Endpoint.Name, Reuse: n.Done, Calls: n.Due() - settled[i] + to.next[i], at: j.Endpoint.URL}
		line.Most = line.Calls - to.next[i] + to.most[i] + c.further.calls[i]
		if err := new(quality).recall(ctx, r, c.arena, j, 0); err != nil {
			line.Calls, line.Most, c.further.calls[i] = 0, 0, 0
			p.Notes = append(p.Notes, fmt.Sprintf("a run would not ask judge %s: %v", j.Name, err))
		}
		_, line.Price = c.arena.tariff.of(c.arena.file.Judges[i].Model)
		spent, err := readSpent(ctx, r, 'j', c.arena.forms(i)...)
		if err != nil {
			return err
		}
		line.expect(j.Model, spent, known.together(known.replies, c.arena.forms(i)), known.judgeGuess(c.arena, j))
		p.Judges = append(p.Judges, line)
	}
	if note := c.further.note(c.arena); note != "" {
		p.Notes = append(p.Notes, note)
	}
	return nil
}

// expect reckons tokens and cost: from what calls took so far, else from what will be sent.
func (l *PlanLine) expect(m configs.Model, spent Spent, x experience, g guess) {
	switch {
	case l.Most == 0:
		l.Tokens, l.CostUSD, l.Input, l.Output, l.Cost = &Tokens{}, new(float64), &Range{}, &Range{}, &Range{}
	case spent.Calls == 0:
		l.Basis = fromLengths
		few, most := float64(l.Calls), float64(l.Most)
		l.Input, l.Output = &Range{few * g.input.Low, most * g.input.High}, &Range{few * g.output.Low, most * g.output.High}
		if m.Price != nil {
			l.Cost = &Range{l.costs(*m.Price, few*g.input.Low, few*g.output.Low), l.costs(*m.Price, most*g.input.High, most*g.output.High)}
		}
	default:
		l.Basis = fromCalls
		l.learn(m, spent, x)
	}
}

func (l *PlanLine) costs(p configs.Price, input, output float64) float64 {
	return (input*p.Input + output*p.Output) / 1e6
}

// learn reckons from the calls so far.
func (l *PlanLine) learn(m configs.Model, spent Spent, x experience) {
	scale := float64(l.Calls) / float64(spent.Calls)
	part := func(n int64) int64 { return int64(float64(n)*scale + 0.5) }
	l.Tokens = &Tokens{Input: part(spent.Usage.Input), Cached: part(spent.Usage.Cached), Output: part(spent.Usage.Output), Reasoning: part(spent.Usage.Reasoning)}
	over := func(s spread, sum int64) *Range {
		mean := float64(sum) / float64(spent.Calls)
		return &Range{s.sum(mean, spent.Calls, l.Calls).Low, s.sum(mean, spent.Calls, l.Most).High}
	}
	l.Input, l.Output = over(x.input, spent.Usage.Input), over(x.output, spent.Usage.Output)
	paid := spent.cost(m)
	if paid == nil {
		return
	}
	l.CostUSD = new(float64)
	*l.CostUSD = *paid * scale
	// Cost spreads as its tokens do, by what they weigh.
	weigh := func(input, output float64) float64 {
		if m.Price == nil || m.Price.Input+m.Price.Output == 0 {
			return input + output
		}
		return l.costs(*m.Price, input, output)
	}
	if all := weigh(float64(spent.Usage.Input), float64(spent.Usage.Output)); all > 0 {
		l.Cost = &Range{*paid * weigh(l.Input.Low, l.Output.Low) / all, *paid * weigh(l.Input.High, l.Output.High) / all}
	} else {
		l.Cost = &Range{}
	}
}

// sum adds up the lines; one unknown number makes the sum unknown.
func (p *Plan) sum() {
	tokens, cost := &Tokens{}, new(float64)
	p.Total.Input, p.Total.Output, p.Total.Cost = &Range{}, &Range{}, &Range{}
	for _, l := range append(append([]PlanLine(nil), p.Models...), p.Judges...) {
		p.Total.Reuse += l.Reuse
		p.Total.Calls += l.Calls
		p.Total.Most += l.Most
		p.Total.Input, p.Total.Output, p.Total.Cost = joined(p.Total.Input, l.Input), joined(p.Total.Output, l.Output), joined(p.Total.Cost, l.Cost)
		if l.Basis != "" && p.Total.Basis != fromLengths {
			p.Total.Basis = l.Basis
		}
		if tokens != nil && l.Tokens != nil {
			tokens.add(*l.Tokens)
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

// joined adds two ranges; nil if one is unknown.
func joined(a, b *Range) *Range {
	if a == nil || b == nil {
		return nil
	}
	a.add(*b)
	return a
}

// planNotes are what a run would say of the datasets, and what it would leave.
func (a *Arena) planNotes(ctx context.Context, all []listing, c *census) []string {
	notes := []string{}
	if _, err := a.excluded(ctx); err != nil {
		notes = append(notes, fmt.Sprintf("a run would stop: %v", err))
	}
	notes = append(notes, c.sharedNotes()...)
	for _, l := range all {
		d, from := a.Config.Datasets[l.dataset], a.From
		if l.Hub != nil {
			from.Pin = *l.Hub
		}
		if _, err := dataset.Open(ctx, d, from); err != nil {
			notes = append(notes, fmt.Sprintf("a run would stop: %v", err))
		}
		notes = append(notes, l.droppedNotes()...)
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
