package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// minVersion is that of PostgreSQL 15, the oldest that this was tried with.
const minVersion = 150000

// server is what a server says of itself that promises rest on.
type server struct {
	version int
	name    string // of the version
	fsync   string
	commit  string // synchronous_commit
	pages   string // full_page_writes
	standby string
}

func (db *DB) look(ctx context.Context, pc *pgconn.PgConn) (s server, err error) {
	err = db.query(ctx, pc, `SELECT current_setting('server_version_num'), current_setting('server_version'), current_setting('fsync'),
		current_setting('synchronous_commit'), current_setting('full_page_writes'), CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END`, nil,
		func(row [][]byte) (err error) {
			s = server{name: string(row[1]), fsync: string(row[2]), commit: string(row[3]), pages: string(row[4]), standby: string(row[5])}
			s.version, err = strconv.Atoi(string(row[0]))
			return err
		})
	if err != nil {
		return s, refusal(db.where, "", err)
	}
	return s, nil
}

func tooOld(where, version string) error {
	return &ConfigError{Where: where, What: fmt.Sprintf("the server is PostgreSQL %s, and %d is the oldest that works", version, minVersion/10000), Advice: "use a newer one"}
}

// accept refuses a server on which no promise can be kept, and notes what is to be done for them on others.
func (db *DB) accept(s server, noFsync, readOnly bool) error {
	switch {
	case s.version < minVersion:
		return tooOld(db.where, s.name)
	case s.standby == "on" && !readOnly:
		return &ConfigError{Where: db.where, What: "the server is a standby, which only reads",
			Advice: "name the primary in the store's URL, or add target_session_attrs=read-write to one with several hosts"}
	case s.fsync == "off" && !noFsync:
		return &ConfigError{Where: db.where, What: "the server runs with fsync = off: a power cut can take answers that were paid for, or all of them",
			Advice: "set fsync = on there, or add " + paramNoFsync + "=allow to the store's URL if that may happen"}
	}
	if s.fsync == "off" {
		db.warnings = append(db.warnings, db.where+" runs with fsync = off, as the store's URL allows: a power cut there can take answers that were paid for, or all of them")
	}
	db.lax = s.commit == "off" || s.commit == "local"
	if s.pages == "off" {
		db.warnings = append(db.warnings, db.where+" runs with full_page_writes = off, and a power cut may tear pages; set it on, unless the file system there rules that out")
	}
	return nil
}
