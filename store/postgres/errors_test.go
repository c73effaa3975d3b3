package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestPassing: after which errors the same is tried again, and which of them say that the server is there.
func TestPassing(t *testing.T) {
	for _, c := range []struct {
		why               string
		err               error
		passing, inTheWay bool
	}{
		{"none", nil, false, false},
		{"serialization", &pgconn.PgError{Code: "40001"}, true, true},
		{"deadlock", &pgconn.PgError{Code: "40P01"}, true, true},
		{"connection failure", &pgconn.PgError{Code: "08006"}, true, false},
		{"terminated by an administrator", &pgconn.PgError{Code: "57P01"}, true, false},
		{"crash of another process", &pgconn.PgError{Code: "57P02"}, true, false},
		{"starting up", &pgconn.PgError{Code: "57P03"}, true, false},
		{"too many connections", &pgconn.PgError{Code: "53300"}, true, false},
		{"disk full", &pgconn.PgError{Code: "53100"}, true, false},
		{"the server's disk", &pgconn.PgError{Code: "58030"}, true, false},
		{"a standby that will be the primary", &pgconn.PgError{Code: "25006"}, true, false},
		{"no privilege", &pgconn.PgError{Code: "42501"}, false, false},
		{"no table", &pgconn.PgError{Code: "42P01"}, false, false},
		{"a commit made before", &pgconn.PgError{Code: "23502", ColumnName: "seq"}, false, false},
		{"an end in mid-answer", io.ErrUnexpectedEOF, true, false},
		{"a reset", &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, true, false},
		{"no answer in time", context.DeadlineExceeded, true, false},
		{"whoever asked has gone", context.Canceled, false, false},
		{"anything else", errors.New("the record is damaged"), false, false},
	} {
		if err := c.err; Passing(err) != c.passing || inTheWay(err) != c.inTheWay {
			t.Errorf("%s: passing %t, in the way %t; want %t, %t", c.why, Passing(err), inTheWay(err), c.passing, c.inTheWay)
		}
		if wrapped := fmt.Errorf("write: %w", c.err); c.err != nil && Passing(wrapped) != c.passing {
			t.Errorf("%s, wrapped: passing %t; want %t", c.why, Passing(wrapped), c.passing)
		}
	}
}
