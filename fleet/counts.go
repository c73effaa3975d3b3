package fleet

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/pipeline"
)

// Count is how far the parts of one contestant or judge are, as they were last looked at, or as whoever works on them tells.
type Count struct {
	Judge    bool
	Who      pipeline.ID
	Parts    int
	Complete int   // parts of which nothing is to be asked for any more
	Wanted   int64 // until all parts were looked at: what there would be if the others held as much
	Done     int64
	Failed   int64
	Invalid  int64     // of done
	Waiting  int64     // judgments whose answers are not there yet
	Looked   time.Time // the latest look; zero: none
}

// Counts are sums over parts: their cost does not grow with the records. Without a plan there are none.
func (f *Fleet) Counts(ctx context.Context) (all []Count, err error) {
	rows, err := f.pool.Query(ctx, f.sql(countsSQL))
	if err != nil {
		return nil, err
	}
	return scanCounts(rows)
}

const countsSQL = `SELECT judge, who, count(*), count(*) FILTER (WHERE complete AND p.epoch = e.epoch),
		coalesce(ceil(sum(coalesce(wanted_now, wanted)) * count(*) / nullif(count(*) FILTER (WHERE looked IS NOT NULL OR wanted_now IS NOT NULL), 0)), 0)::bigint,
		sum(coalesce(done_now, done))::bigint, sum(coalesce(failed_now, failed))::bigint, sum(invalid)::bigint, sum(waiting)::bigint, max(looked)
	FROM {schema}.oa_part p, {schema}.oa_epoch e GROUP BY judge, who ORDER BY judge, who`

func scanCounts(rows pgx.Rows) (all []Count, err error) {
	defer rows.Close()
	for rows.Next() {
		var c Count
		var who []byte
		var looked *time.Time
		if err := rows.Scan(&c.Judge, &who, &c.Parts, &c.Complete, &c.Wanted, &c.Done, &c.Failed, &c.Invalid, &c.Waiting, &looked); err != nil {
			return nil, err
		}
		copy(c.Who[:], who)
		if looked != nil {
			c.Looked = *looked
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
