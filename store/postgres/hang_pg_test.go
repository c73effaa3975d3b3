package postgres

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
)

// lockOut has whoever reads or writes answers wait, as for a server that hangs, until the test ends.
func lockOut(t *testing.T, admin *DB) {
	t.Helper()
	tx, err := admin.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Conn().Close(t.Context()) }) // before the pool is closed, which waits for it
	t.Cleanup(func() { tx.Rollback(t.Context()) })
	if _, err := tx.Exec(t.Context(), "LOCK TABLE "+admin.tables.bucket[store.Answers]+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
}

// TestPGCloseHanging: a server that is there and does not answer keeps nobody who stops, and what it may not have taken is saved.
func TestPGCloseHanging(t *testing.T) {
	t.Run("Close", func(t *testing.T) { stopHanging(t, func(db *DB, _ context.CancelFunc) { db.Close() }) })
	t.Run("the end of Open's context", func(t *testing.T) { stopHanging(t, func(_ *DB, end context.CancelFunc) { end() }) })
}

func stopHanging(t *testing.T, stop func(*DB, context.CancelFunc)) {
	at := pgtest.Start(t).URL(t)
	admin := openAt(t, at, Options{})
	path := filepath.Join(t.TempDir(), "rescue.db")
	ctx, end := context.WithCancel(t.Context())
	defer end()
	db, err := Open(ctx, secret.New(at), Options{Rescue: func() (store.Store, error) { return store.Open(t.Context(), path, store.Options{}) }})
	if err != nil {
		t.Fatal(err)
	}
	db.writer.closeWait = 50 * time.Millisecond
	lockOut(t, admin)
	applied := make(chan error, 1)
	go func() {
		var b store.Batch
		b.PutOnce(store.Answers, []byte("k"), nil, []byte("paid for"))
		_, err := db.Apply(t.Context(), &b)
		applied <- err
	}()
	for queryInt(t, admin, "SELECT count(*)::int8 FROM pg_locks WHERE NOT granted") == 0 { // until it waits
		time.Sleep(time.Millisecond)
	}
	stop(db, end)
	if err := <-applied; !errors.Is(err, store.ErrUnwritable) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "did not answer") {
		t.Errorf("Apply() = %v; want ErrUnwritable, why, and where it is", err)
	}
	if _, err := db.Get(context.Background(), store.Answers, []byte("k"), store.KeyOnly); err == nil {
		t.Error("Get() of a server that hangs after the end = nil")
	}
	if err := db.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if s, err := store.StatsOf(t.Context(), path); err != nil || s.Buckets[store.Answers].Records != 1 {
		t.Errorf("the rescue file holds %d records, %v; want 1", s.Buckets[store.Answers].Records, err)
	}
}

// TestPGReadHanging: nobody waits for ever for an answer.
func TestPGReadHanging(t *testing.T) {
	at := pgtest.Start(t).URL(t)
	admin, db := openAt(t, at, Options{}), openAt(t, at, Options{StoreTimeout: time.Millisecond})
	frozen, err := db.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer frozen.Close()
	lockOut(t, admin)
	db.callWait = 50 * time.Millisecond
	if _, err := db.Get(t.Context(), store.Answers, []byte("k"), store.KeyOnly); !errors.Is(err, store.ErrAway) {
		t.Errorf("Get() of a server that hangs = %v; want ErrAway", err)
	}
	_, err = frozen.Get(t.Context(), store.Answers, []byte("k"), store.KeyOnly)
	if err == nil || !strings.Contains(err.Error(), "run the command again") {
		t.Errorf("Get() of a snapshot of a server that hangs = %v; want what to do", err)
	}
}

// TestPGOneConnection: many walks in each other, a snapshot and a commit get by with one connection, since none keeps it.
func TestPGOneConnection(t *testing.T) {
	db := openAt(t, with(t, pgtest.Start(t).URL(t), func(_ *url.URL, q url.Values) { q.Set("pool_max_conns", "1") }), Options{})
	write := func(key byte) {
		t.Helper()
		var b store.Batch
		b.Put(store.Answers, []byte{key}, nil, nil)
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	write('a')
	write('b')
	frozen, err := db.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer frozen.Close()
	n := 0
	for range db.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
		for range db.Scan(t.Context(), store.Answers, store.Range{}, store.WithMeta) {
			for range frozen.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
				write('c')
				n++
			}
		}
	}
	if n < 8 {
		t.Errorf("the innermost of three walks over two records saw %d; want 8 or more", n)
	}
}

// TestPGOddNames: whatever a schema may be called, it is a name in every statement and never a word of its own.
func TestPGOddNames(t *testing.T) {
	at := pgtest.Start(t).URL(t)
	for _, name := range []string{"select", "_", "user", strings.Repeat("n", 40)} {
		named := with(t, at, func(_ *url.URL, q url.Values) { q.Set("search_path", name) })
		db := openAt(t, named, Options{})
		t.Cleanup(func() { db.pool.Exec(t.Context(), "DROP SCHEMA "+db.tables.schema+" CASCADE") })
		var b store.Batch
		b.Put(store.Answers, []byte("k"), nil, []byte("body"))
		b.Add([]byte("n"), 1)
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Errorf("schema %q: Apply() = %v", name, err)
		}
		if s, err := db.Stats(t.Context()); err != nil || s.Buckets[store.Answers].Records != 1 || s.Size == 0 {
			t.Errorf("schema %q: Stats() = %+v, %v; want one answer", name, s, err)
		}
		if s, err := db.Sizes(t.Context()); err != nil || s.Size == 0 {
			t.Errorf("schema %q: Sizes() = %+v, %v", name, s, err)
		}
		if n := queryInt(t, db, "SELECT count(*)::int8 FROM pg_namespace WHERE nspname = '"+name+"'"); n != 1 {
			t.Errorf("schema %q is there %d times; want once", name, n)
		}
	}
}
