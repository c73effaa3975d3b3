package postgres

import (
	"context"
	"fmt"

	"openarena/store"
)

// Claim has this process be the only one that brings records of other databases into the arena, until Close. Two that do so at
// once would find the same counters missing, and both add them. Errors: store.ErrLocked while another one has the claim.
//
// It lasts as long as the transaction of a connection of its own, which dies with the process; who works on the arena is not kept
// from it. A connection that is lost in between loses it, which nobody notices.
func (db *DB) Claim(ctx context.Context) error {
	tx, err := db.snapshots.Begin(ctx)
	if err != nil {
		return db.readError(ctx, err)
	}
	var mine bool
	_, err = tx.Exec(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0")
	if err == nil {
		err = tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))`, "openarena brings into "+db.schema).Scan(&mine)
	}
	if err == nil && mine {
		db.claim = tx
		return nil
	}
	tx.Rollback(context.WithoutCancel(ctx))
	if err != nil {
		return db.readError(ctx, err)
	}
	return fmt.Errorf("%s: %w: another `openarena merge` or `openarena store copy` brings records in; run this again when that has ended", db.where, store.ErrLocked)
}

func (db *DB) disclaim() {
	if db.claim != nil {
		ctx, cancel := context.WithTimeout(context.Background(), leastCall)
		defer cancel()
		db.claim.Rollback(ctx)
	}
}
