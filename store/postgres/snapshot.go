package postgres

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"openarena/store"
)

// snapshot is one transaction of a connection of its own.
type snapshot struct {
	db   *DB
	mu   sync.Mutex
	conn *pgxpool.Conn // nil: closed
}

var (
	_ store.Snapshot = (*snapshot)(nil)
	_ store.Pager    = (*snapshot)(nil)
)

// Snapshot is Store.Snapshot. The snapshot may be read by several goroutines, one at a time. It ends with its connection.
func (db *DB) Snapshot(ctx context.Context) (store.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if db.closed.Load() {
		return nil, fmt.Errorf("read %s: %w", db.where, store.ErrClosed)
	}
	s := &snapshot{db: db}
	err := db.again(ctx, func() error { return s.begin(ctx) })
	if err != nil {
		return nil, err
	}
	return s, nil
}

// begin takes a connection and freezes the state of now.
func (s *snapshot) begin(ctx context.Context) error {
	call, cancel := context.WithTimeout(ctx, s.db.callWait)
	defer cancel()
	conn, err := s.db.snapshots.Acquire(call)
	if err != nil {
		return s.db.readError(ctx, err)
	}
	// The state is that of the first statement, not that of BEGIN.
	_, err = conn.Conn().PgConn().Exec(call, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "+along+"; SELECT 1 FROM "+s.db.tables.version).ReadAll()
	if err != nil {
		conn.Release()
		return s.db.readError(ctx, err)
	}
	s.conn = conn
	return nil
}

// Get is Reader.Get.
func (s *snapshot) Get(ctx context.Context, bk store.Bucket, key []byte, want store.Fields) (rec store.Record, err error) {
	err = s.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) (err error) {
		rec, err = s.db.get(ctx, pc, bk, key, want)
		return err
	})
	return rec, err
}

// Scan is Reader.Scan.
func (s *snapshot) Scan(ctx context.Context, bk store.Bucket, r store.Range, want store.Fields) iter.Seq2[store.Record, error] {
	return store.ScanPages(ctx, s, bk, r, want)
}

// ReadPage is Pager.ReadPage.
func (s *snapshot) ReadPage(ctx context.Context, p *store.Page, bk store.Bucket, r store.Range, want store.Fields, n int) error {
	return s.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		return s.db.readPage(p, bk, r, want, n, func(sql string, params [][]byte, f func([][]byte) error) error {
			return s.db.query(ctx, pc, sql, params, f)
		})
	})
}

func (s *snapshot) reading(ctx context.Context, f func(context.Context, *pgconn.PgConn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return fmt.Errorf("read snapshot of %s: %w", s.db.where, store.ErrClosed)
	}
	// A context that ends takes the connection with it, and the snapshot with that.
	call, cancel := context.WithTimeout(ctx, s.db.callWait)
	defer cancel()
	err := f(call, s.conn.Conn().PgConn())
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case Passing(err), s.conn.Conn().IsClosed():
		return fmt.Errorf("the frozen state that was read of %s is gone with its connection: %s; run the command again", s.db.where, Reason(err))
	}
	return err
}

// Close ends the snapshot. Closing it again does nothing.
func (s *snapshot) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	conn := s.conn
	s.conn = nil
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	conn.Conn().PgConn().Exec(ctx, "ROLLBACK").ReadAll() // one that fails has lost its connection, and the transaction with it
	conn.Release()
	return nil
}
