package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"openarena/configs"
	"openarena/pipeline/rating"
	"openarena/store"
)

// StatusSchema is the version of Status as JSON. Fields are only ever added within one version.
const StatusSchema = 1

// Status is how far an arena is.
type Status struct {
	SchemaVersion int                 `json:"schema_version"`
	Prompts       int64               `json:"prompts"`
	Datasets      []DatasetStatus     `json:"datasets"`
	Models        []ModelStatus       `json:"models"`
	Judges        []ModelStatus       `json:"judges"`
	Generate      Count               `json:"generate"`
	Judge         JudgeCount          `json:"judge"`
	Tokens        Tokens              `json:"tokens"`
	CostUSD       *float64            `json:"cost_usd"` // null when a price is unknown
	Ratings       []rating.Rating     `json:"ratings"`
	Effects       []rating.Effect     `json:"effects,omitempty"` // of what the ratings are controlled for
	Board         *rating.Leaderboard `json:"-"`                 // Ratings with all that belongs to them
	Notes         []string            `json:"notes"`
	Stopped       []string            `json:"stopped"` // why the last run gave up on models, a sentence each
	Budget        []BudgetLine        `json:"budget"`  // what is left of each limit, by what this database ever spent; null without limits
	// PossiblyBilled is how many calls may have been paid for and lost in crashes, at most.
	PossiblyBilled int64           `json:"possibly_billed_calls"`
	Running        json.RawMessage `json:"running"` // Progress of the run that is active; null if none is
}

// DatasetStatus is one dataset as it was last read.
type DatasetStatus struct {
	Name       string `json:"name"`
	Commit     string `json:"commit,omitempty"` // of a set on the Hub: what was read
	Prompts    int    `json:"prompts"`
	Duplicates int    `json:"duplicates"`
	Bad        int    `json:"bad_rows"`
	FirstBad   string `json:"first_bad_row,omitempty"`
	Shared     int    `json:"shared"` // prompts that an earlier dataset has, too, and that count there
	// Dropped are the rows that the settings under `prompts` took.
	Dropped []Dropped `json:"dropped,omitempty"`
	// Why the first few rows were left out, each with its place.
	Why []string `json:"bad_rows_why,omitempty"`
}

func (l listing) status(c *census) DatasetStatus {
	return DatasetStatus{
		Name: l.Label, Commit: l.commit(), Prompts: l.Prompts, Duplicates: l.duplicates(), Shared: c.shared[l.dataset], Dropped: l.Dropped,
		Bad: l.Bad, FirstBad: l.first(), Why: l.Why,
	}
}

// ModelStatus is one contestant or judge.
type ModelStatus struct {
	Model string `json:"model"`
	Count
	Invalid int64 `json:"invalid"` // of a judge
	// Structured is how a judge is asked for its form: json_schema, json_object or text, as the file says or its server knows.
	Structured string `json:"structured,omitempty"`
	Calls      int64  `json:"calls"`
	// FailedCalls were sent too, and brought nothing; a server may bill some of them.
	FailedCalls int64    `json:"failed_calls"`
	Tokens      Tokens   `json:"tokens"`
	CostUSD     *float64 `json:"cost_usd"`
}

// Status walks the database once. active: a run has it open, so that calls in flight are not lost ones.
func (a *Arena) Status(ctx context.Context, r store.Reader, active bool) (*Status, error) {
	all, err := a.listings(ctx, r)
	if err != nil && !errors.Is(err, errNotRead) {
		return nil, err
	}
	c, board, walked := a.tally(ctx, r, all)
	if walked != nil {
		return nil, walked
	}
	st := newStatus(err)
	st.Notes = append(a.shardNotes(), st.Notes...)
	st.rated(board)
	st.Notes = append(st.Notes, c.notes()...)
	return st, st.fill(ctx, a, r, c, all, active)
}

// newStatus begins one; unread is that a dataset was never read, or nil.
func newStatus(unread error) *Status {
	st := &Status{SchemaVersion: StatusSchema, Datasets: []DatasetStatus{}}
	if unread != nil {
		st.Notes = append(st.Notes, unread.Error()+"; `openarena run` reads it")
	}
	return st
}

// tally walks the database once: what there is and is missing, and the ratings.
func (a *Arena) tally(ctx context.Context, r store.Reader, all []listing) (*census, *rating.Leaderboard, error) {
	p, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	c, votes := newCensus(p), newBallot(p)
	for s, err := range a.sheets(ctx, r, all, walkOptions{span: everything, verdicts: metas, failures: true, texts: votes.control.texts}) {
		if err != nil {
			return nil, nil, err
		}
		c.see(s)
		votes.see(s)
	}
	board, err := votes.leaderboard(ctx)
	return c, board, err
}

func (st *Status) rated(board *rating.Leaderboard) {
	st.Board, st.Ratings, st.Effects = board, board.Ratings, board.Effects
	st.Notes = append(st.Notes, board.Notes...)
}

// fill puts down what was counted, and reads what is counted by itself: calls, tokens, what was learnt.
func (st *Status) fill(ctx context.Context, a *Arena, r store.Reader, c *census, all []listing, active bool) error {
	st.Prompts = c.prompts
	st.Generate, st.Judge = c.totals()
	for _, l := range all {
		st.Datasets = append(st.Datasets, l.status(c))
	}
	learnt, err := a.factNotes(ctx, r)
	if err != nil {
		return err
	}
	st.Notes = append(st.Notes, learnt...)
	if st.Stopped, err = LastStopped(ctx, r); err != nil {
		return err
	}
	if err := st.readBooks(ctx, a, r, c); err != nil {
		return err
	}
	dying, err := st.readLost(ctx, r, active)
	if err != nil {
		return err
	}
	st.Budget, err = a.budgetOf(ctx, r, dying)
	return err
}

func (st *Status) readBooks(ctx context.Context, a *Arena, r store.Reader, c *census) error {
	cost, priced := 0.0, true
	line := func(m configs.Model, n Count, invalid int64, kind byte, ids ...ID) (ModelStatus, error) {
		spent, err := readSpent(ctx, r, kind, ids...)
		s := ModelStatus{
			Model: m.Name, Count: n, Invalid: invalid, Calls: spent.Calls,
			Tokens: spent.tokens(), CostUSD: spent.cost(m), FailedCalls: spent.Failed.Calls,
		}
		st.Tokens.add(s.Tokens)
		if s.CostUSD == nil {
			priced = false
		} else {
			cost += *s.CostUSD
		}
		return s, err
	}
	for i, m := range a.Contestants {
		s, err := line(m.Model, c.answers[i], 0, 'c', m.ID)
		if err != nil {
			return err
		}
		st.Models = append(st.Models, s)
	}
	for i, j := range a.Judges {
		s, err := line(j.Model, c.verdicts[i].Count, c.verdicts[i].Invalid, 'j', a.forms(i)...)
		if err != nil {
			return err
		}
		if s.Structured, err = readRung(ctx, r, j.Judge); err != nil {
			return err
		}
		if note := structuredNote(j.Judge, s.Structured); note != "" {
			st.Notes = append(st.Notes, note)
		}
		st.Judges = append(st.Judges, s)
	}
	if priced {
		st.CostUSD = &cost
	}
	return nil
}

// budgetOf is what is left of the budget, as a run that began now would find it.
func (a *Arena) budgetOf(ctx context.Context, r store.Reader, dying int64) ([]BudgetLine, error) {
	b := budget{limits: a.Config.Budget}
	if b.limits == (configs.Budget{}) {
		return nil, nil
	}
	spent, _, err := a.spentEver(ctx, r, dying)
	b.spent = spent
	return b.state(time.Time{}), err
}

// readLost adds the bound of the last run, if it died, to those that died before, and returns it: the next run books it.
func (st *Status) readLost(ctx context.Context, r store.Reader, active bool) (dying int64, err error) {
	if st.PossiblyBilled, err = PossiblyBilled(ctx, r); err != nil {
		return 0, err
	}
	if active {
		return 0, nil
	}
	open, err := outstanding(ctx, r)
	st.PossiblyBilled += int64(open)
	return int64(open), err
}

// PossiblyBilled is how many calls may have been paid for and lost by runs and workers that died, and were booked since.
func PossiblyBilled(ctx context.Context, r store.Reader) (int64, error) {
	rec, err := r.Get(ctx, store.Totals, lostKey, store.WithMeta)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return store.Counter(rec), nil
}
