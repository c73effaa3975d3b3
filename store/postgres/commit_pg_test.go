package postgres

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
)

func openAt(t *testing.T, url string, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), secret.New(url), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// model is what a database holds, as text.
type model map[string]string

// apply makes a batch and returns what its PutOnces find.
func (m model) apply(b *store.Batch) (created []bool) {
	for _, o := range b.Ops() {
		key := fmt.Sprintf("%s %s", o.Bucket, o.Key)
		_, taken := m[key]
		if o.Kind == store.OpPutOnce {
			created = append(created, !taken)
		}
		switch {
		case o.Kind == store.OpDelete:
			delete(m, key)
		case o.Kind == store.OpAdd:
			var n int64
			fmt.Sscan(m[key], &n)
			m[key] = fmt.Sprint(n + o.N)
		case o.Kind == store.OpPut || !taken:
			m[key] = fmt.Sprintf("%s|%s", o.Meta, o.Body)
		}
	}
	return created
}

func contents(t *testing.T, r store.Reader) model {
	t.Helper()
	m := model{}
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		for rec, err := range r.Scan(t.Context(), bk, store.Range{}, store.WithBody) {
			if err != nil {
				t.Fatal(err)
			}
			if key := fmt.Sprintf("%s %s", bk, rec.Key); bk == store.Totals {
				m[key] = fmt.Sprint(store.Counter(rec))
			} else {
				m[key] = fmt.Sprintf("%s|%s", rec.Meta, rec.Body)
			}
		}
	}
	return m
}

// randomBatch has few keys, so that ops meet at them.
func randomBatch(rng *rand.Rand) *store.Batch {
	var b store.Batch
	for range 1 + rng.IntN(12) {
		bk := []store.Bucket{store.Answers, store.Verdicts, store.Meta}[rng.IntN(3)]
		key, text := fmt.Append(nil, rng.IntN(6)), fmt.Append(nil, rng.Uint32())
		switch rng.IntN(7) {
		case 0, 1, 2:
			b.PutOnce(bk, key, text, bytes.Repeat(text, rng.IntN(4)))
		case 3, 4:
			b.Put(bk, key, text, bytes.Repeat(text, rng.IntN(4)))
		case 5:
			b.Delete(bk, key)
		case 6:
			b.Add(key, int64(rng.IntN(100)-30))
			if rng.IntN(4) == 0 {
				b.Delete(store.Totals, key)
			}
		}
	}
	return &b
}

// TestPGGroup makes groups of batches in one commit each: records and what each PutOnce is told are those of one batch after
// the other.
func TestPGGroup(t *testing.T) {
	db := openAt(t, pgtest.Start(t).URL(t), Options{})
	rng, m := rand.New(rand.NewPCG(3, 5)), model{}
	for round := range 150 {
		var jobs []*job
		var want [][]bool
		for range 1 + rng.IntN(8) {
			b := randomBatch(rng)
			want = append(want, m.apply(b))
			j, err := newJob(b)
			if err != nil {
				t.Fatal(err)
			}
			jobs = append(jobs, j)
		}
		if err := db.writer.commit(jobs); err != nil {
			t.Fatal(err)
		}
		for i, j := range jobs {
			if len(j.created)+len(want[i]) > 0 && !cmp.Equal(j.created, want[i]) {
				t.Fatalf("round %d: batch %d of %d is told it created %v; want %v", round, i, len(jobs), j.created, want[i])
			}
		}
	}
	if d := cmp.Diff(m, contents(t, db)); d != "" {
		t.Errorf("after all rounds (-want +got):\n%s", d)
	}
}

// TestPGUnknownOutcome makes commits whose answer nobody hears, and makes them again, as after a lost connection: they count
// once, and each PutOnce is told what it found the first time.
func TestPGUnknownOutcome(t *testing.T) {
	url := pgtest.Start(t).URL(t)
	db, other := openAt(t, url, Options{}), openAt(t, url, Options{})
	rng, m := rand.New(rand.NewPCG(8, 13)), model{}
	for round := range 40 {
		b := randomBatch(rng)
		want := m.apply(b)
		j, err := newJob(b)
		if err != nil {
			t.Fatal(err)
		}
		unheard := newCommit(db.writer, newGroup([]*job{j}))
		if err := db.once(t.Context(), func(ctx context.Context, pc *pgconn.PgConn) error { _, err := unheard.send(ctx, pc); return err }); err != nil {
			t.Fatal(err)
		}
		var between store.Batch // others go on meanwhile
		if round%3 == 0 {
			between.Delete(store.Answers, []byte("3"))
			between.Put(store.Verdicts, []byte("2"), nil, nil)
			m.apply(&between)
			if _, err := other.Apply(t.Context(), &between); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.writer.commit([]*job{j}); err != nil {
			t.Fatal(err)
		}
		if len(want) > 0 && !cmp.Equal(j.created, want) {
			t.Fatalf("round %d: told that it created %v; want %v", round, j.created, want)
		}
	}
	if d := cmp.Diff(m, contents(t, db)); d != "" {
		t.Errorf("after all rounds (-want +got):\n%s", d)
	}
	if n := queryInt(t, db, "SELECT count(*)::int8 FROM "+db.tables.taken); n > 6 {
		t.Errorf("%d keys are kept of commits that were heard of long ago", n)
	}
}

// TestPGLax: where the server acknowledges what its disk may not have, commits ask that it does not.
func TestPGLax(t *testing.T) {
	lax := with(t, pgtest.Start(t).URL(t), func(_ *url.URL, q url.Values) { q.Set("options", "-csynchronous_commit=off") })
	db := openAt(t, lax, Options{})
	if _, err := db.pool.Exec(t.Context(), `CREATE FUNCTION waits() RETURNS trigger AS 'BEGIN
			IF current_setting(''synchronous_commit'') <> ''on'' THEN RAISE ''the commit does not wait for the disk''; END IF;
			RETURN new;
		END' LANGUAGE plpgsql SET search_path = pg_catalog;
		CREATE TRIGGER waits BEFORE INSERT ON `+db.tables.bucket[store.Answers]+` FOR EACH ROW EXECUTE FUNCTION waits()`); err != nil {
		t.Fatal(err)
	}
	var b store.Batch
	b.PutOnce(store.Answers, []byte("k"), nil, nil)
	if _, err := db.Apply(t.Context(), &b); err != nil || !db.lax {
		t.Errorf("Apply() = %v, lax %t; want a commit that waits for the disk", err, db.lax)
	}
}

// TestPGPageAgain: a page that breaks off in its middle is read again from its beginning, and has each record once.
func TestPGPageAgain(t *testing.T) {
	db := openAt(t, pgtest.Start(t).URL(t), Options{})
	var b store.Batch
	for _, k := range []string{"a", "b", "c"} {
		b.Put(store.Answers, []byte(k), []byte("meta"), nil)
	}
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	// A sequence keeps what a transaction that failed has taken from it.
	sql := strings.NewReplacer("{s}", db.tables.schema, "{answers}", db.tables.bucket[store.Answers]).Replace(`CREATE SEQUENCE {s}.asked;
		CREATE FUNCTION {s}.breaks(at bytea, meta bytea) RETURNS bytea AS 'BEGIN
			IF at = ''c'' THEN IF nextval(''{s}.asked'') = 1 THEN RAISE ''in the way'' USING ERRCODE = ''40001''; END IF; END IF;
			RETURN meta;
		END' LANGUAGE plpgsql STABLE; -- else the view would be made whole before its first row is sent
		ALTER TABLE {answers} RENAME TO there;
		CREATE VIEW {answers} AS SELECT k, {s}.breaks(k, meta) AS meta, body FROM {s}.there`)
	if _, err := db.pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
	got := ""
	for rec, err := range db.Scan(t.Context(), store.Answers, store.Range{}, store.WithMeta) {
		if err != nil {
			t.Fatal(err)
		}
		got += string(rec.Key)
	}
	if asked := queryInt(t, db, "SELECT last_value FROM "+db.tables.schema+".asked"); got != "abc" || asked != 2 {
		t.Errorf("a page that was read %d times has records %q; want twice, and abc", asked, got)
	}
}

func queryInt(t *testing.T, db *DB, sql string) (n int64) {
	t.Helper()
	err := db.once(t.Context(), func(ctx context.Context, pc *pgconn.PgConn) error {
		return db.query(ctx, pc, sql, nil, func(row [][]byte) (err error) {
			n, err = int8Value(row[0])
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPGManyStatements writes a batch that is longer than a statement may be.
func TestPGManyStatements(t *testing.T) {
	db := openAt(t, pgtest.Start(t).URL(t), Options{})
	m := model{}
	var b store.Batch
	for i := range 2*maxRows + 10 {
		b.PutOnce(store.Datasets, fmt.Appendf(nil, "%06d", i), []byte("m"), nil)
	}
	for i := range 3 {
		b.PutOnce(store.Answers, fmt.Append(nil, i), nil, []byte(strings.Repeat("9 MB of it", 900<<10)))
	}
	want := m.apply(&b)
	res, err := db.Apply(t.Context(), &b)
	if err != nil || !cmp.Equal(res.Created, want) {
		t.Fatalf("Apply() = %d created, %v; want %d", len(res.Created), err, len(want))
	}
	if !cmp.Equal(contents(t, db), m) {
		t.Error("what is there is not what was written")
	}
}

// TestPGRotten: what rots is found by its checksum, told, and removed by a repair.
func TestPGRotten(t *testing.T) {
	db := openAt(t, pgtest.Start(t).URL(t), Options{})
	var b store.Batch
	for _, k := range []string{"well", "rotten meta", "rotten body", "no body"} {
		b.Put(store.Answers, []byte(k), []byte("meta"), []byte(strings.Repeat("body", 3000)))
	}
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	table := db.tables.bucket[store.Answers]
	for _, sql := range []string{
		"UPDATE " + table + " SET meta = set_byte(meta, 7, 0) WHERE k = 'rotten meta'",
		"UPDATE " + table + " SET body = set_byte(body, 5000, 0) WHERE k = 'rotten body'",
		"UPDATE " + table + " SET body = NULL WHERE k = 'no body'",
	} {
		if _, err := db.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	report, err := db.Check(t.Context())
	if err != nil || report.OK() || report.BadCount != 3 || report.Buckets[store.Answers].Records != 1 {
		t.Errorf("Check() = %+v, %v; want three bad records and a good one", report, err)
	}
	if _, err := db.Get(t.Context(), store.Answers, []byte("no body"), store.WithMeta); err != nil {
		t.Errorf("the meta of a record without its body: %v", err)
	}
	if report, err := db.Repair(t.Context()); err != nil || report.BadCount != 3 {
		t.Errorf("Repair() = %+v, %v; want three bad records removed", report, err)
	}
	if report, err := db.Check(t.Context()); err != nil || !report.OK() || report.Buckets[store.Answers].Records != 1 {
		t.Errorf("Check() after Repair = %+v, %v; want one good record", report, err)
	}
	if s, err := db.Stats(t.Context()); err != nil || s.Buckets[store.Answers] != (store.Usage{Records: 1, Bytes: 4 + 4 + 12000}) || s.Size < 12000 {
		t.Errorf("Stats() = %+v, %v; want one record of 12008 bytes", s, err)
	}
}
