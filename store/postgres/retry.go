package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/jackc/pgx/v5/pgconn"

	"openarena/store"
)

// callWait is how long the server may take for one statement or commit before its connection counts as lost.
const callWait = 2 * time.Minute

// leastCall is what a busy server is given for one, however short somebody wants to wait for one that is away.
const leastCall = 10 * time.Second

// retry calls f with a connection, and again with another while the error is one that passes, for as long as the server may be
// away.
func (db *DB) retry(ctx context.Context, f func(context.Context, *pgconn.PgConn) error) error {
	return db.again(ctx, func() error { return db.once(ctx, f) })
}

// again calls f until it succeeds, its error is one that stays, or the server was away for too long.
func (db *DB) again(ctx context.Context, f func() error) error {
	began := time.Now()
	err := backoff.Retry(func() error {
		err := f()
		if err != nil && (ctx.Err() != nil || !Passing(err)) {
			return backoff.Permanent(err)
		}
		return err
	}, backoff.WithContext(newPace(db.patience), ctx))
	if err != nil && ctx.Err() == nil && Passing(err) {
		return fmt.Errorf("%w: %s, since %s: %s; run the command again when it is back", store.ErrAway, db.where, began.Format(time.TimeOnly), Reason(err))
	}
	return err
}

// newPace is how long to wait between attempts, until they have taken a time together.
func newPace(patience time.Duration) backoff.BackOff {
	return backoff.NewExponentialBackOff(backoff.WithInitialInterval(20*time.Millisecond), backoff.WithMaxInterval(2*time.Second), backoff.WithMaxElapsedTime(patience))
}

// once calls f with a connection.
func (db *DB) once(ctx context.Context, f func(context.Context, *pgconn.PgConn) error) error {
	call, cancel := context.WithTimeout(ctx, db.callWait)
	defer cancel()
	if db.writer != nil {
		defer db.writer.hurry(call, cancel)()
	}
	conn, err := db.pool.Acquire(call)
	if err == nil {
		defer conn.Release()
		err = f(call, conn.Conn().PgConn())
	}
	if err == nil && db.writer != nil && db.writer.closing.Err() != nil {
		db.writer.heard.Store(time.Now().UnixNano())
	}
	if err != nil && ctx.Err() == nil && errors.Is(call.Err(), context.Canceled) {
		return fmt.Errorf("%w: %s: it did not answer, and was not waited for any longer", store.ErrAway, db.where)
	}
	return db.readError(ctx, err)
}

// readError gives errors the names that callers know.
func (db *DB) readError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return ctx.Err()
	case db.closed.Load():
		return fmt.Errorf("read %s: %w", db.where, store.ErrClosed)
	}
	return err
}
