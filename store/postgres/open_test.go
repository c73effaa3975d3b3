package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"openarena/internal/secret"
	"openarena/store"
)

const canary = "CANARY0123"

// TestRefusedURL: what is wrong with a URL is told in a sentence that says what to write, and never holds the password.
func TestRefusedURL(t *testing.T) {
	for _, c := range []struct{ why, url, says string }{
		{"nothing", "", "cannot be read"},
		{"a file", "arena.db", "cannot be read"},
		{"another scheme", "mysql://u:" + canary + "@host/db", "cannot be read"},
		{"keywords", "host=localhost password=" + canary, "cannot be read"},
		{"a space", "postgres://u:" + canary + " x@localhost/db", "cannot be read"},
		{"a percent sign in a password", "postgres://u:" + canary + "%zz@localhost/db", "%25 for %"},
		{"a slash in a password", "postgres://u:" + canary + "/x@localhost/db", "%2F for /"},
		{"a number sign in a password", "postgres://u:" + canary + "#x@localhost/db", "%23 for #"},
		{"no port", "postgres://u:" + canary + "@localhost:port/db", "cannot be read"},
		{"a password beside the others", "postgres://localhost/db?password=" + canary + "%zz", "cannot be read"},
		{"an sslmode that is none", "postgres://u:" + canary + "@localhost/db?sslmode=on", "sslmode that is none of disable"},
		{"no connections", "postgres://u:" + canary + "@localhost/db?pool_max_conns=0", "pool_max_conns"},
		{"a certificate that is not there", "postgres://u:" + canary + "@localhost/db?sslrootcert=/nowhere.pem&sslmode=verify-full", "sslrootcert"},
		{"plain text to another host", "postgres://u:" + canary + "@db.example.org/db?sslmode=disable", "openarena_plaintext=allow"},
		{"plain text where the server likes", "postgres://u:" + canary + "@db.example.org/db", "sslmode=verify-full"},
		{"plain text to the second host", "postgres://u:" + canary + "@localhost,10.1.2.3/db?sslmode=disable", "10.1.2.3"},
		{"a parameter of ours that is none", "postgres://u:" + canary + "@localhost/db?openarena_plain=allow", "openarena_plain "},
		{"a value of ours that is none", "postgres://u:" + canary + "@localhost/db?openarena_plaintext=1", "openarena_plaintext=allow"},
		{"a schema of the server's own", "postgres://u:" + canary + "@localhost/db?search_path=pg_catalog", "search_path"},
		{"a schema with capitals", "postgres://u:" + canary + "@localhost/db?search_path=Arena", "database db at localhost: search_path"},
		{"a schema with a space", "postgres://u:" + canary + "@localhost/db?search_path=my%20arena", "database db at localhost: search_path"},
		{"a schema in quotes", "postgres://u:" + canary + "@localhost/db?search_path=%22My%20arena%22,public", "search_path"},
		{"a schema with a quote", "postgres://u:" + canary + "@localhost/db?search_path=o'brien", "search_path"},
		{"a schema that would end a statement", "postgres://u:" + canary + "@localhost/db?search_path=';%20DROP%20TABLE%20x;%20--", "search_path"},
		{"a schema with other letters", "postgres://u:" + canary + "@localhost/db?search_path=%C3%A4rena", "search_path"},
		{"a schema with a hyphen", "postgres://u:" + canary + "@localhost/db?search_path=arena-1", "small letters, digits and _"},
		{"a schema that begins with a digit", "postgres://u:" + canary + "@localhost/db?search_path=1st", "search_path"},
		{"a schema of 41 letters", "postgres://u:" + canary + "@localhost/db?search_path=" + strings.Repeat("a", 41), "at most 40"},
		{"a schema with a variable", "postgres://u:" + canary + "@localhost/db?search_path=%22$user%22,public", "search_path"},
	} {
		_, err := Open(t.Context(), secret.New(c.url), Options{})
		var config *ConfigError
		if !errors.As(err, &config) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: Open() = %v; want a *ConfigError that says %q", c.why, err, c.says)
		}
		if everything := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(everything, canary) {
			t.Errorf("%s: the error holds the password: %s", c.why, everything)
		}
	}
}

// TestAcceptedURL: what a URL says is used, and what is ours in it does not reach the server.
func TestAcceptedURL(t *testing.T) {
	for _, c := range []struct {
		why, url, schema string
		conns            int32
	}{
		{"a socket", "postgres:///db?host=/run/postgresql", "public", 4},
		{"this machine by address", "postgresql://u:p@[::1]:5433/db?sslmode=disable&search_path=mine", "mine", 4},
		{"an encrypted connection", "postgres://u@db.example.org/db?sslmode=require&search_path=%22my_arena%22,public&pool_max_conns=2", "my_arena", 2},
		{"a schema of 40 letters", "postgres://u@localhost/db?search_path=" + strings.Repeat("a", 40), strings.Repeat("a", 40), 4},
		{"plain text that is allowed", "postgres://u@db.example.org/db?openarena_plaintext=allow&openarena_fsync_off=allow", "public", 4},
		{"a pooler's mode", "postgres://u@localhost/db?default_query_exec_mode=exec&application_name=mine", "public", 4},
	} {
		got, err := parse(secret.New(c.url), "openarena test")
		if err != nil {
			t.Errorf("%s: parse() = %v", c.why, err)
			continue
		}
		if got.schema != c.schema || got.pool.MaxConns != c.conns {
			t.Errorf("%s: schema %q and %d connections; want %q and %d", c.why, got.schema, got.pool.MaxConns, c.schema, c.conns)
		}
		for name, value := range got.pool.ConnConfig.RuntimeParams {
			if name != "application_name" || value != "openarena test" && value != "mine" {
				t.Errorf("%s: the server is sent %s=%s", c.why, name, value)
			}
		}
	}
}

// TestPlaintext: what may go in plain text goes to this machine only, or where that was allowed in as many words.
func TestPlaintext(t *testing.T) {
	encrypted := map[string]bool{"": false, "disable": false, "allow": false, "prefer": false, "require": true, "verify-ca": true, "verify-full": true}
	for host, near := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.9.9.9": true, "[::1]": true, "/run/postgresql": true, "@abstract": true,
		"db.example.org": false, "localhost.example.org": false, "127.0.0.1.example.org": false, "10.1.2.3": false, "192.168.0.7": false, "0.0.0.0": false,
		"[2001:db8::1]": false, "[fe80::1]": false, "127.0.0.1,10.1.2.3": false, "db.example.org,localhost": false,
	} {
		for mode, safe := range encrypted {
			for _, allowed := range []bool{false, true} {
				q := url.Values{}
				if mode != "" {
					q.Set("sslmode", mode)
				}
				if allowed {
					q.Set("openarena_plaintext", "allow")
				}
				text := "postgres://u:" + canary + "@" + host + "/db?" + q.Encode()
				if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
					q.Set("host", host)
					text = "postgres://u:" + canary + "@/db?" + q.Encode()
				}
				_, err := parse(secret.New(text), "")
				if want := near || safe || allowed; (err == nil) != want || err != nil && (!strings.Contains(err.Error(), "would not be encrypted") || strings.Contains(err.Error(), canary)) {
					t.Errorf("host %s, sslmode %q, allowed %v: parse() = %v; want that it is accepted: %v", host, mode, allowed, err, want)
				}
			}
		}
	}
}

// TestServer: which servers are refused, and what is said of others.
func TestServer(t *testing.T) {
	good := server{version: 150018, name: "15.18", fsync: "on", commit: "on", pages: "on", standby: "off"}
	for _, c := range []struct {
		why               string
		change            func(*server)
		noFsync, readOnly bool
		refused, warned   string
		lax               bool
	}{
		{why: "all is well", change: func(*server) {}},
		{why: "an old one", change: func(s *server) { s.version, s.name = 140011, "14.11" }, refused: "PostgreSQL 14.11"},
		{why: "no fsync", change: func(s *server) { s.fsync = "off" }, refused: "openarena_fsync_off=allow"},
		{why: "no fsync, and that was allowed", change: func(s *server) { s.fsync = "off" }, noFsync: true, warned: "as the store's URL allows"},
		{why: "a standby", change: func(s *server) { s.standby = "on" }, refused: "target_session_attrs=read-write"},
		{why: "a standby that is only read", change: func(s *server) { s.standby = "on" }, readOnly: true},
		{why: "commits that do not wait for the disk", change: func(s *server) { s.commit = "off" }, lax: true},
		{why: "commits that do not wait for the standby", change: func(s *server) { s.commit = "local" }, lax: true},
		{why: "torn pages", change: func(s *server) { s.pages = "off" }, warned: "full_page_writes"},
	} {
		s := good
		c.change(&s)
		db := &DB{where: "database x at y"}
		err := db.accept(s, c.noFsync, c.readOnly)
		if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%s: accept() = %v; want %q", c.why, err, c.refused)
		}
		if warned := strings.Join(db.Warnings(), " "); (warned == "") != (c.warned == "") || !strings.Contains(warned, c.warned) || db.lax != c.lax {
			t.Errorf("%s: warned %q, lax %v; want %q, %v", c.why, warned, db.lax, c.warned, c.lax)
		}
	}
}

// TestUnreachable: nobody listens there.
func TestUnreachable(t *testing.T) {
	_, err := Open(t.Context(), secret.New("postgres://u:"+canary+"@127.0.0.1:1/db?sslmode=disable"), Options{})
	var config *ConfigError
	if !errors.As(err, &config) || !strings.Contains(err.Error(), "cannot be reached") || strings.Contains(fmt.Sprintf("%+v", err), canary) {
		t.Errorf("Open() = %v; want a *ConfigError without the password", err)
	}
	if errors.Is(err, store.ErrNoDatabase) {
		t.Error("a server that is not there is told as a database that is not there")
	}
}
