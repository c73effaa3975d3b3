package postgres

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"openarena/store"
)

// schemaVersion is the version of the tables. A schema with a higher one is refused with store.ErrNewer.
const schemaVersion = 1

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed bucket.sql
	bucketSQL string
)

// tables are the names of one schema's tables, ready to stand in a statement.
type tables struct {
	schema, version, writer, taken, totals string
	bucket                                 [store.Meta + 1]string // "" for Totals
}

func tablesOf(schema string) tables {
	name := func(table string) string { return pgx.Identifier{schema, table}.Sanitize() }
	t := tables{
		schema:  pgx.Identifier{schema}.Sanitize(),
		version: name("oa_schema"), writer: name("oa_writer"), taken: name("oa_taken"), totals: name("oa_totals"),
	}
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		if bk != store.Totals {
			t.bucket[bk] = name("oa_" + bk.String())
		}
	}
	return t
}

// settle makes the schema if it is not there, and refuses one that is not of our time.
func (db *DB) settle(ctx context.Context, pc *pgconn.PgConn, readOnly bool) error {
	for try := 0; ; try++ {
		version, err := db.version(ctx, pc)
		switch c := code(err); {
		case err == nil && version > schemaVersion:
			return fmt.Errorf("%s, schema %s: %w: its schema is %d, this program knows %d; install a newer openarena", db.where, db.schema, store.ErrNewer, version, schemaVersion)
		case err == nil && version < 1:
			return &store.DamagedError{Path: db.where, What: "schema " + db.schema + " does not say which version it is", Advice: "name another schema in search_path of the store's URL"}
		case err == nil:
			return nil
		case c != codeNoTable && c != codeNoSchema:
			return db.denied("read", err)
		case readOnly:
			return fmt.Errorf("%w in schema %s of %s; `openarena run` makes one", store.ErrNoDatabase, db.schema, db.where)
		}
		err = db.create(ctx, pc)
		switch code(err) {
		case codeUnique, codeDuplicateSchema, codeDuplicateTable, codeDuplicateObject: // somebody else is making it
			if try < 10 {
				continue
			}
		}
		if err != nil {
			return db.denied("make", err)
		}
	}
}

func (db *DB) version(ctx context.Context, pc *pgconn.PgConn) (version int, err error) {
	err = db.query(ctx, pc, "SELECT schema_version::text FROM "+db.tables.version, nil, func(row [][]byte) error {
		version, err = strconv.Atoi(string(row[0]))
		return err
	})
	return version, err
}

// create makes schema and tables in one transaction.
func (db *DB) create(ctx context.Context, pc *pgconn.PgConn) error {
	id := make([]byte, 16)
	rand.Read(id)
	var b strings.Builder
	b.WriteString("BEGIN;\n")
	exists := false
	err := db.query(ctx, pc, "SELECT 1 FROM information_schema.schemata WHERE schema_name = $1::text", [][]byte{[]byte(db.schema)}, func([][]byte) error {
		exists = true
		return nil
	})
	if err != nil {
		return err
	}
	if !exists { // asked for first: who may not create schemas may use one that is there
		fmt.Fprintf(&b, "CREATE SCHEMA %s;\n", db.tables.schema)
	}
	b.WriteString(strings.ReplaceAll(schemaSQL, "@", db.tables.schema))
	for _, table := range db.tables.bucket {
		if table != "" {
			b.WriteString(strings.ReplaceAll(bucketSQL, "@", table))
		}
	}
	fmt.Fprintf(&b, "INSERT INTO %s (schema_version, id) VALUES (%d, '\\x%s');\n", db.tables.version, schemaVersion, hex.EncodeToString(id))
	fmt.Fprintf(&b, "INSERT INTO %s (id, seq, name) VALUES (0, 0, 'gone');\nCOMMIT;\n", db.tables.writer)
	_, err = pc.Exec(ctx, b.String()).ReadAll()
	if err != nil {
		pc.Exec(ctx, "ROLLBACK").ReadAll()
	}
	return err
}

// tidy takes away the rows of processes that have written nothing for a month. Row 0 takes over their commits, so that their
// sum stays.
func (db *DB) tidy(ctx context.Context, pc *pgconn.PgConn) error {
	for _, sql := range []string{
		`WITH gone AS (DELETE FROM ` + db.tables.writer + ` WHERE id <> 0 AND seen < now() - interval '30 days' RETURNING seq)
			UPDATE ` + db.tables.writer + ` SET seq = seq + (SELECT sum(seq) FROM gone) WHERE id = 0 AND EXISTS (SELECT 1 FROM gone)`,
		`DELETE FROM ` + db.tables.taken + ` WHERE writer NOT IN (SELECT id FROM ` + db.tables.writer + `)`,
	} {
		if err := db.query(ctx, pc, sql, nil, nil); err != nil {
			return db.denied("tidy", err)
		}
	}
	return nil
}

// denied explains why the schema cannot be read or made.
func (db *DB) denied(what string, err error) error {
	if code(err) == codePrivilege {
		return &ConfigError{Where: db.where, What: fmt.Sprintf("the role of the store's URL may not %s schema %s: %s", what, db.schema, serverSays(err)),
			Advice: fmt.Sprintf("have the owner of the database run CREATE SCHEMA %s AUTHORIZATION that role, or name another in search_path", db.tables.schema)}
	}
	if Passing(err) {
		return refusal(db.where, "", err)
	}
	return fmt.Errorf("%s: %s schema %s: %w", db.where, what, db.schema, err)
}
