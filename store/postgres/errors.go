package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
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
	// Passing: the server may only be away for a while, or full.
	Passing bool
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
	codeNoParameter     = "42704"
)

// passing reports whether a code may be gone when the same is tried again: connection, resources, operator's intervention.
func passing(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "57")
}

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
		return passing(c) || strings.HasPrefix(c, "58") // the last: the server's system
	}
	return lost(err)
}

// unreached reports whether a first connection was not made for want of a server, which may come.
func unreached(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" { // it is there, and refuses our TLS
		return false
	}
	if c := code(err); c != "" {
		return passing(c)
	}
	return lost(err)
}

// absent says that a server takes nothing, and why.
func absent(where string, err error) string {
	switch c := code(err); {
	case c == codeReadOnly:
		return where + " only reads at present: " + serverSays(err)
	case strings.HasPrefix(c, "53"), strings.HasPrefix(c, "58"):
		return where + " takes nothing at present: " + serverSays(err)
	}
	return where + " is away: " + Reason(err)
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
	case codeNoParameter:
		return &ConfigError{Where: where, What: "the server does not know a parameter of the store's URL: " + serverSays(err), Advice: "mend its name, or leave it out"}
	}
	if c := code(err); c != "" {
		return &ConfigError{Where: where, What: "the server refuses: " + serverSays(err), Advice: "mend that on the server, or try again later", Passing: passing(c)}
	}
	return &ConfigError{Where: where, What: "the server cannot be reached: " + Reason(err), Passing: unreached(err),
		Advice: "is it running, and are host, port and sslmode of the store's URL right"}
}

// serverSays is an error of the server in one line.
func serverSays(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return fmt.Sprintf("%s (SQLSTATE %s)", e.Message, e.Code)
	}
	return Reason(err)
}

// Reason is an error in one line. What is the same of several addresses, or with and without TLS, is told once.
func Reason(err error) string {
	var dial *pgconn.ConnectError
	if errors.As(err, &dial) {
		if inner := dial.Unwrap(); inner != nil {
			err = inner
		}
	}
	var said []string
	for line := range strings.Lines(err.Error()) {
		line = strings.Join(strings.Fields(line), " ")
		if _, dialled, is := strings.Cut(line, ": dial error: "); is {
			line = dialled
		}
		if line != "" && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	text := strings.Join(said, ", and ")
	if len(text) > 300 {
		text = text[:300] + "…"
	}
	return text
}
