package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/pipeline"
	"openarena/store"
)

// Look is how the work on an arena stands, from tables whose size does not grow with its records.
type Look struct {
	Epoch    Epoch
	Members  []Member // the dead included until somebody has cleared up behind them
	Counts   []Count
	Rests    []Rest
	Purse    Purse
	Rescued  int64              // jobs that River took from workers that were not heard of, of those it still knows
	Overview *pipeline.Overview // as it was last kept; nil: never
	Made     time.Time          // of the overview
}

// Rest is a server that asked to be left alone.
type Rest struct {
	Endpoint string    `json:"endpoint"`
	Model    string    `json:"model,omitempty"` // as the server calls it; empty: all of the endpoint
	Until    time.Time `json:"until"`
}

// Look reads it in a few statements. The error is ErrUnpublished where nobody works on the arena by these tables.
func (f *Fleet) Look(ctx context.Context) (l *Look, err error) {
	l = &Look{}
	if l.Epoch, err = f.Epoch(ctx); err != nil {
		return nil, err
	}
	if l.Members, err = f.Members(ctx); err != nil {
		return nil, fmt.Errorf("read who works on the arena: %w", err)
	}
	if l.Counts, err = f.Counts(ctx); err != nil {
		return nil, fmt.Errorf("read how far the parts are: %w", err)
	}
	rows, err := f.pool.Query(ctx, f.sql(`SELECT endpoint, model, until FROM {}.oa_rest WHERE until > now() ORDER BY endpoint, model`))
	if err == nil {
		l.Rests, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Rest])
	}
	if err != nil {
		return nil, fmt.Errorf("read which endpoints rest: %w", err)
	}
	if l.Purse, err = f.Purse(ctx); err != nil {
		return nil, fmt.Errorf("read what is left of the budget: %w", err)
	}
	if len(l.Alive()) == 0 { // the time that counts is that of work
		l.Purse.Lines = slices.DeleteFunc(l.Purse.Lines, func(b pipeline.BudgetLine) bool { return b.What == "seconds" })
	}
	// River says in the errors of a job that it was rescued.
	err = f.pool.QueryRow(ctx, f.sql(`SELECT count(*) FROM {}.river_job WHERE array_to_string(errors, ' ') ILIKE '%rescue%'`)).Scan(&l.Rescued)
	if err != nil {
		return nil, fmt.Errorf("read which jobs were rescued: %w", err)
	}
	l.Overview, l.Made, err = f.Overview(ctx)
	return l, err
}

// Alive are those members that were heard of.
func (l *Look) Alive() (all []Member) {
	for _, m := range l.Members {
		if m.Alive {
			all = append(all, m)
		}
	}
	return all
}

// Overview returns the one that was last kept, and when it was made; nil: none was.
func (f *Fleet) Overview(ctx context.Context) (o *pipeline.Overview, made time.Time, err error) {
	var text []byte
	err = f.pool.QueryRow(ctx, f.sql(`SELECT board, made FROM {}.oa_board`)).Scan(&text, &made)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, made, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		return nil, made, fmt.Errorf("read the ratings as they were last computed: %w", err)
	}
	return o, made, nil
}

// KeepOverview puts one in the place of an older one. mark is that of the store before it was read.
func (f *Fleet) KeepOverview(ctx context.Context, o *pipeline.Overview, mark string, began time.Time) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = f.pool.Exec(ctx, f.sql(`INSERT INTO {}.oa_board AS b (made, mark, board) VALUES ($1, $2, $3)
		ON CONFLICT (one) DO UPDATE SET made = excluded.made, mark = excluded.mark, board = excluded.board WHERE b.made < excluded.made`), began, mark, text)
	return err
}

// Renew makes the overview anew from what the store holds now, unless it is of this very state; it walks everything. Whoever
// leads calls it now and then, not while it costs more than a small part of the time.
func (f *Fleet) Renew(ctx context.Context, a *pipeline.Arena, db Records) error {
	mark, err := db.Mark(ctx)
	if err != nil {
		return err
	}
	var known string
	var began time.Time
	err = f.pool.QueryRow(ctx, f.sql(`SELECT now(), coalesce((SELECT mark FROM {}.oa_board), '')`)).Scan(&began, &known)
	if err != nil || known == mark {
		return err
	}
	o, err := a.Overview(ctx, db)
	if err != nil {
		return err
	}
	return f.KeepOverview(ctx, o, mark, began)
}

// Records are an arena's records with a mark of their state: a *postgres.DB.
type Records interface {
	store.Reader
	Mark(ctx context.Context) (string, error)
}
