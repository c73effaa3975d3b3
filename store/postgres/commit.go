package postgres

import (
	"bytes"
	"context"
	"fmt"
	"sort"

	"github.com/jackc/pgx/v5/pgconn"

	"openarena/store"
)

// Limits of one statement: its parameters lie in memory here and there.
const (
	maxRows  = 4096
	maxBytes = 16 << 20
)

// commit sends a group as one pipeline, which is one transaction and one round trip.
type commit struct {
	t     *tables
	batch pgconn.Batch
	asked []store.Bucket // per statement: whose keys it answers with; 0: none
}

func (c *commit) add(asked store.Bucket, sql string, params ...[]byte) {
	formats := make([]int16, len(params))
	for i := range formats {
		formats[i] = 1
	}
	c.batch.ExecParams(sql, params, nil, formats, binaryFormat)
	c.asked = append(c.asked, asked)
}

// newCommit writes down the statements of a writer's next commit. Rows of a bucket are locked in the order of their keys
// and buckets in theirs, so that two writers most often wait for each other and seldom stand in each other's way.
func newCommit(w *writer, g *group) *commit {
	t := &w.db.tables
	c := &commit{t: t}
	if w.db.lax { // on the server, which acknowledges then what the disk may not have
		c.add(0, `SELECT set_config('synchronous_commit', 'on', true)`)
	}
	id, number := int8Param(w.id), int8Param(w.seq+1)
	c.add(0, `INSERT INTO `+t.writer+` AS w (id, seq, name) VALUES ($1::int8, $2::int8, $3::text)
		ON CONFLICT (id) DO UPDATE SET seq = CASE WHEN w.seq = excluded.seq - 1 THEN excluded.seq END, seen = now()`, id, number, []byte(w.options.Application))
	if w.forget {
		c.add(0, `DELETE FROM `+t.taken+` WHERE writer = $1::int8`, id)
	}
	for rest := g.changes; len(rest) > 0; {
		n := sort.Search(len(rest), func(i int) bool { return rest[i].bucket != rest[0].bucket })
		c.bucket(rest[:n], id, number)
		rest = rest[n:]
	}
	c.counters(g.counters, w.id)
	return c
}

// bucket adds the statements for the changes of one bucket.
func (c *commit) bucket(changes []*change, id, number []byte) {
	bk := changes[0].bucket
	table := c.t.bucket[bk]
	insert := `INSERT INTO ` + table + ` AS r (k, meta, body) SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) ON CONFLICT (k) DO `
	c.rows(changes, func(ch *change) *op { return ch.once }, func(keys, metas, bodies []byte) {
		// Keys that were taken are the answer, and are kept for the case that it gets lost.
		c.add(bk, `WITH made AS (`+insert+`NOTHING RETURNING k),
			taken AS (SELECT k FROM unnest($1::bytea[]) AS k EXCEPT SELECT k FROM made),
			kept AS (INSERT INTO `+c.t.taken+` (writer, seq, bucket, k) SELECT $4::int8, $5::int8, $6::int8, k FROM taken)
			SELECT k FROM taken`, keys, metas, bodies, id, number, int8Param(int64(bk)))
	})
	put := func(ch *change) *op {
		if ch.set != nil && ch.set.kind != store.OpDelete {
			return ch.set
		}
		return nil
	}
	c.rows(changes, put, func(keys, metas, bodies []byte) {
		c.add(0, insert+`UPDATE SET meta = excluded.meta, body = excluded.body`, keys, metas, bodies)
	})
	gone := newArray(oidBytea)
	for _, ch := range changes {
		if ch.set != nil && ch.set.kind == store.OpDelete {
			gone.addBytes(ch.key)
		}
	}
	if gone.n > 0 {
		c.add(0, `DELETE FROM `+table+` WHERE k = ANY($1::bytea[])`, gone.param())
	}
}

// rows hands the records that pick finds among changes to add, sealed, as many at a time as a statement should have.
func (c *commit) rows(changes []*change, pick func(*change) *op, add func(keys, metas, bodies []byte)) {
	keys, metas, bodies := newArray(oidBytea), newArray(oidBytea), newArray(oidBytea)
	flush := func() {
		if keys.n > 0 {
			add(keys.param(), metas.param(), bodies.param())
		}
		keys, metas, bodies = newArray(oidBytea), newArray(oidBytea), newArray(oidBytea)
	}
	for _, ch := range changes {
		o := pick(ch)
		if o == nil {
			continue
		}
		keys.addBytes(ch.key)
		metas.addBytes(o.meta)
		if o.body == nil {
			bodies.addNull()
		} else {
			bodies.addBytes(o.body)
		}
		if keys.n >= maxRows || len(keys.buf)+len(metas.buf)+len(bodies.buf) >= maxBytes {
			flush()
		}
	}
	flush()
}

// slots is how many rows a counter has at most.
const slots = 64

func (c *commit) counters(counters []*counter, writer int64) {
	gone, keys, ns := newArray(oidBytea), newArray(oidBytea), newArray(oidInt8)
	for _, ct := range counters {
		if ct.delete {
			gone.addBytes(ct.key)
		}
		if !ct.delete || ct.n != 0 {
			keys.addBytes(ct.key)
			ns.addInt8(ct.n)
		}
	}
	if gone.n > 0 {
		c.add(0, `DELETE FROM `+c.t.totals+` WHERE k = ANY($1::bytea[])`, gone.param())
	}
	if keys.n > 0 {
		c.add(0, `INSERT INTO `+c.t.totals+` AS t (k, slot, n) SELECT k, $3::int8, n FROM unnest($1::bytea[], $2::int8[]) AS u(k, n)
			ON CONFLICT (k, slot) DO UPDATE SET n = t.n + excluded.n`, keys.param(), ns.param(), int8Param(writer%slots))
	}
}

// send makes the commit and returns the keys that were taken.
func (c *commit) send(ctx context.Context, pc *pgconn.PgConn) (taken map[where]bool, err error) {
	batch := c.batch // ExecBatch ends it, and it may have to be sent again
	results := pc.ExecBatch(ctx, &batch)
	taken = map[where]bool{}
	for i := 0; results.NextResult(); i++ {
		rows := results.ResultReader()
		for rows.NextRow() && c.asked[i] != 0 {
			taken[where{c.asked[i], string(rows.Values()[0])}] = true
		}
		if _, err := rows.Close(); err != nil {
			results.Close()
			return nil, err
		}
	}
	return taken, results.Close()
}

// tell sets what the callers of a commit that was made are told.
func (g *group) tell(taken map[where]bool) {
	for _, ch := range g.changes {
		if ch.once != nil {
			*ch.told = !taken[where{ch.bucket, string(ch.key)}]
		}
	}
}

// recall asks what commit number seq of a writer found, whose answer was lost.
func (db *DB) recall(ctx context.Context, pc *pgconn.PgConn, writer, seq int64) (map[where]bool, error) {
	taken := map[where]bool{}
	err := db.query(ctx, pc, `SELECT bucket::int8, k FROM `+db.tables.taken+` WHERE writer = $1::int8 AND seq = $2::int8`,
		[][]byte{int8Param(writer), int8Param(seq)}, func(row [][]byte) error {
			bk, err := int8Value(row[0])
			taken[where{store.Bucket(bk), string(bytes.Clone(row[1]))}] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read what the last commit found: %w", err)
	}
	return taken, nil
}
