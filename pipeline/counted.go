package pipeline

import (
	"context"
	"errors"

	"openarena/pipeline/rating"
	"openarena/store"
)

// Counted is how far the work of one contestant or judge is, summed over the parts of it as they were last looked at.
type Counted struct {
	Wanted, Done, Failed, Invalid, Waiting int64 // as in PartResult
}

// Overview is what only a walk over everything tells of an arena. It is kept where the records are too many to be walked at
// each look.
type Overview struct {
	Prompts int64               `json:"prompts"`
	Shared  []int               `json:"shared"` // by dataset of the file: prompts that an earlier one has, too
	Notes   []string            `json:"notes"`
	Board   *rating.Leaderboard `json:"board"`
	Open    bool                `json:"open"` // pairs are adaptive, and a run would go on
}

// Overview walks the database once.
func (a *Arena) Overview(ctx context.Context, r store.Reader) (*Overview, error) {
	all, err := a.listings(ctx, r)
	if err != nil {
		return nil, err
	}
	c, board, err := a.tally(ctx, r, all)
	if err != nil {
		return nil, err
	}
	return &Overview{Prompts: c.prompts, Shared: c.shared, Notes: c.notes(), Board: board, Open: board.Open}, nil
}

// StatusFrom is Status by what was counted before, by contestant and judge, and by the last overview; nil: there is none. It
// reads a few records, however many there are.
func (a *Arena) StatusFrom(ctx context.Context, r store.Reader, counts map[ID]Counted, o *Overview, active bool) (*Status, error) {
	r = newHandy(r)
	all, err := a.listings(ctx, r)
	if err != nil && !errors.Is(err, errNotRead) {
		return nil, err
	}
	st := newStatus(err)
	c := a.censusOf(counts, all)
	if o == nil {
		o = &Overview{Board: &rating.Leaderboard{Notes: []string{"No ratings were computed yet; `openarena rate` computes them now."}}}
		for _, m := range a.Contestants {
			o.Board.Ratings = append(o.Board.Ratings, rating.Rating{Model: m.Name, Component: -1})
		}
	}
	o.Board.Open = o.Open
	if len(o.Shared) == len(c.shared) {
		c.shared = o.Shared
	}
	if c.prompts == 0 {
		c.prompts = o.Prompts
	}
	st.rated(o.Board)
	st.Notes = append(st.Notes, o.Notes...)
	return st, st.fill(ctx, a, r, c, all, active)
}

// censusOf is a census that others have made. Prompts are those that a contestant is asked, or where none is, what datasets list.
func (a *Arena) censusOf(counts map[ID]Counted, all []listing) *census {
	c := &census{
		arena: a, answers: make([]Count, len(a.Contestants)), verdicts: make([]JudgeCount, len(a.Judges)), shared: make([]int, len(a.Config.Datasets)),
	}
	for i := range a.Contestants {
		m := &a.Contestants[i]
		n := counts[m.ID]
		c.answers[i] = n.count()
		if m.Answers == nil && a.chosen(m) {
			c.prompts = max(c.prompts, n.Wanted/int64(m.Samples))
		}
	}
	for i := range a.Judges {
		n := counts[a.Judges[i].ID]
		c.verdicts[i] = JudgeCount{n.count(), n.Invalid}
	}
	if len(all) == 1 && c.prompts == 0 {
		c.prompts = int64(all[0].Prompts)
	}
	return c
}

func (n Counted) count() Count {
	return Count{Wanted: n.Wanted, Done: n.Done, Failed: n.Failed, Pending: max(0, n.Wanted-n.Done-n.Failed), unready: n.Waiting}
}
