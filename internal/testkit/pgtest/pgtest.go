// Package pgtest starts a real PostgreSQL for tests, on a socket in a folder of its own, and stops it when the test binary
// ends, however it ends.
//
// Tests that need it are skipped, loudly, unless OPENARENA_PG is set: `make test-pg` sets it to 1, which makes a missing server a
// failure, or it is the URL of a server to use, in which each test gets a schema that is dropped again.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The name and the password that URLs hold.
const (
	User     = "openarena"
	Password = "open-arena-0815" // asked for over TCP only
)

// ErrNoServer says that this machine has no PostgreSQL, or none that can be started.
var ErrNoServer = errors.New("no PostgreSQL was found: install one (on Debian and Ubuntu the package postgresql), or put initdb and postgres into PATH")

var shared = struct{ socket, tcp func() (*Server, error) }{
	socket: sync.OnceValues(func() (*Server, error) { return fromEnvironment(Options{}) }),
	tcp:    sync.OnceValues(func() (*Server, error) { return New(Options{TCP: true}) }),
}

// Start returns the one server of this test binary, started when it is first wanted. A test that has killed it must have
// restarted it when it ends.
func Start(t testing.TB) *Server { return start(t, shared.socket) }

// StartTCP returns another server, which listens on a loopback port and asks for the Password.
func StartTCP(t testing.TB) *Server { return start(t, shared.tcp) }

// StartOwn returns a server of the test's own, which it may kill while other tests run, and leave as it is.
func StartOwn(t testing.TB, o Options) *Server {
	t.Helper()
	s := start(t, func() (*Server, error) { return New(o) })
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("stop the PostgreSQL of the test: %v", err)
		}
	})
	return s
}

func start(t testing.TB, get func() (*Server, error)) *Server {
	t.Helper()
	if os.Getenv("OPENARENA_PG") == "" {
		t.Skip("POSTGRESQL IS NOT TRIED HERE: `make test-pg` does, or OPENARENA_PG=1, or OPENARENA_PG=postgres://…")
	}
	s, err := get()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fromEnvironment(o Options) (*Server, error) {
	text := os.Getenv("OPENARENA_PG")
	if !strings.Contains(text, "://") {
		return New(o)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("OPENARENA_PG is neither 1 nor a URL such as postgres://user@host/database")
	}
	return &Server{url: u}, nil
}

var schemas atomic.Int64

// URL returns a URL with a schema of its own, which does not exist yet and is the test's.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	schema := fmt.Sprintf("t%d_%d", os.Getpid(), schemas.Add(1))
	if s.dir == "" { // a server that stays
		t.Cleanup(func() { s.drop(t, schema) })
	}
	return s.Schema(schema)
}

// Schema returns the URL of a schema by its name.
func (s *Server) Schema(name string) string {
	u := *s.url
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *Server) drop(t testing.TB, schema string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+pgx.Identifier{schema}.Sanitize()+" CASCADE"); err != nil {
		t.Error(err)
	}
}

// Kill ends the server, all its processes at once, with SIGKILL.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.own(t)
	if err := s.KillNow(); err != nil {
		t.Fatal(err)
	}
}

// Restart starts a killed or stopped server again, and returns when it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.own(t)
	if err := s.StartAgain(); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) own(t testing.TB) {
	t.Helper()
	if s.dir == "" {
		t.Skip("the server of OPENARENA_PG is not killed; with OPENARENA_PG=1 one is that the test has started")
	}
}
