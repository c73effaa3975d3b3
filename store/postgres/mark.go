package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Mark tells the states of a database apart: it is another one after every commit of any process, and for another database in
// its place. What is read after Mark has returned is that state or a later one.
func (db *DB) Mark(ctx context.Context) (mark string, err error) {
	sql := "SELECT id, (SELECT sum(seq)::int8 FROM " + db.tables.writer + ") FROM " + db.tables.version
	err = db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		return db.query(ctx, pc, sql, nil, func(row [][]byte) error {
			n, err := int8Value(row[1])
			mark = fmt.Sprintf("%x-%x", row[0], n)
			return err
		})
	})
	return mark, err
}
