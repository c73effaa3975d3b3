package fleet

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/jackc/pgx/v5"

	"openarena/configs"
	"openarena/pipeline"
	"openarena/providers"
	"openarena/store/postgres"
)

//go:embed commons.sql
var commonsSQL string

// commons is what one worker shares with all: a pipeline.Commons.
type commons struct {
	*Fleet
	worker    string
	published time.Time
	patience  time.Duration
	leave     context.Context // nobody waits any more soon after its end
	before    pipeline.Amount // what the worker had spent when it was opened, for another Runner
	crowd     func() crowd    // who asks as well; nil: nobody
}

// commons is what a worker of that name shares with all others. Two processes never have the same name, not even one after the
// other; one process uses it for one Runner after the other. A server that is away is waited for that long, but not once leave has ended.
func (f *Fleet) commons(leave context.Context, worker string, e Epoch, patience time.Duration) *commons {
	return &commons{Fleet: f, worker: worker, published: e.Published, patience: patience, leave: leave}
}

// Bury books what dead workers had reserved as possibly spent, and their calls outstanding as possibly billed, and returns of how
// many. It may be called by several at once. One that comes back takes its part back out of the books, so that nothing is
// counted twice.
func (f *Fleet) Bury(ctx context.Context) (n int64, err error) {
	err = f.pool.QueryRow(ctx, f.sql(`SELECT {schema}.oa_bury()`)).Scan(&n)
	return n, err
}

// callWait is how long the server may take for one statement before its connection counts as lost.
const callWait = time.Minute

// again calls do until it did not fail in a way that passes: do must be such that twice is as good as once.
func (c *commons) again(ctx context.Context, do func(context.Context) error) error {
	ctx, leave := lingering(ctx, c.leave)
	defer leave()
	wait := backoff.NewExponentialBackOff(backoff.WithInitialInterval(20*time.Millisecond), backoff.WithMaxInterval(2*time.Second), backoff.WithMaxElapsedTime(c.patience))
	return backoff.Retry(func() error {
		call, cancel := context.WithTimeout(ctx, callWait)
		defer cancel()
		err := do(call)
		if err != nil && (ctx.Err() != nil || !postgres.Passing(err)) {
			return backoff.Permanent(err)
		}
		return err
	}, backoff.WithContext(wait, ctx))
}

func (c *commons) exec(ctx context.Context, sql string, args ...any) error {
	return c.again(ctx, func(ctx context.Context) error {
		_, err := c.pool.Exec(ctx, c.sql(sql), args...)
		return err
	})
}

// row reads one row.
func (c *commons) row(ctx context.Context, sql string, args, to []any) error {
	return c.again(ctx, func(ctx context.Context) error { return c.pool.QueryRow(ctx, c.sql(sql), args...).Scan(to...) })
}

// Open is Commons.Open: what was published later replaces what was before, and what `ctl` has set meanwhile stays.
func (c *commons) Open(ctx context.Context, t pipeline.Terms) error {
	var before []int64
	err := c.row(ctx, `SELECT coalesce(array_agg(spent ORDER BY what), '{0,0,0}') FROM {schema}.oa_hold WHERE worker = $1`, []any{c.worker}, []any{&before})
	if err != nil {
		return fmt.Errorf("look for what this worker has spent: %w", err)
	}
	c.before = amount(before)
	for endpoint, m := range t.Minutes {
		err := c.exec(ctx, `INSERT INTO {schema}.oa_limit AS l (endpoint, rpm, tpm, published) VALUES ($1, $2, $3, $4)
			ON CONFLICT (endpoint) DO UPDATE SET rpm = $2, tpm = $3, published = $4 WHERE l.published < $4`, endpoint, m.RPM, m.TPM, c.number())
		if err != nil {
			return fmt.Errorf("state the limits of %s for all: %w", endpoint, err)
		}
	}
	for {
		done, err := c.publish(ctx, t)
		if err != nil {
			return fmt.Errorf("state the budget for all: %w", err)
		}
		if done {
			return nil
		}
	}
}

// number is what was published, as a number that grows.
func (c *commons) number() int64 { return c.published.UnixMicro() }

// publish makes the budget that of what was published, if it is of something earlier. Where nobody is at work, it also counts what was
// spent anew, from the records: prices may be others. false: somebody has booked meanwhile.
func (c *commons) publish(ctx context.Context, t pipeline.Terms) (bool, error) {
	var published, serial int64
	var working bool
	err := c.row(ctx, `SELECT published, serial, EXISTS (SELECT FROM {schema}.oa_spender s JOIN {schema}.oa_hold h USING (worker)
		WHERE NOT s.booked AND (s.outstanding > 0 OR h.reserved > 0)) FROM {schema}.oa_treasury`, nil, []any{&published, &serial, &working})
	if err != nil || published >= c.number() {
		return true, err
	}
	var booked, lost pipeline.Amount
	if !working {
		if booked, lost, err = t.Spent(ctx); err != nil {
			return false, err
		}
	}
	ours := false
	err = c.row(ctx, `WITH mine AS (UPDATE {schema}.oa_treasury SET published = $1, began = $2, max_time = $3, serial = serial + 1
			WHERE published < $1 AND (serial = $4 OR $5) RETURNING 1),
		caps AS (UPDATE {schema}.oa_budget SET cap = ($6::bigint[])[what] WHERE EXISTS (SELECT FROM mine) AND $5),
		counted AS (UPDATE {schema}.oa_budget SET cap = ($6::bigint[])[what], spent = ($7::bigint[])[what], lost = greatest(lost, ($8::bigint[])[what])
			WHERE EXISTS (SELECT FROM mine) AND NOT $5)
		SELECT EXISTS (SELECT FROM mine)`,
		[]any{c.number(), c.published, t.Budget.MaxTime.Microseconds(), serial, working, list(caps(t.Budget)), list(booked), list(lost)}, []any{&ours})
	return ours, err
}

// Hear is Commons.Hear.
func (c *commons) Hear(ctx context.Context) (w pipeline.Word, err error) {
	var limits, rests string
	var limit []int64
	var maxTime, elapsed int64
	err = c.row(ctx, `SELECT
		coalesce((SELECT json_object_agg(endpoint, json_build_object('rpm', rpm, 'tpm', tpm)) FROM {schema}.oa_limit)::text, '{ }'),
		coalesce((SELECT json_agg(json_build_object('endpoint', endpoint, 'modelid', model, 'for',
			(extract(epoch FROM until - clock_timestamp()) * 1e9)::bigint)) FROM {schema}.oa_rest WHERE until > clock_timestamp())::text, '[]'),
		(SELECT array_agg(cap ORDER BY what) FROM {schema}.oa_budget), max_time, (extract(epoch FROM clock_timestamp() - began) * 1e6)::bigint
		FROM {schema}.oa_treasury`, nil, []any{&limits, &rests, &limit, &maxTime, &elapsed})
	if err == nil {
		err = errors.Join(json.Unmarshal([]byte(limits), &w.Minutes), json.Unmarshal([]byte(rests), &w.Rests))
	}
	if err != nil {
		return w, fmt.Errorf("ask for the limits of all: %w", err)
	}
	w.Budget, w.Elapsed = budgetOf(limit, maxTime), time.Duration(elapsed)*time.Microsecond
	if c.crowd != nil {
		w.Again, w.Report = c.crowd().hear(), c.crowd().report()
	}
	return w, nil
}

// Borrow is Commons.Borrow. What it gives back is given once: if the answer is lost, the next try gives nothing back, and it counts
// until its minute is over.
func (c *commons) Borrow(ctx context.Context, endpoint string, w providers.Want) (b providers.Block, err error) {
	slots, requests, tokens := make([]int64, len(w.Back)), make([]int64, len(w.Back)), make([]int64, len(w.Back))
	for i, b := range w.Back {
		slots[i], requests[i], tokens[i] = b.Slot, b.Requests, b.Tokens
	}
	var use, again int64
	err = c.again(ctx, func(ctx context.Context) error {
		err := c.pool.QueryRow(ctx, c.sql(`SELECT block, requests, tokens, use, again FROM {schema}.oa_borrow($1, $2, $3, $4, $5, $6, $7)`),
			endpoint, w.Requests, w.Tokens, w.Least, slots, requests, tokens).Scan(&b.Slot, &b.Requests, &b.Tokens, &use, &again)
		slots, requests, tokens = []int64{}, []int64{}, []int64{}
		return err
	})
	b.Use, b.Again = time.Duration(use), time.Duration(again)
	return b, err
}

// Rest is Commons.Rest.
func (c *commons) Rest(ctx context.Context, r pipeline.Rest) error {
	return c.exec(ctx, `INSERT INTO {schema}.oa_rest AS r (endpoint, model, until) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 microsecond')
		ON CONFLICT (endpoint, model) DO UPDATE SET until = greatest(r.until, excluded.until)`, r.Endpoint, r.ModelID, r.For.Microseconds())
}

// Wake is Commons.Wake.
func (c *commons) Wake(ctx context.Context, endpoint string) error {
	return c.exec(ctx, `DELETE FROM {schema}.oa_rest WHERE endpoint = $1`, endpoint)
}

// Limit is Commons.Limit. A limit where there was none begins with a minute that is used up, since nobody counted what was sent in it.
func (c *commons) Limit(ctx context.Context, endpoint string, m pipeline.Minute) error {
	return c.exec(ctx, `WITH before AS (SELECT rpm = 0 AND tpm = 0 AS free FROM {schema}.oa_limit WHERE endpoint = $1 FOR UPDATE),
		now AS (UPDATE {schema}.oa_limit SET rpm = $2, tpm = $3 WHERE endpoint = $1)
		INSERT INTO {schema}.oa_grant (endpoint, slot, requests, tokens)
			SELECT $1, (extract(epoch FROM clock_timestamp()) * 4)::bigint, $2, $3 FROM before WHERE free AND ($2 > 0 OR $3 > 0)
			ON CONFLICT (endpoint, slot) DO NOTHING`, endpoint, int64(m.RPM), int64(m.TPM))
}

// Account is Commons.Account.
func (c *commons) Account(ctx context.Context, a pipeline.Account) (b pipeline.Balance, err error) {
	var reserved, others, spent, lost, limit []int64
	var maxTime int64
	err = c.row(ctx, `SELECT reserved, others, spent, lost, caps, max_time FROM {schema}.oa_account($1, $2, $3, $4, $5)`,
		[]any{c.worker, list(a.Spent.Plus(c.before)), list(a.Held), list(a.Least), list(a.Want)}, []any{&reserved, &others, &spent, &lost, &limit, &maxTime})
	if err != nil {
		return b, fmt.Errorf("reserve a part of the budget: %w", err)
	}
	return pipeline.Balance{
		Reserved: amount(reserved), Others: amount(others), Spent: amount(spent), Lost: amount(lost), Budget: budgetOf(limit, maxTime),
	}, nil
}

// Outstanding is Commons.Outstanding.
func (c *commons) Outstanding(ctx context.Context, calls int) error {
	return c.exec(ctx, `SELECT {schema}.oa_outstanding($1, $2)`, c.worker, int64(calls))
}

// Budget is Commons.Budget.
func (c *commons) Budget(ctx context.Context, b configs.Budget) error {
	return c.exec(ctx, `WITH treasury AS (UPDATE {schema}.oa_treasury SET max_time = $1, serial = serial + 1)
		UPDATE {schema}.oa_budget SET cap = ($2::bigint[])[what]`, b.MaxTime.Microseconds(), list(caps(b)))
}

// list is an amount as rows 1 to 3 of oa_budget have it.
func list(a pipeline.Amount) []int64 { return []int64{a.Calls, a.Tokens, a.Nanos} }

func amount(l []int64) pipeline.Amount {
	return pipeline.Amount{Calls: l[0], Tokens: l[1], Nanos: l[2]}
}

// caps are the limits of a budget, 0 for none.
func caps(b configs.Budget) pipeline.Amount {
	return pipeline.Amount{Calls: b.MaxCalls, Tokens: b.MaxTokens, Nanos: int64(b.MaxCost*1e9 + 0.5)}
}

func budgetOf(caps []int64, maxTime int64) configs.Budget {
	return configs.Budget{
		MaxCalls: caps[0], MaxTokens: caps[1], MaxCost: float64(caps[2]) / 1e9, MaxTime: time.Duration(maxTime) * time.Microsecond,
	}
}

// Purse is how the budget of all stands.
type Purse struct {
	Lines []pipeline.BudgetLine // of each limit that there is
	Dying int64                 // calls outstanding of workers that are taken for dead, and are in no books yet
}

// Purse reads it. Where nobody has spent by these tables there are no lines.
func (f *Fleet) Purse(ctx context.Context) (p Purse, err error) {
	err = p.scan(f.pool.QueryRow(ctx, f.sql(purseSQL)))
	return p, err
}

const purseSQL = `SELECT array_agg(cap ORDER BY what), array_agg(spent + lost ORDER BY what), array_agg(reserved ORDER BY what),
		coalesce(max(t.max_time), 0), coalesce((extract(epoch FROM clock_timestamp() - max(t.began)) * 1e6)::bigint, 0),
		(SELECT coalesce(sum(s.outstanding), 0)::bigint FROM {schema}.oa_spender s JOIN {schema}.oa_worker w ON w.id = s.worker WHERE NOT s.booked AND w.expires < now())
	FROM {schema}.oa_budget, {schema}.oa_treasury t WHERE t.published > 0`

func (p *Purse) scan(row pgx.Row) error {
	var limit, spent, reserved []int64
	var maxTime, elapsed int64
	if err := row.Scan(&limit, &spent, &reserved, &maxTime, &elapsed, &p.Dying); err != nil || limit == nil {
		return err
	}
	for _, i := range []int{2, 0, 1} { // in the order of a run's own
		what := []string{"calls", "tokens", "cost_usd"}[i]
		unit := 1.0
		if what == "cost_usd" {
			unit = 1e9
		}
		if limit[i] > 0 {
			p.Lines = append(p.Lines, pipeline.BudgetLine{
				What: what, Limit: float64(limit[i]) / unit, Spent: float64(spent[i]) / unit, InFlight: float64(reserved[i]) / unit,
				Left: float64(max(0, limit[i]-spent[i]-reserved[i])) / unit,
			})
		}
	}
	if maxTime > 0 {
		p.Lines = append(p.Lines, pipeline.BudgetLine{
			What: "seconds", Limit: float64(maxTime) / 1e6, Spent: float64(elapsed) / 1e6, Left: float64(max(0, maxTime-elapsed)) / 1e6,
		})
	}
	return nil
}
