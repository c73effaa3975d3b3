package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"openarena/store"
)

// model is what a database should hold.
type model map[store.Bucket]map[string]store.Record

func (m model) clone() model {
	all := model{}
	for bk, records := range m {
		all[bk] = maps.Clone(records)
	}
	return all
}

// database is one with its model, and snapshots with the models of their time.
type database struct {
	path  string
	db    *store.DB
	model model
	snaps []past
}

type past struct {
	store.Snapshot
	model model
}

var (
	modelBuckets = []store.Bucket{store.Answers, store.Judgments, store.Verdicts}

	bucketGen = rapid.SampledFrom(modelBuckets)
	keyGen    = rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 0xff}), 1, 4) // few, so that they meet; some begin others
	metaGen   = rapid.SliceOfN(rapid.Byte(), 0, 90)
	bodyGen   = rapid.Custom(func(t *rapid.T) []byte {
		return bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "piece"), rapid.SampledFrom([]int{1, 1, 40, 900}).Draw(t, "times"))
	})
	fieldsGen = rapid.SampledFrom([]store.Fields{store.KeyOnly, store.WithMeta, store.WithBody})
)

// TestProperties does to a database whatever can be done to one, in any order, and holds it against a map.
func TestProperties(t *testing.T) {
	fewer(t, 20)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		d := &database{path: filepath.Join(dir, "arena.db"), model: model{store.Totals: {}}}
		for _, bk := range modelBuckets {
			d.model[bk] = map[string]store.Record{}
		}
		d.open(rt)
		defer func() { d.close(rt) }()
		actions := map[string]func(*rapid.T){
			"":         func(rt *rapid.T) { d.get(rt, d.db, d.model) },
			"scan":     func(rt *rapid.T) { d.scan(rt, d.db, d.model) },
			"read":     d.readBeside,
			"snapshot": d.snapshot,
			"past":     d.readPast,
			"open":     func(rt *rapid.T) { d.close(rt); d.open(rt) },
			"compact":  func(rt *rapid.T) { d.offline(rt, store.Compact) },
			"repair":   func(rt *rapid.T) { d.offline(rt, repair) },
		}
		for i := range 4 { // half of all
			actions[fmt.Sprintf("apply %d", i)] = d.apply
		}
		rt.Repeat(actions)
	})
}

// fewer has rapid try n sequences instead of a hundred, unless the command line says how many.
func fewer(t *testing.T, n int) {
	f := flag.Lookup("rapid.checks")
	was := f.Value.String()
	if was != f.DefValue {
		return
	}
	if err := f.Value.Set(fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(was); err != nil {
			t.Error(err)
		}
	})
}

func (d *database) open(rt *rapid.T) {
	db, err := store.Open(context.Background(), d.path, store.Options{})
	if err != nil {
		rt.Fatal(err)
	}
	d.db = db
}

func (d *database) close(rt *rapid.T) {
	for _, s := range d.snaps {
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
	}
	d.snaps = nil
	if err := d.db.Close(); err != nil {
		rt.Fatal(err)
	}
}

// offline does something to the closed file, which must be in order then.
func (d *database) offline(rt *rapid.T, do func(context.Context, string) error) {
	d.close(rt)
	if err := do(context.Background(), d.path); err != nil {
		rt.Fatal(err)
	}
	report, err := store.Check(context.Background(), d.path)
	if err != nil || !report.OK() || report.Orphans > 0 {
		rt.Fatalf("Check() = %+v, %v", report, err)
	}
	d.open(rt)
}

func repair(ctx context.Context, path string) error {
	report, err := store.Repair(ctx, path)
	if err == nil && !report.OK() {
		err = fmt.Errorf("Repair() of a good file = %+v", report)
	}
	return errors.Join(err, os.Remove(report.Saved))
}

// apply writes a batch of any changes, in which keys may come more than once.
func (d *database) apply(rt *rapid.T) {
	var b store.Batch
	var created []bool
	for range rapid.IntRange(0, 12).Draw(rt, "changes") {
		bk, key := bucketGen.Draw(rt, "bucket"), keyGen.Draw(rt, "key")
		rec := store.Record{Key: key}
		switch kind := rapid.SampledFrom([]string{"once", "once", "put", "delete", "add"}).Draw(rt, "kind"); kind {
		case "once", "put":
			rec.Meta, rec.Body = metaGen.Draw(rt, "meta"), bodyGen.Draw(rt, "body")
			_, taken := d.model[bk][string(key)]
			if kind == "put" {
				b.Put(bk, key, rec.Meta, rec.Body)
			} else {
				b.PutOnce(bk, key, rec.Meta, rec.Body)
				created = append(created, !taken)
			}
			if kind == "put" || !taken {
				d.model[bk][string(key)] = rec
			}
		case "delete":
			b.Delete(bk, key)
			delete(d.model[bk], string(key))
		case "add":
			n := rapid.Int64Range(-1000, 1<<40).Draw(rt, "n")
			b.Add(key, n)
			if n != 0 {
				sum := store.Counter(d.model[store.Totals][string(key)]) + n
				d.model[store.Totals][string(key)] = store.Record{Key: key, Meta: binary.BigEndian.AppendUint64(nil, uint64(sum))}
			}
		}
	}
	res, err := d.db.Apply(context.Background(), &b)
	if err != nil {
		rt.Fatal(err)
	}
	if !slices.Equal(res.Created, created) {
		rt.Fatalf("Apply created %v; want %v", res.Created, created)
	}
}

func (d *database) get(rt *rapid.T, r store.Reader, m model) {
	bk, key, want := bucketGen.Draw(rt, "bucket"), keyGen.Draw(rt, "key"), fieldsGen.Draw(rt, "fields")
	got, err := r.Get(context.Background(), bk, key, want)
	rec, ok := m[bk][string(key)]
	if !ok && errors.Is(err, store.ErrNotFound) {
		return
	}
	if err != nil || !same(got, rec, want) {
		rt.Fatalf("Get(%s, %x) = %v, %v; want %v (there: %t)", bk, key, got, err, rec, ok)
	}
}

// scan reads any range of any bucket.
func (d *database) scan(rt *rapid.T, r store.Reader, m model) {
	bk, want := rapid.SampledFrom(append(slices.Clone(modelBuckets), store.Totals)).Draw(rt, "bucket"), fieldsGen.Draw(rt, "fields")
	var rg store.Range
	switch rapid.IntRange(0, 3).Draw(rt, "range") {
	case 0:
		rg = store.Prefix(keyGen.Draw(rt, "prefix"))
	case 1:
		rg = store.Range{From: keyGen.Draw(rt, "from"), To: keyGen.Draw(rt, "to")}
	}
	var expected []store.Record
	for _, rec := range m[bk] {
		if bytes.Compare(rec.Key, rg.From) >= 0 && (rg.To == nil || bytes.Compare(rec.Key, rg.To) < 0) {
			expected = append(expected, rec)
		}
	}
	slices.SortFunc(expected, func(a, b store.Record) int { return bytes.Compare(a.Key, b.Key) })
	n := 0
	for rec, err := range r.Scan(context.Background(), bk, rg, want) {
		if err != nil {
			rt.Fatal(err)
		}
		if n == len(expected) || !same(rec, expected[n], want) {
			rt.Fatalf("Scan(%s, %x) yields %v as record %d of %d", bk, rg, rec, n, len(expected))
		}
		n++
	}
	if n != len(expected) {
		rt.Fatalf("Scan(%s, %x) yields %d records; want %d", bk, rg, n, len(expected))
	}
}

func same(got, want store.Record, fields store.Fields) bool {
	if fields&store.WithMeta == 0 {
		want.Meta = nil
	}
	if fields&store.WithBody != store.WithBody {
		want.Body = nil
	}
	return bytes.Equal(got.Key, want.Key) && bytes.Equal(got.Meta, want.Meta) && bytes.Equal(got.Body, want.Body)
}

// readBeside reads through the socket, as another process would.
func (d *database) readBeside(rt *rapid.T) {
	r, err := store.OpenReader(context.Background(), d.path)
	if err != nil {
		rt.Fatal(err)
	}
	d.get(rt, r, d.model)
	d.scan(rt, r, d.model)
	if err := r.Close(); err != nil {
		rt.Fatal(err)
	}
}

func (d *database) snapshot(rt *rapid.T) {
	s, err := d.db.Snapshot(context.Background())
	if err != nil {
		rt.Fatal(err)
	}
	d.snaps = append(d.snaps, past{s, d.model.clone()})
}

// readPast reads a snapshot, which has seen nothing of what came after it, and lets it go.
func (d *database) readPast(rt *rapid.T) {
	if len(d.snaps) == 0 {
		rt.Skip("there is no snapshot")
	}
	i := rapid.IntRange(0, len(d.snaps)-1).Draw(rt, "snapshot")
	s := d.snaps[i]
	d.get(rt, s, s.model)
	d.scan(rt, s, s.model)
	d.snaps = slices.Delete(d.snaps, i, i+1)
	if err := s.Close(); err != nil {
		rt.Fatal(err)
	}
}
