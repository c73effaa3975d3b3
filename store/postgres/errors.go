package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"openarena/store"
)

// ConfigError says why a store's URL does not lead to a database that can be used, and what to do. It never holds the
// password. A command that meets it was not used rightly.
type ConfigError struct {
	Where  string // such as "database arena at db.example.org"; "" if the URL did not even say that
	What   string
	Advice string
}

func (e *ConfigError) Error() string {
	s := e.What
	if e.Where != "" {
		s = e.Where + ": " + s
	}
	return s + "; " + e.Advice
}

const adviceURL = "write postgres://USER:PASSWORD@HOST:5432/DATABASE?search_path=ARENA&sslmode=verify-full, and in a password %40 for @, %2F for /, %3A for :, %23 for #, %25 for %"

// SQLSTATE codes that decide something.
const (
	codeNotNull         = "23502"
	codeUnique          = "23505"
	codeReadOnly        = "25006"
	codeWrongPassword   = "28P01"
	codeNotAllowed      = "28000"
	codeNoDatabase      = "3D000"
	codeNoSchema        = "3F000"
	codeSerialization   = "40001"
	codeDeadlock        = "40P01"
	codePrivilege       = "42501"
	codeDuplicateSchema = "42P06"
	codeDuplicateTable  = "42P07"
	codeNoTable         = "42P01"
	codeDuplicateObject = "42710"
)

// code is the SQLSTATE of an error from the server, or "".
func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Denied reports whether the server refused a statement that the role of the URL has no privilege for.
func Denied(err error) bool { return code(err) == codePrivilege }

// Passing reports whether an error may be gone when the same is tried again: the connection or the server went away, or two
// transactions were in each other's way. After some of them nobody knows whether a commit was made.
func Passing(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	var dial *pgconn.ConnectError
	if errors.As(err, &dial) { // whatever it says: it let us in before
		return true
	}
	switch c := code(err); {
	case c == codeSerialization, c == codeDeadlock, c == codeReadOnly: // the last: a standby that will be the primary
		return true
	case c != "":
		switch c[:2] {
		case "08", "53", "57", "58": // connection, resources, operator's intervention, the server's system
			return true
		}
		return false
	}
	return lost(err)
}

// inTheWay reports whether two transactions were in each other's way, on a server that is there.
func inTheWay(err error) bool {
	c := code(err)
	return c == codeSerialization || c == codeDeadlock
}

// wasMade reports whether a commit is refused because it was made before: its number is not the next any more.
func wasMade(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == codeNotNull && e.ColumnName == "seq"
}

// lost reports whether an error is that of a connection that broke.
func lost(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "conn closed")
}

// refusal turns what a server says to a first connection into a sentence for who wrote the URL.
func refusal(where, user string, err error) error {
	switch code(err) {
	case codeWrongPassword, codeNotAllowed:
		return &ConfigError{Where: where, What: fmt.Sprintf("the server does not let user %q in: %s", user, serverSays(err)),
			Advice: "mend user or password in the store's URL, or pg_hba.conf on the server"}
	case codeNoDatabase:
		return fmt.Errorf("%w: %w", store.ErrNoDatabase, &ConfigError{Where: where, What: "the server has no such database", Advice: "make it with `createdb`, or mend the store's URL"})
	}
	if c := code(err); c != "" {
		return &ConfigError{Where: where, What: "the server refuses: " + serverSays(err), Advice: "mend that on the server, or try again later"}
	}
	return &ConfigError{Where: where, What: "the server cannot be reached: " + reason(err), Advice: "is it running, and are host, port and sslmode of the store's URL right"}
}

// serverSays is an error of the server in one line.
func serverSays(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return fmt.Sprintf("%s (SQLSTATE %s)", e.Message, e.Code)
	}
	return reason(err)
}

// reason is an error in one line, without the list of every address that was tried.
func reason(err error) string {
	var dial *pgconn.ConnectError
	if errors.As(err, &dial) {
		if inner := dial.Unwrap(); inner != nil {
			err = inner
		}
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	if len(text) > 300 {
		text = text[:300] + "…"
	}
	return text
}
