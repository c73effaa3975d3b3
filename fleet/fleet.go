package fleet

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"openarena/store"
)

//go:embed schema.sql
var schemaSQL string

// version is that of the tables in schema.sql.
const version = 2

// Database is where an arena's records are: a *postgres.DB.
type Database interface {
	Pool() *pgxpool.Pool
	Schema() string
}

// Fleet is the tables about the work on one arena. It is safe for use by many goroutines.
type Fleet struct {
	pool   *pgxpool.Pool
	schema string
}

// Open returns the tables of an arena, and makes what is missing of them. The error wraps store.ErrNewer where they are
// of a later version of openarena.
func Open(ctx context.Context, db Database) (*Fleet, error) {
	f := &Fleet{pool: db.Pool(), schema: db.Schema()}
	found, err := f.version(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for the tables of workers: %w", err)
	case found == version:
		return f, nil
	}
	if err := f.migrate(ctx); err != nil {
		return nil, fmt.Errorf("make the tables of workers in schema %s: %w", f.schema, err)
	}
	return f, nil
}

// Known returns the tables of an arena for a reader. ok is false where nobody has worked on it yet.
func Known(ctx context.Context, db Database) (f *Fleet, ok bool, err error) {
	f = &Fleet{pool: db.Pool(), schema: db.Schema()}
	found, err := f.version(ctx)
	return f, err == nil && found > 0, err
}

// At is Known for who only calls Look, which finds out by itself whether anybody has worked on the arena.
func At(db Database) *Fleet { return &Fleet{pool: db.Pool(), schema: db.Schema()} }

const versionSQL = `SELECT version FROM {schema}.oa_fleet`

// version is that of the tables that are there; 0: none. One that is not known is an error of store.ErrNewer.
func (f *Fleet) version(ctx context.Context) (n int, err error) {
	err = f.pool.QueryRow(ctx, f.sql(versionSQL)).Scan(&n)
	if isMissing(err) || errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err == nil {
		err = f.known(n)
	}
	return n, err
}

// known refuses tables of a later version.
func (f *Fleet) known(found int) error {
	if found <= version {
		return nil
	}
	return fmt.Errorf("the tables of workers in schema %s are of version %d, this program knows %d: %w", f.schema, found, version, store.ErrNewer)
}

// isMissing reports whether a statement named a table or a schema that is not there.
func isMissing(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "42P01" || e.Code == "3F000")
}

// migrate makes River's tables, then ours: the version, written last, says that all are there. Of many that begin at
// once one does it, and the others find it done.
func (f *Fleet) migrate(ctx context.Context) error {
	m, err := rivermigrate.New(riverpgxv5.New(f.pool), &rivermigrate.Config{Schema: f.schema, Logger: silent})
	if err != nil {
		return err
	}
	for more := true; more; {
		err := f.alone(ctx, func(tx pgx.Tx) error {
			// One step in a transaction is what Migrate does, too; it could not wait for others at the same step.
			//lint:ignore SA1019 it is deprecated for several steps in one transaction
			done, err := m.MigrateTx(ctx, tx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{MaxSteps: 1})
			more = err == nil && len(done.Versions) > 0
			return err
		})
		if err != nil {
			return err
		}
	}
	return f.alone(ctx, func(tx pgx.Tx) error {
		for _, sql := range []string{unsearched, schemaSQL, commonsSQL, seldom()} {
			if _, err := tx.Exec(ctx, f.sql(sql)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, f.sql(`INSERT INTO {schema}.oa_fleet (version) VALUES ($1) ON CONFLICT (one) DO UPDATE SET version = excluded.version`), version)
		return err
	})
}

// unsearched drops those of River's indexes that only serve to look for jobs by what is in them: each job that is taken or given
// back would be written into them, and there are no more jobs than parts.
const unsearched = `DROP INDEX IF EXISTS {schema}.river_job_args_index, {schema}.river_job_metadata_index;`

// seldom has the server clean up and sample the small tables that all workers write to after so many changes only: each time every
// connection plans anew whatever it asks them, which a thousand connections do for longer than they work.
func seldom() string {
	var all strings.Builder
	for _, table := range []string{"river_job", "oa_epoch", "oa_worker", "oa_part", "oa_limit", "oa_grant", "oa_treasury", "oa_budget", "oa_spender", "oa_hold"} {
		fmt.Fprintf(&all, "ALTER TABLE {schema}.%s SET (autovacuum_vacuum_threshold = 100000, autovacuum_vacuum_scale_factor = 0, autovacuum_analyze_threshold = 100000, autovacuum_analyze_scale_factor = 0);\n", table)
	}
	return all.String()
}

// alone runs a transaction that no other process runs with at the same time. Its lock ends with it, so that a pool of
// connections between us and the server does no harm.
func (f *Fleet) alone(ctx context.Context, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext($1))`, "openarena "+f.schema); err != nil {
			return err
		}
		return do(tx)
	})
}

// sql puts the schema where a statement says {schema} and a point, which nothing else does.
func (f *Fleet) sql(statement string) string {
	return strings.ReplaceAll(statement, "{schema}.", f.quoted()+".")
}

func (f *Fleet) quoted() string { return pgx.Identifier{f.schema}.Sanitize() }

// silent is a log for River where we say ourselves what went wrong.
var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// pooled reports whether connections are likely shared with others between statements, as the URL hints: then nothing can be
// listened to.
func (f *Fleet) pooled() bool {
	switch f.pool.Config().ConnConfig.DefaultQueryExecMode {
	case pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeDescribeExec:
		return true
	}
	return false
}
