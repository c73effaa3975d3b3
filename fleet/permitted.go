package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrDenied: the role of the store's URL lacks privileges that work on an arena takes.
var ErrDenied = errors.New("the role of the store's URL may not work on this arena")

// lacking are the tables and sequences that a role cannot use as a worker does; see deploy/postgres/roles.sql.
const lacking = `SELECT current_user, coalesce(string_agg(relname, ', ' ORDER BY relname), '') FROM pg_class
	WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND (starts_with(relname, 'oa_') OR starts_with(relname, 'river_')) AND CASE
		WHEN relkind = 'S' THEN starts_with(relname, 'river_') AND NOT has_sequence_privilege(oid, 'USAGE')
		WHEN relkind NOT IN ('r', 'p') OR relname = 'river_migration' THEN false
		WHEN relname IN ('oa_config', 'oa_fleet', 'oa_order', 'oa_schema') THEN NOT has_table_privilege(oid, 'SELECT')
		WHEN relname = 'oa_epoch' THEN NOT (has_table_privilege(oid, 'SELECT')
			AND has_column_privilege(oid, 'planned', 'UPDATE') AND has_column_privilege(oid, 'outlook', 'UPDATE'))
		ELSE NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
			AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))
	END`

// Permitted asks what the role lacks that a worker needs: River, refused, would ask for ever. The error wraps ErrDenied.
func (f *Fleet) Permitted(ctx context.Context) error {
	var role, names string
	if err := f.pool.QueryRow(ctx, lacking, f.schema).Scan(&role, &names); err != nil {
		return fmt.Errorf("ask for the privileges of the store's role: %w", err)
	}
	if names == "" {
		return nil
	}
	return fmt.Errorf("%w: %s may not use %s in schema %s", ErrDenied, role, names, f.schema)
}

// denied is an error that lasts, of a privilege that is lacking; nil for any other.
func denied(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "42501" {
		return fmt.Errorf("%w: %w", ErrDenied, err)
	}
	return nil
}
