package postgres

import (
	"errors"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
)

// TestPGTooOld: servers before 15 are refused by name, whatever else they know; pgtest.Pretend speaks as they do.
func TestPGTooOld(t *testing.T) {
	for _, c := range []struct{ version, number string }{{"14.9 (Debian 14.9-1.pgdg120+1)", "140009"}, {"9.6.24", "90624"}, {"15beta1", "149999"}} {
		at := secret.New(pgtest.Pretend(t, c.version, c.number, c.version, "on", "on", "on", "off"))
		_, opening := Open(t.Context(), at, Options{})
		_, reading := Open(t.Context(), at, Options{ReadOnly: true})
		all := map[string]error{"Open()": opening, "Open() for reading": reading}
		if !strings.HasPrefix(c.version, "15") {
			_, all["Examine()"] = Examine(t.Context(), at)
		}
		for what, err := range all {
			var config *ConfigError
			if !errors.As(err, &config) || config.Passing || !strings.Contains(err.Error(), "the server is PostgreSQL "+c.version+", and 15 is the oldest that works; use a newer one") || strings.Contains(err.Error(), pgtest.Password) {
				t.Errorf("%s of %s = %v; want that it is too old", what, c.version, err)
			}
		}
	}
}

// TestPGCutInCommit cuts the connection in the middle of commits, before the server has heard of them and after it has made them: each is
// made once, and who waits for it is told what it did.
func TestPGCutInCommit(t *testing.T) {
	wire, at := pgtest.StartWire(t, pgtest.StartTCP(t).URL(t))
	db := openAt(t, at, Options{})
	const each, cuts = 40, 20
	l := startLoad(t, db, each)
	for k := range int64(cuts) {
		l.reach(t, k*each*loadCallers/cuts)
		wire.CutOnce(pgtest.Cut{At: db.tables.totals, After: k%2 == 0}) // the last statement of a commit; the end of it is sent with it
	}
	l.verify(t, each)
	if n := wire.Cuts(); n < cuts/2 {
		t.Errorf("%d connections were cut; want %d, or nearly so", n, cuts)
	}
}

// TestPGTakesNothing: a server that is full, or has no connection left, or only reads for a while, is waited for, and people are told
// once which it is.
func TestPGTakesNothing(t *testing.T) {
	tcp := pgtest.StartTCP(t)
	for _, c := range []struct{ why, begin, end, says string }{
		{"the disk is full", failing("53100"), `DROP TRIGGER filled ON @.oa_answers`, "takes nothing at present: of the test (SQLSTATE 53100)"},
		{"the memory is full", failing("53200"), `DROP TRIGGER filled ON @.oa_answers`, "takes nothing at present: of the test (SQLSTATE 53200)"},
		{"it only reads", failing("25006"), `DROP TRIGGER filled ON @.oa_answers`, "only reads at present: of the test (SQLSTATE 25006)"},
		{"it is shutting down", failing("57P01"), `DROP TRIGGER filled ON @.oa_answers`, "is away: "},
		{"no connections are left", `ALTER ROLE many CONNECTION LIMIT 0; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'many'`,
			`ALTER ROLE many CONNECTION LIMIT -1`, "takes nothing at present: too many connections for role"},
	} {
		at := tcp.URL(t)
		admin := openAt(t, at, Options{})
		run := func(sql string) {
			t.Helper()
			do(t, at, strings.ReplaceAll(sql, "@", admin.schema))
		}
		run(`DO $$ BEGIN CREATE ROLE many LOGIN PASSWORD '` + pgtest.Password + `'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
			GRANT ALL ON SCHEMA @ TO many; GRANT ALL ON ALL TABLES IN SCHEMA @ TO many`)
		told := make(chan error, 10)
		db := openAt(t, with(t, at, func(u *url.URL, _ url.Values) { u.User = url.UserPassword("many", pgtest.Password) }), Options{Away: func(err error) { told <- err }})
		run(c.begin)
		applied := make(chan error, 1)
		go func() {
			var b store.Batch
			b.PutOnce(store.Answers, []byte("k"), nil, []byte("paid for"))
			_, err := db.Apply(t.Context(), &b)
			applied <- err
		}()
		select {
		case err := <-told:
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: told %v; want %q", c.why, err, c.says)
			}
		case err := <-applied:
			t.Errorf("%s: Apply() = %v; want that it waits", c.why, err)
			applied <- err
		}
		run(c.end)
		if err := <-applied; err != nil {
			t.Errorf("%s: Apply() = %v; want that it is made when that is over", c.why, err)
		}
		if err := <-told; err != nil || len(told) > 0 {
			t.Errorf("%s: told %v and %d more; want that it is over, once", c.why, err, len(told))
		}
	}
}

// failing is SQL that has writes of answers fail with a code.
func failing(code string) string {
	return `CREATE FUNCTION @.filled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'of the test' USING ERRCODE = '` + code + `'; END $$;
		CREATE TRIGGER filled BEFORE INSERT ON @.oa_answers EXECUTE FUNCTION @.filled()`
}

// TestPGLaxCommits: where sessions do not wait for the server's disk by themselves, our commits do.
func TestPGLaxCommits(t *testing.T) {
	at := with(t, pgtest.Start(t).URL(t), func(_ *url.URL, q url.Values) { q.Set("synchronous_commit", "off") })
	db := openAt(t, at, Options{})
	do(t, at, strings.ReplaceAll(`CREATE FUNCTION @.lax() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF current_setting('synchronous_commit') <> 'on' THEN RAISE EXCEPTION 'this commit is lax'; END IF; RETURN NEW; END $$;
		CREATE TRIGGER lax BEFORE INSERT ON @.oa_answers FOR EACH ROW EXECUTE FUNCTION @.lax()`, "@", db.schema))
	var b store.Batch
	b.PutOnce(store.Answers, []byte("k"), nil, nil)
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Errorf("Apply() = %v", err)
	}
}

// TestPGSilent: a server that is there and says nothing is told of, and when it speaks again.
func TestPGSilent(t *testing.T) {
	at := pgtest.Start(t).URL(t)
	admin := openAt(t, at, Options{})
	told := make(chan error, 10)
	db := openAt(t, at, Options{Away: func(err error) { told <- err }})
	db.silence = 20 * time.Millisecond
	tx, err := admin.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE "+admin.tables.bucket[store.Answers]+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	applied := make(chan error, 1)
	go func() {
		var b store.Batch
		b.PutOnce(store.Answers, []byte("k"), nil, nil)
		_, err := db.Apply(t.Context(), &b)
		applied <- err
	}()
	if err := <-told; err == nil || !strings.Contains(err.Error(), "has not answered for 20ms; nothing is lost") {
		t.Errorf("told %v; want that it does not answer", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-applied; err != nil {
		t.Errorf("Apply() = %v", err)
	}
	if err := <-told; err != nil {
		t.Errorf("told %v; want that it is back", err)
	}
}

// TestPGPatient: Open waits for a server that is not there yet, and tells so once; what will not pass it does not wait for.
func TestPGPatient(t *testing.T) {
	server := pgtest.StartOwn(t, pgtest.Options{TCP: true})
	at := server.URL(t)
	server.Kill(t)
	var away, back atomic.Int64
	said := make(chan string, 1)
	opened := make(chan error, 1)
	go func() {
		db, err := Open(t.Context(), secret.New(at), Options{Patient: true, Away: func(err error) {
			if err == nil {
				back.Add(1)
				return
			}
			away.Add(1)
			said <- err.Error()
		}})
		if err == nil {
			err = db.Close()
		}
		opened <- err
	}()
	if text := <-said; !strings.Contains(text, "cannot be reached: ") || !strings.Contains(text, "waited for, for 15m0s") || strings.Contains(text, pgtest.Password) {
		t.Errorf("told %q; want that it is waited for, without the password", text)
	}
	_, err := Open(t.Context(), secret.New(at), Options{Patient: true, StoreTimeout: time.Millisecond})
	if !errors.Is(err, store.ErrAway) || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("Open() of a server that stays away = %v; want ErrAway", err)
	}
	server.Restart(t)
	if err := <-opened; err != nil || away.Load() != 1 || back.Load() != 1 {
		t.Errorf("Open() when it is back = %v, told %d times that it is away and %d that it is back; want once", err, away.Load(), back.Load())
	}
	_, err = Open(t.Context(), secret.New(with(t, at, func(u *url.URL, _ url.Values) { u.User = url.UserPassword("nobody", "wrong") })), Options{Patient: true})
	var config *ConfigError
	if !errors.As(err, &config) || config.Passing {
		t.Errorf("Open() with a wrong password = %v; want that at once", err)
	}
	_, err = Open(t.Context(), secret.New(with(t, at, func(_ *url.URL, q url.Values) { q.Set("sslmode", "require") })), Options{Patient: true})
	if !errors.As(err, &config) || config.Passing {
		t.Errorf("Open() of a server without TLS that is demanded = %v; want that at once", err)
	}
}
