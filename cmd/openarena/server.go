package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"openarena/internal/secret"
	"openarena/store"
	"openarena/store/postgres"
)

// server is a schema of a PostgreSQL server as a database. What reads it shares one pool of connections, which outlives each
// by keepReading: pages look again and again.
type server struct {
	url  secret.String
	name string

	mu      sync.Mutex
	db      *postgres.DB // nil: nobody reads
	readers int
	end     *time.Timer // closes db; nil: somebody reads
}

const keepReading = time.Minute

var _ store.Database = (*server)(nil)

// newServer is the schema that a URL names. Nothing is connected yet, and no mistake in it told.
func newServer(address secret.String) *server {
	return &server{url: address, name: serverName(address)}
}

// serverName names the server, the database and the schema of a URL, and nothing that is secret.
func serverName(address secret.String) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return "the store's URL"
	}
	name := "postgres://" + u.Host + u.Path
	if schema := u.Query().Get("search_path"); schema != "" {
		name += "?search_path=" + url.QueryEscape(schema)
	}
	return name
}

func (s *server) String() string { return s.name }

// Shared implements store.Database.
func (s *server) Shared() bool { return true }

// Awaited implements store.Database: nobody waits for readers.
func (s *server) Awaited() bool { return false }

// Open implements store.Database. Info and Control are for one process that answers for all; here are many.
func (s *server) Open(ctx context.Context, o store.Options) (store.Store, error) {
	db, err := postgres.Open(ctx, s.url, postgres.Options{
		Application: o.Command, Committed: o.Committed, Away: o.Away, StoreTimeout: o.Timeout, Rescue: rescueFile(ctx),
	})
	if err != nil {
		return nil, err
	}
	return db, nil
}

// OpenReader implements store.Database.
func (s *server) OpenReader(ctx context.Context) (store.ReadStore, error) {
	db, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &serverReader{DB: db, server: s}, nil
}

// acquire opens the server to be read, or joins who reads it; release follows.
func (s *server) acquire(ctx context.Context) (*postgres.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		db, err := postgres.Open(ctx, s.url, postgres.Options{Application: "openarena", ReadOnly: true})
		if err != nil {
			return nil, err
		}
		s.db = db
	}
	if s.end != nil {
		s.end.Stop()
		s.end = nil
	}
	s.readers++
	return s.db, nil
}

func (s *server) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readers--; s.readers > 0 {
		return
	}
	var end *time.Timer
	end = time.AfterFunc(keepReading, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.end == end && s.db != nil {
			s.db.Close()
			s.db, s.end = nil, nil
		}
	})
	s.end = end
}

// Exists implements store.Database.
func (s *server) Exists(ctx context.Context) error {
	_, err := s.acquire(ctx)
	if err == nil {
		s.release()
	}
	return err
}

// Mark implements store.Database.
func (s *server) Mark(ctx context.Context) (string, error) {
	db, err := s.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer s.release()
	return db.Mark(ctx)
}

// FindRunning implements store.Database.
func (s *server) FindRunning(ctx context.Context) (store.Work, error) {
	db, err := s.OpenReader(ctx)
	if err != nil {
		return nil, err
	}
	if !db.Live() {
		return nil, errors.Join(store.ErrIdle, db.Close())
	}
	return &serverWork{db}, nil
}

// serverReader is a server's schema opened to be read.
type serverReader struct {
	*postgres.DB
	server *server
	once   sync.Once
}

// Live implements store.ReadStore.
func (r *serverReader) Live() bool { return false }

// Info implements store.ReadStore.
func (r *serverReader) Info(context.Context) (json.RawMessage, error) { return nil, nil }

// Died implements store.ReadStore: workers that died are told with the others.
func (r *serverReader) Died() (store.Process, bool) { return store.Process{}, false }

// Control implements store.ReadStore.
func (r *serverReader) Control(context.Context, []byte) ([]byte, error) {
	return nil, fmt.Errorf("%s: %w", r.server, store.ErrIdle)
}

// Close implements store.ReadStore.
func (r *serverReader) Close() error {
	r.once.Do(r.server.release)
	return nil
}

// serverWork is whoever works on a schema.
type serverWork struct{ store.ReadStore }

// Close implements store.Work.
func (w *serverWork) Close() { w.ReadStore.Close() }
