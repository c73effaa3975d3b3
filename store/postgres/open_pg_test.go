package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
)

// with is a URL with parts of it changed.
func with(t *testing.T, text string, change func(*url.URL, url.Values)) string {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	change(u, q)
	u.RawQuery = q.Encode()
	return u.String()
}

func do(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// TestPGRefused: a server that does not let us do what we have to says why, and we say what to do; never with the password.
func TestPGRefused(t *testing.T) {
	at := pgtest.StartTCP(t).URL(t)
	do(t, at, `CREATE ROLE weak LOGIN PASSWORD '`+canary+`'; CREATE SCHEMA closed; CREATE SCHEMA newer; CREATE TABLE newer.oa_schema AS SELECT 7 AS schema_version`)
	weak := func(u *url.URL) { u.User = url.UserPassword("weak", canary) }
	for _, c := range []struct {
		why, says string
		change    func(*url.URL, url.Values)
		readOnly  bool
		is        error
	}{
		{why: "a wrong password", says: "mend user or password", change: func(u *url.URL, _ url.Values) { u.User = url.UserPassword("weak", canary+"x") }},
		{why: "a database that is not there", says: "createdb", change: func(u *url.URL, _ url.Values) { u.Path = "/nowhere" }, is: store.ErrNoDatabase},
		{why: "a parameter that nobody knows", says: "mend its name", change: func(_ *url.URL, q url.Values) { q.Set("serch_path", "fresh") }},
		{why: "a role that may not make a schema", says: "AUTHORIZATION", change: func(u *url.URL, q url.Values) { weak(u); q.Set("search_path", "fresh") }},
		{why: "a role that may not use a schema", says: "AUTHORIZATION", change: func(u *url.URL, q url.Values) { weak(u); q.Set("search_path", "closed") }},
		{why: "a role that may make nothing in public", says: "AUTHORIZATION", change: func(u *url.URL, q url.Values) { weak(u); q.Del("search_path") }},
		{why: "a schema of a newer version", says: "newer openarena", change: func(_ *url.URL, q url.Values) { q.Set("search_path", "newer") }, is: store.ErrNewer},
		{why: "a schema that is not there, for reading", says: "`openarena run` makes one", change: func(_ *url.URL, q url.Values) { q.Set("search_path", "fresh") }, readOnly: true, is: store.ErrNoDatabase},
	} {
		_, err := Open(t.Context(), secret.New(with(t, at, c.change)), Options{ReadOnly: c.readOnly})
		var config *ConfigError
		if c.is == nil && !errors.As(err, &config) || c.is != nil && !errors.Is(err, c.is) || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: Open() = %v; want what says %q", c.why, err, c.says)
		}
		if everything := fmt.Sprintf("%v %+v", err, err); strings.Contains(everything, canary) || strings.Contains(everything, pgtest.Password) {
			t.Errorf("%s: the error holds the password: %s", c.why, everything)
		}
	}
}

// TestPGCreatedAtOnce has many processes make the same arena at the same moment.
func TestPGCreatedAtOnce(t *testing.T) {
	url := pgtest.Start(t).URL(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			db, err := Open(t.Context(), secret.New(url), Options{})
			if err != nil {
				t.Errorf("Open() = %v", err)
				return
			}
			db.Close()
		})
	}
	wg.Wait()
}

// TestPGReadOnly: who only reads changes nothing and is told so.
func TestPGReadOnly(t *testing.T) {
	url := pgtest.Start(t).URL(t)
	db := openAt(t, url, Options{})
	var b store.Batch
	b.Put(store.Answers, []byte("k"), nil, nil)
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	reader := openAt(t, url, Options{ReadOnly: true})
	if _, err := reader.Get(t.Context(), store.Answers, []byte("k"), store.KeyOnly); err != nil {
		t.Errorf("Get() = %v", err)
	}
	if _, err := reader.Apply(t.Context(), &b); !errors.Is(err, store.ErrUnwritable) {
		t.Errorf("Apply() = %v; want ErrUnwritable", err)
	}
}

// TestPGMark: the mark changes with every commit of anybody, and with nothing else.
func TestPGMark(t *testing.T) {
	server := pgtest.Start(t)
	url := server.URL(t)
	a, b := openAt(t, url, Options{}), openAt(t, url, Options{})
	seen := map[string]bool{}
	for i := range 6 {
		mark, err := a.Mark(t.Context())
		again, err2 := b.Mark(t.Context())
		if err != nil || err2 != nil || mark != again || seen[mark] {
			t.Errorf("after %d commits Mark() = %q, %v and %q, %v; want one that was not there before", i, mark, err, again, err2)
		}
		seen[mark] = true
		var batch store.Batch
		batch.Add([]byte("n"), 1)
		if _, err := []*DB{a, b}[i%2].Apply(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	if mark, err := openAt(t, server.URL(t), Options{}).Mark(t.Context()); err != nil || seen[mark] {
		t.Errorf("Mark() of another arena = %q, %v", mark, err)
	}
}

// TestPGTidy: writers of long ago leave no rows behind, and the mark stays as it is.
func TestPGTidy(t *testing.T) {
	url := pgtest.Start(t).URL(t)
	db := openAt(t, url, Options{})
	if _, err := db.pool.Exec(t.Context(), `INSERT INTO `+db.tables.writer+` (id, seq, seen) VALUES (5, 7, now() - interval '31 days'), (6, 4, now() - interval '29 days');
		INSERT INTO `+db.tables.taken+` (writer, seq, bucket, k) VALUES (5, 7, 3, 'k'), (6, 4, 3, 'k')`); err != nil {
		t.Fatal(err)
	}
	before, err := db.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	after, err := openAt(t, url, Options{}).Mark(t.Context())
	if err != nil || before != after {
		t.Errorf("Mark() = %q before and %q, %v, after; want the same", before, after, err)
	}
	if writers, taken := queryInt(t, db, "SELECT count(*) FROM "+db.tables.writer), queryInt(t, db, "SELECT count(*) FROM "+db.tables.taken); writers != 2 || taken != 1 {
		t.Errorf("there are %d writers and %d keys of theirs; want row 0, the one of this month, and its key", writers, taken)
	}
}

// TestPGExecMode runs some of it as behind a pooler that knows no prepared statements.
func TestPGExecMode(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol"} {
		db := openAt(t, with(t, pgtest.Start(t).URL(t), func(_ *url.URL, q url.Values) { q.Set("default_query_exec_mode", mode) }), Options{})
		m := model{}
		var b store.Batch
		for i := range 100 {
			b.PutOnce(store.Answers, []byte{byte(i)}, []byte{0, 1, 0xff}, []byte(strings.Repeat("body", i*50)))
			b.Add([]byte("n"), 1)
		}
		m.apply(&b)
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		if got := contents(t, db); !cmp.Equal(got, m) {
			t.Errorf("%s: the contents differ: %s", mode, cmp.Diff(m, got))
		}
	}
}

// TestPGPlans: a page is read along the index of keys, whatever the server knows of a table that just became large.
func TestPGPlans(t *testing.T) {
	db := openAt(t, pgtest.Start(t).URL(t), Options{})
	for part := range 20 {
		var b store.Batch
		for i := range 1000 {
			b.Put(store.Verdicts, fmt.Appendf(nil, "%02d %03d", part, i), []byte("meta"), nil)
		}
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := db.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), along); err != nil {
		t.Fatal(err)
	}
	rows, err := tx.Query(t.Context(), "EXPLAIN SELECT k, meta FROM "+db.tables.bucket[store.Verdicts]+" WHERE k >= '00' AND k < '99' ORDER BY k LIMIT 1024")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if plan := strings.Join(lines, "\n"); err != nil || strings.Contains(plan, "Sort") || !strings.Contains(plan, "Index Scan") {
		t.Errorf("a page is read by this plan, %v; want along the index:\n%s", err, plan)
	}
}

// TestPGPlansOnce: who works has the server plan prepared statements once; where a pooler may be in between, nothing is set that
// others would find.
func TestPGPlansOnce(t *testing.T) {
	url := pgtest.Start(t).URL(t)
	for _, c := range []struct{ more, want string }{{"", "force_generic_plan"}, {"&default_query_exec_mode=exec", "auto"}} {
		db, err := Open(t.Context(), secret.New(url+c.more), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var mode string
		if err := db.Pool().QueryRow(t.Context(), "SHOW plan_cache_mode").Scan(&mode); err != nil || mode != c.want {
			t.Errorf("with %q plan_cache_mode is %q, %v; want %s", c.more, mode, err, c.want)
		}
	}
}
