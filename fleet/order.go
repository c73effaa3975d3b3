package fleet

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/pipeline"
)

// DoDrain has all who work on the arena hand back what they hold, and end.
const DoDrain = "drain"

// Order is what somebody told all who work on an arena.
type Order struct {
	ID        int64
	Given     time.Time
	By        string // user@host
	Directive pipeline.Directive
}

// Give has all members carry out a directive with their next heartbeat, and returns its number.
func (f *Fleet) Give(ctx context.Context, by string, d pipeline.Directive) (id int64, err error) {
	text, err := json.Marshal(d)
	if err != nil {
		return 0, err
	}
	err = f.pool.QueryRow(ctx, f.sql(`INSERT INTO {schema}.oa_order (by, directive) VALUES ($1, $2) RETURNING id`), by, string(text)).Scan(&id)
	return id, err
}

// Orders are those with a higher number, in their order.
func (f *Fleet) Orders(ctx context.Context, after int64) ([]Order, error) {
	rows, err := f.pool.Query(ctx, f.sql(`SELECT id, given, by, directive FROM {schema}.oa_order WHERE id > $1 ORDER BY id`), after)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (o Order, err error) {
		var text []byte
		if err = row.Scan(&o.ID, &o.Given, &o.By, &text); err == nil {
			err = json.Unmarshal(text, &o.Directive)
		}
		return o, err
	})
}
