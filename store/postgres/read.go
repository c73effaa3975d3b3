package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"openarena/store"
)

// pageBytes is how long a page becomes, and how much the server is asked for at once.
const pageBytes = 1 << 20

// Get is Reader.Get.
func (db *DB) Get(ctx context.Context, bk store.Bucket, key []byte, want store.Fields) (rec store.Record, err error) {
	err = db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) (err error) {
		rec, err = db.get(ctx, pc, bk, key, want)
		return err
	})
	return rec, err
}

// Scan is Reader.Scan. It sees the commits that return while it runs, or not; each record once, in order.
func (db *DB) Scan(ctx context.Context, bk store.Bucket, r store.Range, want store.Fields) iter.Seq2[store.Record, error] {
	return store.ScanPages(ctx, db, bk, r, want)
}

// ReadPage is Pager.ReadPage. A page whose connection is lost is read again, so that a walk goes on.
func (db *DB) ReadPage(ctx context.Context, p *store.Page, bk store.Bucket, r store.Range, want store.Fields, n int) error {
	return db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		p.Reset()
		return db.readPage(p, bk, r, want, n, func(sql string, params [][]byte, f func([][]byte) error) error {
			return db.queryAlong(ctx, pc, sql, params, f)
		})
	})
}

func (db *DB) reading(ctx context.Context, f func(context.Context, *pgconn.PgConn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if db.closed.Load() {
		return fmt.Errorf("read %s: %w", db.where, store.ErrClosed)
	}
	return db.retry(ctx, f)
}

// source is what stands behind SELECT for the columns of a record, and the columns.
func (t *tables) source(bk store.Bucket, want store.Fields) (columns, table, group string, err error) {
	switch {
	case bk == store.Totals && want == store.KeyOnly:
		return "k", t.totals, " GROUP BY k", nil
	case bk == store.Totals:
		return "k, sum(n)::int8", t.totals, " GROUP BY k", nil
	case int(bk) >= len(t.bucket) || t.bucket[bk] == "":
		return "", "", "", fmt.Errorf("read %s: there is no such bucket", bk)
	case want == store.KeyOnly:
		return "k", t.bucket[bk], "", nil
	case want == store.WithMeta:
		return "k, meta", t.bucket[bk], "", nil
	}
	return "k, meta, body", t.bucket[bk], "", nil
}

// record reads a row. What it returns shares its memory.
func record(bk store.Bucket, row [][]byte) (store.Record, error) {
	r := store.Record{Key: row[0]}
	if len(row) == 1 {
		return r, nil
	}
	if bk == store.Totals {
		r.Meta = row[1] // a counter is stored as the wire has it
		return r, nil
	}
	meta, hasBody, err := store.OpenMeta(bk, r.Key, row[1])
	if err != nil {
		return r, err
	}
	r.Meta = meta
	if len(row) == 3 && hasBody {
		r.Body, err = store.OpenBody(bk, r.Key, row[2])
	}
	return r, err
}

func (db *DB) get(ctx context.Context, pc *pgconn.PgConn, bk store.Bucket, key []byte, want store.Fields) (rec store.Record, err error) {
	columns, table, group, err := db.tables.source(bk, want)
	if err != nil {
		return rec, err
	}
	err = store.ErrNotFound
	asking := db.query(ctx, pc, "SELECT "+columns+" FROM "+table+" WHERE k = $1::bytea"+group, [][]byte{key}, func(row [][]byte) error {
		var r store.Record
		if r, err = record(bk, row); err == nil {
			rec = r.Clone()
		}
		return nil
	})
	if asking != nil {
		return store.Record{}, asking
	}
	return rec, err
}

// asking sends a statement and hands each row to f.
type asking func(sql string, params [][]byte, f func(row [][]byte) error) error

func (db *DB) readPage(p *store.Page, bk store.Bucket, r store.Range, want store.Fields, n int, ask asking) error {
	columns, table, group, err := db.tables.source(bk, want)
	if err != nil {
		return err
	}
	if usual := p.Usual(); usual > 0 {
		n = max(1, min(n, pageBytes/usual))
	}
	sql, params := "SELECT "+columns+" FROM "+table+" WHERE k >= $1::bytea", [][]byte{r.From}
	if r.From == nil {
		params[0] = []byte{}
	}
	if r.To != nil {
		sql, params = sql+" AND k < $2::bytea", append(params, r.To)
	}
	if at, is := r.Only(); is != nil {
		params = append(params, is)
		sql += fmt.Sprintf(" AND substring(k FROM %d FOR %d) = $%d::bytea", at+1, len(is), len(params))
	}
	// The limit stands in the text: whoever plans the statement has to know that it is small.
	sql += group + " ORDER BY k LIMIT " + strconv.Itoa(n)
	rows := 0
	err = ask(sql, params, func(row [][]byte) error {
		if rows++; p.Bytes() >= pageBytes { // longer than usual: the rest is for the next page
			p.More()
			return nil
		}
		rec, err := record(bk, row)
		var bad *store.RecordError
		if errors.As(err, &bad) {
			p.AddBad(bad)
			return nil
		}
		p.Add(rec)
		return err
	})
	if rows == n {
		p.More()
	}
	return err
}
