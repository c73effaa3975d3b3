package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"openarena/store"
	"openarena/store/storetest"
)

// watched writes through the database and reads through a reader beside it.
type watched struct {
	*store.ReadDB
	db *store.DB
}

func (w watched) Apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	return w.db.Apply(ctx, b)
}

func (w watched) Close() error { return errors.Join(w.ReadDB.Close(), w.db.Close()) }

// A reader beside a running process passes the suite that the database itself passes.
func TestSuiteLive(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		db := open(t, filepath.Join(t.TempDir(), "arena.db"))
		return watched{reader(t, db.Path(), true), db}
	})
}

func reader(t *testing.T, path string, live bool) *store.ReadDB {
	t.Helper()
	r, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("Close() of a reader = %v", err)
		}
	})
	if r.Live() != live {
		t.Fatalf("Live() = %v; want %v", !live, live)
	}
	return r
}

// A reader outlives the process it reads from, and finds the next one.
func TestReaderMovesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	_, stop := holder(t, path)
	r := reader(t, path, true)
	expect := func(when string, info string) {
		t.Helper()
		rec, err := r.Get(t.Context(), store.Answers, crashKey(1), store.WithBody)
		if err != nil || !bytes.Equal(rec.Body, crashBody(1)) {
			t.Errorf("%s: Get() = %v", when, err)
		}
		got, err := r.Info(t.Context())
		if err != nil || string(got) != info {
			t.Errorf("%s: Info() = %q, %v; want %q", when, got, err, info)
		}
	}
	expect("while a process has the database", `{"in_flight":7}`)
	snap, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := snap.Get(t.Context(), store.Answers, crashKey(1), store.KeyOnly); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a snapshot of a process that ended: %v; want ErrClosed", err)
	}
	if err := snap.Close(); err != nil {
		t.Error(err)
	}
	expect("after it ended", "")
	if r.Live() {
		t.Error("the reader claims to read from a process that ended")
	}
}

// Readers leave the file as it is, byte for byte, live or not.
func TestReadersChangeNothing(t *testing.T) {
	path, records := closed(t, 300)
	sum := func() [32]byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(data)
	}
	before := sum()
	readAll := func(r *store.ReadDB) {
		snap, err := r.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, src := range []store.Reader{r, snap} {
			n := 0
			for _, err := range src.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n != len(records) {
				t.Errorf("%d records; want %d", n, len(records))
			}
		}
		if err := snap.Close(); err != nil {
			t.Error(err)
		}
	}
	r := reader(t, path, false)
	readAll(r)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for name, open := range openers {
		if name != "Compact" {
			if err := open(t.Context(), path); err != nil {
				t.Errorf("%s = %v", name, err)
			}
		}
	}
	open(t, path)
	readAll(reader(t, path, true))
	if sum() != before {
		t.Error("the file was changed")
	}
}

// Two scans of one snapshot take turns, as a merge does.
func TestSnapshotInterleaved(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "arena.db"))
	records := write(t, db, 500)
	for name, r := range map[string]interface {
		Snapshot(context.Context) (store.Snapshot, error)
	}{"the database": db, "a reader beside it": reader(t, db.Path(), true)} {
		snap, err := r.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		outer := 0
		for a, err := range snap.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
			if err != nil {
				t.Fatal(err)
			}
			if outer++; outer%100 != 0 {
				continue
			}
			key := bytes.Clone(a.Key)
			for b, err := range snap.Scan(t.Context(), store.Answers, store.Range{From: key}, store.WithBody) {
				if err != nil || !bytes.Equal(b.Key, key) || !bytes.Equal(b.Body, records[string(key)]) {
					t.Fatalf("%s: the inner scan begins with %q, %v; want %q", name, b.Key, err, key)
				}
				break
			}
			if !bytes.Equal(a.Key, key) || !bytes.Equal(a.Body, records[string(key)]) {
				t.Fatalf("%s: the inner scan changed what the outer one yielded", name)
			}
		}
		if outer != len(records) {
			t.Errorf("%s: %d records; want %d", name, outer, len(records))
		}
		if err := snap.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A path too long for a socket has its socket elsewhere.
func TestLongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db := open(t, filepath.Join(dir, "arena.db"))
	write(t, db, 3)
	expectFiles(t, dir, "arena.db", "arena.db.owner")
	reader(t, db.Path(), true)
}

// The socket answers those only who can read the owner file, and nothing that is no request.
func TestStrangers(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "arena.db"))
	write(t, db, 3)
	for _, c := range []struct{ why, send, reply string }{
		{"another protocol", "GET / HTTP/1.1\r\n\r\n", ""},
		{"a request without a hello", "i\x00\x00\x00\x00", ""},
		{"a wrong token", "h\x00\x00\x00\x10\x09openarena\x01\x04nope", ""},
		{"another version", "h\x00\x00\x00\x10\x09openarena\x09\x04nope", "version"},
		{"a frame of 4 GB", "h\xff\xff\xff\xff", ""},
		{"a hello without content", "h\x00\x00\x00\x00", "malformed"},
	} {
		conn, err := net.Dial("unix", db.Path()+".sock")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(c.send)); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		var reply bytes.Buffer
		// A connection closed with unread bytes in it ends with an error here; what counts is that it ends.
		reply.ReadFrom(conn)
		if got := reply.String(); !strings.Contains(got, c.reply) || (c.reply == "") != (got == "") {
			t.Errorf("%s: the reply is %q; want %q", c.why, got, c.reply)
		}
		conn.Close()
	}
}

// An owner file names a socket with a path. One that names another address has nobody connect there, and say its token.
func TestForeignOwner(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("readers may come over the loopback here")
	}
	db := open(t, filepath.Join(t.TempDir(), "arena.db"))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	reached := make(chan struct{})
	go func() {
		defer close(reached)
		if c, err := l.Accept(); err == nil {
			t.Errorf("%s was connected to", l.Addr())
			c.Close()
		}
	}()
	text, err := os.ReadFile(db.Path() + ".owner")
	if err != nil {
		t.Fatal(err)
	}
	var owner map[string]any
	if err := json.Unmarshal(text, &owner); err != nil {
		t.Fatal(err)
	}
	owner["socket"] = l.Addr().String()
	if text, err = json.Marshal(owner); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(db.Path()+".owner", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := store.OpenReader(t.Context(), db.Path()); err == nil {
		t.Error("OpenReader connects to whom a forged owner file names")
		r.Close()
	}
	l.Close()
	<-reached
}

// A process that is started while the reader is closing, and readers that come and go, find each other.
func TestReadersComeAndGo(t *testing.T) {
	path, records := closed(t, 50)
	stop := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			db, err := store.Open(t.Context(), path, store.Options{})
			if err == nil {
				err = db.Close()
			}
			if err != nil {
				done <- fmt.Errorf("writer: %w", err)
				return
			}
		}
	}()
	for range 50 {
		expectRecords(t, path, records)
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestInfo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	for _, c := range []struct {
		why  string
		info func() any
		want string
		err  bool
	}{
		{"no facts", nil, "", false},
		{"facts are JSON", func() any { return []int{1, 2} }, "[1,2]", false},
		{"what is no JSON is an error, not a crash", func() any { return make(chan int) }, "", true},
	} {
		db, err := store.Open(t.Context(), path, store.Options{Info: c.info})
		if err != nil {
			t.Fatal(err)
		}
		r := reader(t, path, true)
		info, err := r.Info(t.Context())
		if string(info) != c.want || (err != nil) != c.err {
			t.Errorf("%s: Info() = %q, %v; want %q", c.why, info, err, c.want)
		}
		if len(info) > 0 && !json.Valid(info) {
			t.Errorf("%s: %q is not JSON", c.why, info)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
