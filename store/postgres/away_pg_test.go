package postgres

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openarena/internal/testkit/pgtest"
	"openarena/store"
)

// load has 16 callers write records and count them until each has written so many, and reports what each PutOnce was told.
type load struct {
	db      *DB
	written atomic.Int64
	created atomic.Int64
	failed  atomic.Pointer[error]
	wg      sync.WaitGroup
}

const loadCallers = 16

func startLoad(t *testing.T, db *DB, each int) *load {
	l := &load{db: db}
	for c := range loadCallers {
		l.wg.Go(func() {
			for i := range each {
				var b store.Batch
				key := fmt.Appendf(nil, "%05d %02d", i, c)
				b.PutOnce(store.Answers, key, nil, []byte(strings.Repeat("text", 1000)))
				b.PutOnce(store.Verdicts, fmt.Appendf(nil, "%05d", i), key, nil) // only the first of 16 creates it
				b.Add([]byte("calls"), 1)
				res, err := db.Apply(t.Context(), &b)
				if err != nil {
					l.failed.CompareAndSwap(nil, &err)
					return
				}
				if res.Created[0] {
					l.written.Add(1)
				}
				if res.Created[1] {
					l.created.Add(1)
				}
			}
		})
	}
	return l
}

// verify waits for the end, and compares what callers were told with what is there.
func (l *load) verify(t *testing.T, each int) {
	t.Helper()
	l.wg.Wait()
	if err := l.failed.Load(); err != nil {
		t.Fatalf("Apply() = %v; want that it waits for the server", *err)
	}
	report, err := l.db.Check(t.Context())
	if err != nil || !report.OK() {
		t.Fatalf("Check() = %+v, %v", report, err)
	}
	n := int64(each * loadCallers)
	if got := report.Buckets[store.Answers].Records; got != n || l.written.Load() != n {
		t.Errorf("%d records are there and %d were told to be new; want %d", got, l.written.Load(), n)
	}
	if got := report.Buckets[store.Verdicts].Records; got != int64(each) || l.created.Load() != int64(each) {
		t.Errorf("%d shared records are there and %d were told to be new; want %d", got, l.created.Load(), each)
	}
	rec, err := l.db.Get(t.Context(), store.Totals, []byte("calls"), store.WithMeta)
	if err != nil || store.Counter(rec) != n {
		t.Errorf("the counter says %d, %v; want %d", store.Counter(rec), err, n)
	}
}

// reach waits until that many records are written.
func (l *load) reach(t *testing.T, n int64) {
	for l.written.Load() < n && l.failed.Load() == nil && t.Context().Err() == nil {
		time.Sleep(time.Millisecond) // the load has no event for this; the test's own time limit ends it
	}
}

// TestPGKilledServer kills all processes of the server with SIGKILL while 16 callers write: they wait, nothing that was
// acknowledged is lost, nothing counts twice.
func TestPGKilledServer(t *testing.T) {
	server := pgtest.Start(t)
	var away, back atomic.Int64
	db := openAt(t, server.URL(t), Options{Away: func(err error) {
		if err != nil {
			away.Add(1)
		} else {
			back.Add(1)
		}
	}})
	const each, kills = 60, 2
	l := startLoad(t, db, each)
	for k := range int64(kills) {
		l.reach(t, (k+1)*each*loadCallers/(kills+1))
		server.Kill(t)
		server.Restart(t)
	}
	l.verify(t, each)
	if a, b := away.Load(), back.Load(); a == 0 || a != b {
		t.Errorf("the server was told to be away %d times and to be back %d times; want both as often, and ever", a, b)
	}
}

// TestPGTerminated has an administrator cut every connection again and again, while callers write and a walk goes on.
func TestPGTerminated(t *testing.T) {
	server := pgtest.Start(t)
	url := server.URL(t)
	db, admin := openAt(t, url, Options{Application: "storm"}), openAt(t, url, Options{})
	const each = 40
	l := startLoad(t, db, each)
	cut := int64(0)
	for k := range int64(15) {
		l.reach(t, k*each*loadCallers/16)
		cut += queryInt(t, admin, "SELECT count(pg_terminate_backend(pid))::int8 FROM pg_stat_activity WHERE application_name = 'storm'")
	}
	if cut == 0 {
		t.Error("no connection was cut")
	}
	l.verify(t, each)

	n := 0
	for _, err := range db.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			t.Fatalf("a walk whose connection is cut yields %v", err)
		}
		if n++; n%100 == 0 {
			queryInt(t, admin, "SELECT count(pg_terminate_backend(pid))::int8 FROM pg_stat_activity WHERE application_name = 'storm'")
		}
	}
	if n != each*loadCallers {
		t.Errorf("a walk whose connection is cut yields %d records; want %d", n, each*loadCallers)
	}
}

// TestPGLostSnapshot: a frozen state cannot outlive its connection, and says so.
func TestPGLostSnapshot(t *testing.T) {
	url := pgtest.Start(t).URL(t)
	db, admin := openAt(t, url, Options{Application: "frozen"}), openAt(t, url, Options{})
	s, err := db.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	queryInt(t, admin, "SELECT count(pg_terminate_backend(pid))::int8 FROM pg_stat_activity WHERE application_name = 'frozen'")
	_, err = s.Get(t.Context(), store.Answers, []byte("k"), store.KeyOnly)
	if err == nil || !strings.Contains(err.Error(), "run the command again") {
		t.Errorf("Get of a snapshot whose connection is gone = %v; want what to do", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	again, err := db.Snapshot(t.Context())
	if err != nil {
		t.Fatalf("another snapshot: %v", err)
	}
	again.Close()
}

// TestPGDeadlock has another transaction hold a record that a commit wants and want one that it holds: whichever the server
// chooses to fail, the commit is made.
func TestPGDeadlock(t *testing.T) {
	db := openAt(t, pgtest.Start(t).URL(t), Options{})
	var b store.Batch
	b.Put(store.Answers, []byte("a"), nil, []byte("old"))
	b.Put(store.Answers, []byte("b"), nil, []byte("old"))
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	table := db.tables.bucket[store.Answers]
	tx, err := db.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "UPDATE "+table+" SET meta = meta WHERE k = 'b'"); err != nil {
		t.Fatal(err)
	}
	applied := make(chan error, 1)
	go func() {
		var b store.Batch
		b.Put(store.Answers, []byte("a"), nil, []byte("new"))
		b.Put(store.Answers, []byte("b"), nil, []byte("new"))
		_, err := db.Apply(t.Context(), &b)
		applied <- err
	}()
	for queryInt(t, db, "SELECT count(*)::int8 FROM pg_locks WHERE NOT granted") == 0 { // until it waits
		time.Sleep(time.Millisecond)
	}
	_, err = tx.Exec(t.Context(), "UPDATE "+table+" SET meta = meta WHERE k = 'a'")
	if err != nil && code(err) != codeDeadlock {
		t.Fatal(err)
	}
	tx.Rollback(t.Context())
	if err := <-applied; err != nil {
		t.Errorf("Apply() = %v; want that it tries again", err)
	}
	if got := contents(t, db); got["answers a"] != "|new" || got["answers b"] != "|new" {
		t.Errorf("the records are %v; want both new", got)
	}
}

// TestPGRescue: a server that stays away for too long is given up. What was not written lies in a file, each later Apply adds
// to it, and every error says where it is.
func TestPGRescue(t *testing.T) {
	server := pgtest.Start(t)
	path := filepath.Join(t.TempDir(), "rescue.db")
	db := openAt(t, server.URL(t), Options{StoreTimeout: 100 * time.Millisecond, Rescue: func() (store.Store, error) {
		return store.Open(t.Context(), path, store.Options{})
	}})
	write := func(key string) error {
		var b store.Batch
		b.PutOnce(store.Answers, []byte(key), []byte("meta"), []byte("paid for"))
		b.Put(store.Verdicts, []byte(key), []byte("meta"), nil)
		b.Delete(store.Failures, []byte(key))
		b.Add([]byte("calls"), 1)
		_, err := db.Apply(t.Context(), &b)
		return err
	}
	if err := write("before"); err != nil {
		t.Fatal(err)
	}
	server.Kill(t)
	defer server.Restart(t)
	for _, key := range []string{"first", "second"} {
		if err := write(key); !errors.Is(err, store.ErrUnwritable) || !strings.Contains(err.Error(), "`openarena merge "+path+" --to URL`") || !strings.Contains(err.Error(), "it is away since") {
			t.Errorf("Apply() while the server stays away = %v; want ErrUnwritable, and how to merge %s", err, path)
		}
	}
	if _, err := db.Get(t.Context(), store.Answers, []byte("before"), store.WithBody); !errors.Is(err, store.ErrAway) || !strings.Contains(err.Error(), "when it is back") {
		t.Errorf("Get() while the server stays away = %v; want ErrAway", err)
	}
	if _, err := db.Snapshot(t.Context()); !errors.Is(err, store.ErrAway) {
		t.Errorf("Snapshot() while the server stays away = %v; want ErrAway", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got := contents(t, file)
	if len(got) != 5 || got["answers first"] != "meta|paid for" || got["verdicts second"] != "meta|" || got["totals calls"] != "2" {
		t.Errorf("the rescue file holds %v; want what was written while the server was away", got)
	}
}

// TestPGCloseAway: who stops does not wait long for a server that is away.
func TestPGCloseAway(t *testing.T) {
	server := pgtest.Start(t)
	path := filepath.Join(t.TempDir(), "rescue.db")
	away := make(chan error, 100)
	db := openAt(t, server.URL(t), Options{Away: func(err error) { away <- err }, Rescue: func() (store.Store, error) {
		return store.Open(t.Context(), path, store.Options{})
	}})
	db.writer.closeWait = 50 * time.Millisecond
	server.Kill(t)
	defer server.Restart(t)
	const callers = maxQueue + 100 // some wait to be let in
	applied := make(chan error, callers)
	for i := range callers {
		go func() {
			var b store.Batch
			b.Put(store.Answers, fmt.Append(nil, i), nil, nil)
			_, err := db.Apply(t.Context(), &b)
			applied <- err
		}()
	}
	if err := <-away; err == nil {
		t.Error("the server is back before it was away")
	}
	if err := db.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	saved := int64(0)
	for range callers {
		switch err := <-applied; {
		case errors.Is(err, store.ErrUnwritable):
			saved++
		case !errors.Is(err, store.ErrClosed):
			t.Errorf("Apply() = %v; want ErrUnwritable, or ErrClosed for who was not let in", err)
		}
	}
	if s, err := store.StatsOf(t.Context(), path); err != nil || s.Buckets[store.Answers].Records != saved || saved == 0 {
		t.Errorf("the rescue file holds %d records, %v; want %d", s.Buckets[store.Answers].Records, err, saved)
	}
}
