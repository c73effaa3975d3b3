package pgtest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/internal/testkit/pgtest"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // it may be of a server that was killed
	return conn
}

func ask(t *testing.T, conn *pgx.Conn, question string) (answer string) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), question).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return answer
}

func do(t *testing.T, conn *pgx.Conn, order string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), order); err != nil {
		t.Fatalf("%s: %v", order, err)
	}
}

// TestPGKilled kills a server in mid-work: what was committed is there when it is back, and every connection is cut.
func TestPGKilled(t *testing.T) {
	s := pgtest.Start(t)
	url := s.URL(t)
	conn := connect(t, url)
	do(t, conn, "CREATE SCHEMA "+ask(t, conn, "SHOW search_path"))
	do(t, conn, "CREATE TABLE kept AS SELECT 'kept' AS v")
	s.Kill(t)
	if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a connection of a killed server still answers")
	}
	if c, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("a killed server accepts connections", c.Close(t.Context()))
	}
	s.Restart(t)
	if got := ask(t, connect(t, url), "SELECT v FROM kept"); got != "kept" {
		t.Errorf("after the kill the table holds %q; want what was committed", got)
	}
}

// TestPGSettings: what the promises of the store rest on is what servers have by default, and order is that of bytes.
func TestPGSettings(t *testing.T) {
	conn := connect(t, pgtest.Start(t).URL(t))
	for setting, want := range map[string]string{"fsync": "on", "synchronous_commit": "on", "lc_collate": "C", "server_encoding": "UTF8"} {
		if got := ask(t, conn, "SHOW "+setting); got != want {
			t.Errorf("%s = %s; want %s", setting, got, want)
		}
	}
}

func TestPGSchemas(t *testing.T) {
	s := pgtest.Start(t)
	if a, b := s.URL(t), s.URL(t); a == b {
		t.Errorf("two tests share a schema: %s", a)
	}
}

func TestPGPassword(t *testing.T) {
	url := pgtest.StartTCP(t).URL(t)
	if got := ask(t, connect(t, url), "SELECT 'in'"); got != "in" {
		t.Errorf("with the password: %q", got)
	}
	if c, err := pgx.Connect(t.Context(), strings.Replace(url, pgtest.Password, "wrong", 1)); err == nil {
		t.Error("the server accepts a wrong password", c.Close(t.Context()))
	}
}

// TestPGDies starts a server in another process and kills that: the server must end and its folder go.
func TestPGDies(t *testing.T) {
	if os.Getenv("OPENARENA_PG_CHILD") != "" {
		s, err := pgtest.New(pgtest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(s.Log())
		select {}
	}
	pgtest.Start(t)
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPGDies$")
	c.Env = append(os.Environ(), "OPENARENA_PG_CHILD=1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var log string
	if _, err := fmt.Fscanln(out, &log); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(log); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // killed
	dir := filepath.Dir(log)
	for {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		if t.Context().Err() != nil {
			t.Fatalf("%s is still there", dir)
		}
		time.Sleep(10 * time.Millisecond) // until the watchdog is done; the test's own time limit ends it
	}
}
