package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openarena/store"
)

// An order reaches the process that has the database open, and its answer comes back; what either says is theirs.
func TestControl(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	closed := open(t, path)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	idle := reader(t, path, false)
	if _, err := idle.Control(t.Context(), []byte("pause")); !errors.Is(err, store.ErrIdle) {
		t.Errorf("Control() while nobody has the database = %v; want ErrIdle", err)
	}
	if err := idle.Close(); err != nil {
		t.Fatal(err)
	}
	var given []string
	db, err := store.Open(t.Context(), path, store.Options{Command: "openarena run", Control: func(_ context.Context, order []byte) ([]byte, error) {
		given = append(given, string(order))
		switch {
		case string(order) == "refuse":
			return nil, errors.New("no endpoint is named so")
		case string(order) == "boast":
			return make([]byte, 1<<20), nil
		}
		return append([]byte("done: "), order...), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	r := reader(t, path, true)
	for _, c := range []struct{ why, order, answer, err string }{
		{"an order", "pause\x00\xff", "done: pause\x00\xff", ""},
		{"nothing is an order too", "", "done: ", ""},
		{"what the process says is the error", "refuse", "", "no endpoint is named so"},
		{"an answer has a bound", "boast", "", "the limit is 65536"},
		{"so has an order, which is not sent then", strings.Repeat("x", 5000), "", "the limit is 4096"},
		{"a refusal ends nothing", "resume", "done: resume", ""},
	} {
		answer, err := r.Control(t.Context(), []byte(c.order))
		if string(answer) != c.answer || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: Control(%.20q) = %.40q, %v; want %q, %q", c.why, c.order, answer, err, c.answer, c.err)
		}
	}
	if want := "pause\x00\xff,,refuse,boast,resume"; strings.Join(given, ",") != want {
		t.Errorf("the process was given %q; want %q", strings.Join(given, ","), want)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Control(t.Context(), []byte("pause")); !errors.Is(err, store.ErrIdle) {
		t.Errorf("Control() after the process ended = %v; want ErrIdle", err)
	}
}

// A process that takes no orders is not sent any: another command, or an older version, whose reply to the hello is empty.
func TestNoOrders(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "arena.db"))
	_, err := reader(t, db.Path(), true).Control(t.Context(), []byte("pause"))
	if !errors.Is(err, store.ErrNoOrders) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d `openarena test`", os.Getpid())) {
		t.Errorf("Control() of a process without orders = %v; want ErrNoOrders that names it", err)
	}
}

// Who does not show the token gives no orders; who shows it cannot give one that is longer than orders are.
func TestOrdersOfStrangers(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "arena.db"), store.Options{
		Control: func(_ context.Context, order []byte) ([]byte, error) {
			t.Errorf("an order of %d bytes is carried out", len(order))
			return nil, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	text, err := os.ReadFile(db.Path() + ".owner")
	if err != nil {
		t.Fatal(err)
	}
	var owner struct{ Token string }
	if err := json.Unmarshal(text, &owner); err != nil {
		t.Fatal(err)
	}
	hello := "h\x00\x00\x00\x26\x09openarena\x01\x1a" + owner.Token
	for _, c := range []struct{ why, send, reply string }{
		{"without a hello", "c\x00\x00\x00\x05pause", ""},
		{"behind a wrong token", "h\x00\x00\x00\x10\x09openarena\x01\x04nopec\x00\x00\x00\x05pause", ""},
		{"too long", hello + "c\x00\x00\x10\x01" + strings.Repeat("x", 4097) + "?", "malformed"},
	} {
		conn, err := net.Dial("unix", db.Path()+".sock")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(c.send)); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		conn.(*net.UnixConn).CloseWrite()
		var reply bytes.Buffer
		reply.ReadFrom(conn)
		if got := reply.String(); !strings.Contains(got, c.reply) || (c.reply == "") != (got == "") {
			t.Errorf("%s: the reply is %q; want %q", c.why, got, c.reply)
		}
		conn.Close()
	}
}

// Who wants to know is told of each commit.
func TestCommitted(t *testing.T) {
	var commits []store.Commit
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "arena.db"), store.Options{Committed: func(c store.Commit) { commits = append(commits, c) }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		var b store.Batch
		b.Put(store.Answers, crashKey(i), nil, []byte("text"))
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if len(commits) != 3 {
		t.Fatalf("%d commits were told; want 3", len(commits))
	}
	for _, c := range commits {
		if c.Batches != 1 || c.Sync <= 0 || c.Took < c.Sync {
			t.Errorf("a commit is told as %+v; want one batch, and a part of the time for the disk", c)
		}
	}
}
