package main

import (
	"context"
	"net/url"

	"github.com/urfave/cli/v2"

	"openarena/internal/secret"
	"openarena/pipeline/doctor"
	"openarena/store"
)

// server is a schema of a PostgreSQL server as a database.
type server struct {
	url secret.String
}

func newServer(url secret.String) *server { return &server{url} }

var _ store.Database = (*server)(nil)

// String names the server, the database and the schema, and nothing that is secret.
func (s *server) String() string {
	u, err := url.Parse(s.url.Reveal())
	if err != nil {
		return "postgres://***"
	}
	name := "postgres://" + u.Host + u.Path
	if schema := u.Query().Get("search_path"); schema != "" {
		name += "?search_path=" + url.QueryEscape(schema)
	}
	return name
}

func (s *server) notYet() error { return usage("%s: this version keeps records in files only", s) }

// OpenReader implements store.Database.
func (s *server) OpenReader(context.Context) (store.ReadStore, error) { return nil, s.notYet() }

// Open implements store.Database.
func (s *server) Open(context.Context, store.Options) (store.Store, error) { return nil, s.notYet() }

// Exists implements store.Database.
func (s *server) Exists(context.Context) error { return s.notYet() }

// Shared implements store.Database.
func (s *server) Shared() bool { return true }

// Mark implements store.Database.
func (s *server) Mark(context.Context) (string, error) { return "", s.notYet() }

// FindRunning implements store.Database.
func (s *server) FindRunning(context.Context) (store.Work, error) { return nil, store.ErrIdle }

// Awaited implements store.Database: nobody waits for readers.
func (s *server) Awaited() bool { return false }

// serverCheck verifies the checksum of every record; pages are the server's own matter.
func (e *environment) serverCheck(*cli.Context, store.Database) error { return usage("not yet") }

func (e *environment) serverStats(*cli.Context, store.Database) error { return usage("not yet") }

func serverFindings(ctx context.Context, at store.Database) []doctor.Finding {
	return []doctor.Finding{{Check: "database", State: doctor.OK, Says: at.String()}}
}
