package fleet

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/pipeline"
)

// state is what is known of a part.
type state struct {
	pipeline.Part
	epoch     int64
	complete  bool
	remaining int64
	looked    time.Time // zero: never
	changed   time.Time
	held      bool // by a worker, right now
}

// lay writes down which parts there are, keeps what is known of those that were there before, and removes others.
func (f *Fleet) lay(ctx context.Context, parts []pipeline.Part) error {
	var judge []bool
	var who, lo, hi [][]byte
	var queue []string
	for _, p := range parts {
		judge, queue = append(judge, p.Judge), append(queue, queueOf(p.Judge, p.Who))
		who, lo, hi = append(who, p.Who[:]), append(lo, p.From[:]), append(hi, p.To[:])
	}
	return f.alone(ctx, func(tx pgx.Tx) error {
		const these = `unnest($1::bool[], $2::bytea[], $3::bytea[], $4::bytea[], $5::text[]) AS t (judge, who, lo, hi, queue)`
		if _, err := tx.Exec(ctx, f.sql(`DELETE FROM {schema}.oa_part p WHERE NOT EXISTS (SELECT FROM `+these+`
			WHERE p.judge = t.judge AND p.who = t.who AND p.lo = t.lo AND p.hi = t.hi) AND $5::text[] IS NOT NULL`), judge, who, lo, hi, queue); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, f.sql(`INSERT INTO {schema}.oa_part (judge, who, lo, hi, queue) SELECT * FROM `+these+` ON CONFLICT DO NOTHING`), judge, who, lo, hi, queue)
		return err
	})
}

// states are those of all parts, in the order of their keys.
func (f *Fleet) states(ctx context.Context) ([]state, error) {
	rows, err := f.pool.Query(ctx, f.sql(`SELECT judge, who, lo, hi, epoch, complete, remaining, coalesce(looked, 'epoch'), coalesce(changed, 'epoch'), worker IS NOT NULL
		FROM {schema}.oa_part ORDER BY judge, who, lo`))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s state, err error) {
		var who, lo, hi []byte
		err = row.Scan(&s.Judge, &who, &lo, &hi, &s.epoch, &s.complete, &s.remaining, &s.looked, &s.changed, &s.held)
		copy(s.Who[:], who)
		copy(s.From[:], lo)
		copy(s.To[:], hi)
		return s, err
	})
}

// take notes that a worker looks at a part from now on, and returns when that was. It counts as a look once it is told of: a worker
// that dies has seen nothing. What was looked at in a later epoch is not held by who takes it in this one: its result is not heard.
func (f *Fleet) take(ctx context.Context, p pipeline.Part, epoch int64, worker string) (now time.Time, err error) {
	err = f.pool.QueryRow(ctx, f.sql(`WITH taken AS (UPDATE {schema}.oa_part SET worker = $5 WHERE judge = $1 AND who = $2 AND lo = $3 AND hi = $4 AND epoch <= $6) SELECT now()`),
		p.Judge, p.Who[:], p.From[:], p.To[:], worker, epoch).Scan(&now)
	return now, err
}

// tell notes what a look at a part has found that began then. The first look of an epoch is news, whatever it found: the same count may
// be that of other answers, made in the place of some that were taken back.
func (f *Fleet) tell(ctx context.Context, p pipeline.Part, epoch int64, looked time.Time, r pipeline.PartResult) error {
	_, err := f.pool.Exec(ctx, f.sql(`UPDATE {schema}.oa_part SET worker = NULL, wanted_now = NULL, done_now = NULL, failed_now = NULL, epoch = $5, complete = $6, wanted = $7, done = $8, failed = $9, invalid = $10,
		waiting = $11, remaining = $12, looked = $13, changed = CASE WHEN changed IS NULL OR epoch <> $5 OR (done, failed, invalid) <> ($8, $9, $10) THEN now() ELSE changed END
		WHERE judge = $1 AND who = $2 AND lo = $3 AND hi = $4 AND epoch <= $5`),
		p.Judge, p.Who[:], p.From[:], p.To[:], epoch, r.Complete, r.Wanted, r.Done, r.Failed, r.Invalid, r.Waiting, r.Left, looked)
	return err
}

// drop notes that a worker looks at a part no more, without a result.
func (f *Fleet) drop(ctx context.Context, p pipeline.Part, worker string) error {
	_, err := f.pool.Exec(ctx, f.sql(`UPDATE {schema}.oa_part SET worker = NULL WHERE judge = $1 AND who = $2 AND lo = $3 AND hi = $4 AND worker = $5`),
		p.Judge, p.Who[:], p.From[:], p.To[:], worker)
	return err
}
