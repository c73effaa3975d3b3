// Package postgres keeps the records of package store in PostgreSQL, for many machines at once: the same face, the same
// promises. One arena is one schema of a database.
//
// Every statement stands for itself and names its schema, so that a pooler that hands connections out per transaction may
// stand in between. Nothing is prepared: a plan made while a table was small would be kept when it is large.
//
// What will hurt: a Snapshot holds a connection of its own and keeps the server from cleaning up; [DB.Close] waits for it.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"openarena/internal/secret"
	"openarena/store"
)

// Options are for [Open]. The zero value works.
type Options struct {
	// Application is what the server's list of connections shows, such as "openarena worker".
	Application string
	// Committed is told of each commit, by the goroutine that writes: it returns at once. nil: nobody is.
	Committed func(store.Commit)
	// Away is told once when the server went away, or did not answer for a while, as something was to be written, and with nil when it
	// is back; and with an error of store.ErrUnwritable when it was waited for long enough. It returns at once. nil: nobody is.
	Away func(error)
	// StoreTimeout is how long a server that is away is waited for. 0: 15 minutes; 30 seconds for who only reads.
	StoreTimeout time.Duration
	// Patient has Open wait so long for a server that it does not reach, and Away told of it; after that its error is of
	// store.ErrAway. False: that is an error at once.
	Patient bool
	// Rescue opens a store for what could not be written, whose file has a name if it has a method Path. It is called at most
	// once, and the store is closed by Close. What it holds is merged later: records are there once then, and counters are at
	// most too high by the last commit, of which nobody knew. nil: what could not be written is lost.
	Rescue func() (store.Store, error)
	// Writers is how many commits of this process are under way at the same time, for who brings in much; two batches that do not
	// wait for each other may then be committed in either order. More than one rescue nothing. 0: one.
	Writers int
	// ReadOnly changes nothing on the server: a schema that is not there is an error of store.ErrNoDatabase.
	ReadOnly bool
}

// DB is an open database. All methods may be called from several goroutines.
type DB struct {
	pool      *pgxpool.Pool
	snapshots *pgxpool.Pool // of their own: one that is open must not be waited for by who has it open
	schema    string
	where     string
	tables    tables
	warnings  []string
	lax       bool // commits have to ask that the server's disk has them
	patience  time.Duration
	callWait  time.Duration
	silence   time.Duration // after how long without an answer it is told
	writer    *writer       // nil: read only
	others    []*writer     // that commit at the same time
	claim     pgx.Tx        // nil: none is had
	turn      atomic.Uint32
	closed    atomic.Bool
}

var (
	_ store.Store = (*DB)(nil)
	_ store.Pager = (*DB)(nil)
)

const (
	maxSnapshots    = 16
	defaultPatience = 15 * time.Minute
	readersPatience = 30 * time.Second
)

// Open opens the arena that the schema of a URL is, and creates it if there is none. Errors: a *ConfigError for what the
// person who wrote the URL or runs the server has to mend, store.ErrNewer, store.ErrNoDatabase. When ctx ends later, a server that
// is away is waited for no longer than Close does.
func Open(ctx context.Context, address secret.String, o Options) (*DB, error) {
	t, err := parse(address, o.Application)
	if err != nil {
		return nil, err
	}
	db := &DB{schema: t.schema, where: place(t.pool), tables: tablesOf(t.schema), patience: o.StoreTimeout, callWait: callWait, silence: silence}
	if db.patience == 0 && o.ReadOnly {
		db.patience = readersPatience
	} else if db.patience == 0 {
		db.patience = defaultPatience
	}
	if !o.ReadOnly { // who reads may ask for something that takes its time
		db.callWait = min(callWait, max(db.patience, leastCall))
	}
	if !o.ReadOnly {
		t.pool.AfterConnect = planOnce
	} else if mode := &t.pool.ConnConfig.DefaultQueryExecMode; *mode == pgx.QueryExecModeCacheStatement {
		*mode = pgx.QueryExecModeExec // who looks asks each question about once
	}
	frozen := t.pool.Copy()
	frozen.MaxConns, frozen.MinConns, frozen.MaxConnIdleTime = maxSnapshots, 0, time.Minute
	if db.pool, err = pgxpool.NewWithConfig(ctx, t.pool); err == nil {
		db.snapshots, err = pgxpool.NewWithConfig(ctx, frozen)
	}
	if err == nil {
		err = db.reach(ctx, t, o)
	}
	if err != nil {
		db.closePools()
		return nil, err
	}
	if !o.ReadOnly {
		db.write(ctx, o)
	}
	return db, nil
}

// write starts who writes.
func (db *DB) write(ctx context.Context, o Options) {
	if o.Writers > 1 {
		o.Rescue = nil
	}
	db.writer = newWriter(ctx, db, o)
	o.Committed, o.Away = nil, nil // one tells that the server is away
	for range o.Writers - 1 {
		db.others = append(db.others, newWriter(ctx, db, o))
	}
	for _, w := range append(db.others, db.writer) {
		go w.run()
	}
}

// reach is begin, again and again where Open is to wait.
func (db *DB) reach(ctx context.Context, t target, o Options) error {
	s := spell{tell: o.Away}
	defer s.close()
	pace := newPace(db.patience)
	for {
		err := db.begin(ctx, t, o.ReadOnly)
		var away *ConfigError
		switch {
		case err == nil:
			s.over()
			return nil
		case !o.Patient || ctx.Err() != nil || !errors.As(err, &away) || !away.Passing:
			return err
		}
		s.begin(fmt.Errorf("%s: %s; it is waited for, for %s", away.Where, away.What, db.patience))
		wait := pace.NextBackOff()
		if wait == backoff.Stop {
			return fmt.Errorf("%w: %w", store.ErrAway, err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// planOnce has a connection plan each prepared statement once: those of work are short, and River's take longer to plan than to
// carry out. Statements of the store are not prepared, and the order of a walk over keys is no matter of estimates. Where a pooler
// may be in between nothing is prepared, and connections are others' too.
func planOnce(ctx context.Context, c *pgx.Conn) error {
	if c.Config().DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
		return nil
	}
	_, err := c.PgConn().Exec(ctx, "SET plan_cache_mode = force_generic_plan").ReadAll()
	return err
}

// begin looks at the server and makes or checks the schema.
func (db *DB) begin(ctx context.Context, t target, readOnly bool) error {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return refusal(db.where, t.pool.ConnConfig.User, err)
	}
	defer conn.Release()
	pc := conn.Conn().PgConn()
	s, err := db.look(ctx, pc)
	if err == nil {
		err = db.accept(s, t.noFsync, readOnly)
	}
	if err != nil {
		return err
	}
	if err := db.settle(ctx, pc, readOnly); err != nil || readOnly {
		return err
	}
	return db.tidy(ctx, pc)
}

// Pool is the pool of connections, for who keeps tables of their own in the same schema. Connections go back at once.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Schema is the name of the arena's schema.
func (db *DB) Schema() string { return db.schema }

// Where is what people are told instead of the URL: "database arena at db.example.org".
func (db *DB) Where() string { return db.where }

// Warnings are what was found at Open that is no reason to stop, each a sentence with what to do.
func (db *DB) Warnings() []string { return db.warnings }

// Apply is Store.Apply. Batches that wait at the same time share one commit. While the server is away it waits; if it is
// away for longer than Options.StoreTimeout, what could not be written lies in the rescue store, and this and every later
// Apply return an error of store.ErrUnwritable that says where.
func (db *DB) Apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	if db.writer == nil {
		return store.Result{}, fmt.Errorf("%w: %s was opened for reading", store.ErrUnwritable, db.where)
	}
	w := db.writer
	if n := len(db.others); n > 0 {
		if turn := int(db.turn.Add(1)) % (n + 1); turn < n {
			w = db.others[turn]
		}
	}
	return w.apply(ctx, b)
}

// Close writes what Apply has accepted, waits for open snapshots and lets go of the server.
func (db *DB) Close() error {
	var err error
	if db.writer != nil {
		for _, w := range db.others {
			w.end()
		}
		err = db.writer.close()
		for _, w := range db.others {
			err = errors.Join(err, w.close())
		}
	}
	if db.closed.CompareAndSwap(false, true) {
		db.disclaim()
		db.closePools()
	}
	return err
}

func (db *DB) closePools() {
	for _, p := range []*pgxpool.Pool{db.pool, db.snapshots} {
		if p != nil {
			p.Close()
		}
	}
}
