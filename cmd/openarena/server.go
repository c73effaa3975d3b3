package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"openarena/fleet"
	"openarena/internal/secret"
	"openarena/store"
	"openarena/store/postgres"
)

// server is a schema of a PostgreSQL server as a database. What reads it shares one pool of connections, which outlives each
// by keepReading: pages look again and again.
type server struct {
	url     secret.String
	name    string
	connect func(context.Context) (*postgres.DB, error) // to read
	turn    chan struct{}                               // full while somebody connects

	mu      sync.Mutex
	db      *postgres.DB // nil: nobody reads
	readers int
	end     *time.Timer // closes db; nil: somebody reads
}

const keepReading = time.Minute

var _ store.Database = (*server)(nil)

// newServer is the schema that a URL names. Nothing is connected yet, and no mistake in it told.
func newServer(address secret.String) *server {
	connect := func(ctx context.Context) (*postgres.DB, error) {
		return postgres.Open(ctx, address, postgres.Options{Application: "openarena", ReadOnly: true})
	}
	return &server{url: address, name: serverName(address), connect: connect, turn: make(chan struct{}, 1)}
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
	who, _, _ := workerID()
	options := postgres.Options{Application: o.Command, Committed: o.Committed, Away: o.Away, StoreTimeout: o.Timeout, Rescue: rescueFile(ctx, who)}
	if o.Bulk {
		options.Writers, options.Rescue = store.LoadFlights, nil
	}
	db, err := postgres.Open(ctx, s.url, options)
	if err == nil && o.Bulk {
		if err = db.Claim(ctx); err != nil {
			db.Close()
		}
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// OpenReader implements store.Database.
func (s *server) OpenReader(ctx context.Context) (store.ReadStore, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// open is OpenReader, and finds out who works on the arena.
func (s *server) open(ctx context.Context) (r *serverReader, err error) {
	db, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	r = &serverReader{DB: db, server: s}
	f, known, err := fleet.Known(ctx, db)
	if err == nil && known {
		r.fleet = f
		r.members, err = f.Members(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", s, err), r.Close())
	}
	return r, nil
}

// openLook is open, and how the work stands, asked for together; nil where nobody has worked on the arena with others.
func (s *server) openLook(ctx context.Context) (*serverReader, *fleet.Look, error) {
	db, err := s.acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	r := &serverReader{DB: db, server: s, fleet: fleet.At(db)}
	l, err := r.look(ctx)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", s, err), r.Close())
	}
	if l != nil {
		r.members = l.Members
	}
	return r, l, nil
}

// acquire opens the server to be read, or joins who reads it; release follows. One connects at a time, and nobody waits for that
// longer than ctx.
func (s *server) acquire(ctx context.Context) (*postgres.DB, error) {
	if db := s.join(nil); db != nil {
		return db, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if db := s.join(nil); db != nil { // somebody else has connected meanwhile
		return db, nil
	}
	db, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	return s.join(db), nil
}

// join counts one more who reads: what is open, or else what was opened just now; nil: neither.
func (s *server) join(opened *postgres.DB) *postgres.DB {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		s.db = opened
	}
	if s.db == nil {
		return nil
	}
	if s.end != nil {
		s.end.Stop()
		s.end = nil
	}
	s.readers++
	return s.db
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

// unattended is an error of store.ErrLocked while workers are at the arena.
func (s *server) unattended(ctx context.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, m := range r.members {
		if m.Alive {
			return fmt.Errorf("%s: %w: `%s` on %s works on it since %s, and perhaps others; `openarena ctl drain` ends them, `openarena status` tells when they have ended",
				s, store.ErrLocked, m.Command, m.Host, m.Started.Local().Format(time.TimeOnly))
		}
	}
	return nil
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
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if !r.Live() {
		return nil, errors.Join(store.ErrIdle, r.Close())
	}
	return &serverWork{r}, nil
}

// serverReader is a server's schema opened to be read.
type serverReader struct {
	*postgres.DB
	server  *server
	fleet   *fleet.Fleet   // nil: nobody has worked on the arena with others
	members []fleet.Member // when it was opened
	once    sync.Once
}

// Live implements store.ReadStore.
func (r *serverReader) Live() bool {
	return slices.ContainsFunc(r.members, func(m fleet.Member) bool { return m.Alive })
}

// Info implements store.ReadStore: what one run would say, summed over all who work.
func (r *serverReader) Info(ctx context.Context) (json.RawMessage, error) {
	l, err := r.look(ctx)
	if err != nil || l == nil {
		return nil, err
	}
	p := progressOf(l)
	if p == nil {
		return nil, nil
	}
	return json.Marshal(p)
}

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
type serverWork struct{ *serverReader }

// Info implements store.Work.
func (w *serverWork) Info(ctx context.Context) (json.RawMessage, error) {
	facts, err := w.serverReader.Info(ctx)
	if err == nil && facts == nil {
		err = fmt.Errorf("%w any more", store.ErrIdle)
	}
	return facts, err
}

// Close implements store.Work.
func (w *serverWork) Close() { w.serverReader.Close() }
