package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"openarena/store"
)

// maxBad bounds the memory of a report; what is beyond it is counted only.
const maxBad = 10_000

// Check reads every record and its checksums, and changes nothing. It may run beside everything else.
func (db *DB) Check(ctx context.Context) (store.Report, error) {
	report := store.Report{Path: db.where, Buckets: map[store.Bucket]store.Usage{}}
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		u := store.Usage{}
		for rec, err := range db.Scan(ctx, bk, store.Range{}, store.WithBody) {
			var bad *store.RecordError
			switch {
			case errors.As(err, &bad):
				if report.BadCount++; len(report.Bad) < maxBad {
					report.Bad = append(report.Bad, bad)
				}
				continue
			case err != nil:
				return report, err
			}
			u.Records++
			u.Bytes += int64(len(rec.Key) + len(rec.Meta) + len(rec.Body))
		}
		if u.Records > 0 {
			report.Buckets[bk] = u
		}
	}
	return report, nil
}

// Repair removes records that are bad, so that the next run asks again. The report is that of Check.
func (db *DB) Repair(ctx context.Context) (store.Report, error) {
	report, err := db.Check(ctx)
	if err != nil || report.OK() {
		return report, err
	}
	var b store.Batch
	for _, bad := range report.Bad {
		b.Delete(bad.Bucket, bad.Key)
	}
	_, err = db.Apply(ctx, &b)
	return report, err
}

// Stats says what takes the space. The server reads the records for it, without their bodies.
func (db *DB) Stats(ctx context.Context) (store.Stats, error) {
	s := store.Stats{Path: db.where, Buckets: map[store.Bucket]store.Usage{}}
	for bk, table := range db.tables.bucket {
		sizes := fmt.Sprintf(`SELECT count(*)::int8, coalesce(sum(octet_length(k) + octet_length(meta) - %[2]d + coalesce(octet_length(body) - %[2]d, 0)), 0)::int8,
			pg_total_relation_size($1::text::regclass)::int8 FROM %[1]s`, table, store.SealSize)
		switch {
		case store.Bucket(bk) == store.Totals:
			sizes = fmt.Sprintf(`SELECT count(DISTINCT k)::int8, coalesce(sum(octet_length(k) + 8), 0)::int8, pg_total_relation_size($1::text::regclass)::int8 FROM %[1]s`, db.tables.totals)
			table = db.tables.totals
		case table == "":
			continue
		}
		err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
			return db.query(ctx, pc, sizes, [][]byte{[]byte(table)}, func(row [][]byte) error {
				var n [3]int64
				for i := range n {
					var err error
					if n[i], err = int8Value(row[i]); err != nil {
						return err
					}
				}
				if n[0] > 0 {
					s.Buckets[store.Bucket(bk)] = store.Usage{Records: n[0], Bytes: n[1]}
				}
				s.Size += n[2]
				return nil
			})
		})
		if err != nil {
			return s, err
		}
	}
	return s, nil
}
