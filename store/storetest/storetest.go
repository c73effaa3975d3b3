// Package storetest is the suite that every store.Store must pass, whatever it keeps its records in.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"openarena/store"
)

// Run runs the suite. open returns an empty store, which the suite closes.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for name, test := range map[string]func(*testing.T, store.Store){
		"Get":         testGet,
		"PutOnce":     testPutOnce,
		"Batch":       testBatch,
		"Counters":    testCounters,
		"Scan":        testScan,
		"ScanMany":    testScanMany,
		"ScanWriting": testScanWriting,
		"Walk":        testWalk,
		"WalkOnly":    testWalkOnly,
		"Snapshot":    testSnapshot,
		"Concurrent":  testConcurrent,
		"Race":        testRace,
		"Atomic":      testAtomic,
		"ScanWritten": testScanWritten,
		"Long":        testLong,
		"EdgeKeys":    testEdgeKeys,
		"Reused":      testReused,
		"Model":       testModel,
		"Refused":     testRefused,
		"Cancelled":   testCancelled,
		"Closed":      testClosed,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			test(t, s)
			if err := s.Close(); err != nil {
				t.Errorf("Close() = %v", err)
			}
		})
	}
}

func apply(t *testing.T, s store.Store, fill func(b *store.Batch)) store.Result {
	t.Helper()
	var b store.Batch
	fill(&b)
	res, err := s.Apply(t.Context(), &b)
	if err != nil {
		t.Fatalf("Apply() = %v", err)
	}
	return res
}

func collect(t *testing.T, r store.Reader, bk store.Bucket, rg store.Range, want store.Fields) []store.Record {
	t.Helper()
	var all []store.Record
	for rec, err := range r.Scan(t.Context(), bk, rg, want) {
		if err != nil {
			t.Fatalf("Scan(%s) yields %v", bk, err)
		}
		all = append(all, store.Record{Key: bytes.Clone(rec.Key), Meta: bytes.Clone(rec.Meta), Body: bytes.Clone(rec.Body)})
	}
	return all
}

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	// Texts are long: they are compared as a whole, else cmp looks for the shortest edit.
	long := cmp.FilterValues(func(x, y []byte) bool { return len(x)+len(y) > 0 }, cmp.Comparer(bytes.Equal))
	if d := cmp.Diff(want, got, long, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func testGet(t *testing.T, s store.Store) {
	key, meta, body := []byte("key"), []byte("meta"), bytes.Repeat([]byte("body "), 5000)
	apply(t, s, func(b *store.Batch) {
		b.Put(store.Answers, key, meta, body)
		b.Put(store.Answers, []byte("no body"), meta, nil)
		b.Put(store.Answers, []byte("nothing"), nil, nil)
		b.Put(store.Answers, []byte("no meta"), nil, body)
	})
	for _, c := range []struct {
		why  string
		bk   store.Bucket
		key  string
		want store.Fields
		rec  store.Record
		err  error
	}{
		{"all of a record", store.Answers, "key", store.WithBody, store.Record{Key: key, Meta: meta, Body: body}, nil},
		{"only what is asked for: no body", store.Answers, "key", store.WithMeta, store.Record{Key: key, Meta: meta}, nil},
		{"only what is asked for: the key", store.Answers, "key", store.KeyOnly, store.Record{Key: key}, nil},
		{"a record may have no body", store.Answers, "no body", store.WithBody, store.Record{Key: []byte("no body"), Meta: meta}, nil},
		{"a record may have no meta", store.Answers, "no meta", store.WithBody, store.Record{Key: []byte("no meta"), Body: body}, nil},
		{"a record may be its key alone", store.Answers, "nothing", store.WithBody, store.Record{Key: []byte("nothing")}, nil},
		{"a key that is not there", store.Answers, "ke", store.WithBody, store.Record{}, store.ErrNotFound},
		{"buckets are apart", store.Judgments, "key", store.WithBody, store.Record{}, store.ErrNotFound},
	} {
		rec, err := s.Get(t.Context(), c.bk, []byte(c.key), c.want)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v; want %v", c.why, err, c.err)
		}
		if err == nil {
			diff(t, c.why, rec, c.rec)
		}
	}
	rec, err := s.Get(t.Context(), store.Answers, key, store.WithBody)
	if err != nil {
		t.Fatal(err)
	}
	clear(rec.Body)
	again, err := s.Get(t.Context(), store.Answers, key, store.WithBody)
	if err != nil || !bytes.Equal(again.Body, body) {
		t.Errorf("what Get returned was changed by its owner, and the store with it (error %v)", err)
	}
}

func testPutOnce(t *testing.T, s store.Store) {
	res := apply(t, s, func(b *store.Batch) {
		b.PutOnce(store.Answers, []byte("b"), []byte("first"), []byte("1"))
		b.Put(store.Answers, []byte("c"), nil, nil)
		b.PutOnce(store.Answers, []byte("a"), []byte("first"), []byte("1"))
		b.PutOnce(store.Answers, []byte("b"), []byte("second"), []byte("2"))
		b.PutOnce(store.Answers, []byte("c"), []byte("late"), nil)
	})
	diff(t, "created, in the order of the batch", res.Created, []bool{true, true, false, false})
	res = apply(t, s, func(b *store.Batch) { b.PutOnce(store.Answers, []byte("a"), []byte("third"), []byte("3")) })
	diff(t, "created in a later batch", res.Created, []bool{false})
	diff(t, "records", collect(t, s, store.Answers, store.Range{}, store.WithBody), []store.Record{
		{Key: []byte("a"), Meta: []byte("first"), Body: []byte("1")},
		{Key: []byte("b"), Meta: []byte("first"), Body: []byte("1")},
		{Key: []byte("c")},
	})
}

func testBatch(t *testing.T, s store.Store) {
	res := apply(t, s, func(b *store.Batch) {})
	diff(t, "an empty batch", res, store.Result{})
	apply(t, s, func(b *store.Batch) {
		b.Put(store.Answers, []byte("gone"), []byte("m"), []byte("text"))
		b.Put(store.Answers, []byte("changed"), []byte("m"), []byte("old text"))
		b.Put(store.Verdicts, []byte("v"), []byte("m"), nil)
	})
	apply(t, s, func(b *store.Batch) {
		b.Delete(store.Answers, []byte("gone"))
		b.Delete(store.Answers, []byte("never there"))
		b.Put(store.Answers, []byte("changed"), []byte("m2"), []byte("new text"))
		b.Put(store.Retired, []byte("gone"), []byte("m"), []byte("text"))
		b.Put(store.Answers, []byte("brief"), nil, []byte("1"))
		b.Delete(store.Answers, []byte("brief"))
		b.PutOnce(store.Answers, []byte("brief"), nil, []byte("2"))
	})
	diff(t, "answers", collect(t, s, store.Answers, store.Range{}, store.WithBody), []store.Record{
		{Key: []byte("brief"), Body: []byte("2")},
		{Key: []byte("changed"), Meta: []byte("m2"), Body: []byte("new text")},
	})
	diff(t, "retired", collect(t, s, store.Retired, store.Range{}, store.WithBody), []store.Record{
		{Key: []byte("gone"), Meta: []byte("m"), Body: []byte("text")},
	})
}

func testCounters(t *testing.T, s store.Store) {
	apply(t, s, func(b *store.Batch) {
		b.Add([]byte("in"), 5)
		b.Add([]byte("in"), 1<<40)
		b.Add([]byte("out"), -3)
		b.Add([]byte("zero"), 0)
	})
	apply(t, s, func(b *store.Batch) { b.Add([]byte("in"), -5) })
	got := map[string]int64{}
	for _, rec := range collect(t, s, store.Totals, store.Range{}, store.WithMeta) {
		got[string(rec.Key)] = store.Counter(rec)
	}
	diff(t, "counters", got, map[string]int64{"in": 1 << 40, "out": -3})
}

// testConcurrent has many callers put the same keys once: each key is created by exactly one.
func testConcurrent(t *testing.T, s store.Store) {
	const callers, keys = 16, 40
	var mu sync.Mutex
	winner := map[int]int{}
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for k := range keys {
				var b store.Batch
				b.PutOnce(store.Judgments, fmt.Appendf(nil, "%04d", k), fmt.Append(nil, c), fmt.Append(nil, "text of ", c))
				b.Add([]byte("calls"), 1)
				res, err := s.Apply(t.Context(), &b)
				if err != nil {
					t.Errorf("Apply() = %v", err)
					return
				}
				if res.Created[0] {
					mu.Lock()
					if other, twice := winner[k]; twice {
						t.Errorf("key %d was created by %d and by %d", k, other, c)
					}
					winner[k] = c
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for k, rec := range collect(t, s, store.Judgments, store.Range{}, store.WithBody) {
		if string(rec.Meta) != fmt.Sprint(winner[k]) || string(rec.Body) != fmt.Sprint("text of ", winner[k]) {
			t.Errorf("key %d has meta %q and body %q; %d created it", k, rec.Meta, rec.Body, winner[k])
		}
	}
	if len(winner) != keys {
		t.Errorf("%d keys were created; want %d", len(winner), keys)
	}
	if rec, err := s.Get(t.Context(), store.Totals, []byte("calls"), store.WithMeta); err != nil || store.Counter(rec) != callers*keys {
		t.Errorf("counter = %d, %v; want %d", store.Counter(rec), err, callers*keys)
	}
}

// testModel compares random batches with a map.
func testModel(t *testing.T, s store.Store) {
	rng := rand.New(rand.NewPCG(1, 2))
	model := map[string]store.Record{}
	for range 150 {
		var b store.Batch
		var want []bool
		for range 1 + rng.IntN(30) {
			key := fmt.Sprintf("%03d", rng.IntN(200))
			rec := store.Record{Key: []byte(key), Meta: fmt.Append(nil, rng.Uint32()), Body: bytes.Repeat([]byte{byte(rng.Uint32())}, rng.IntN(9000))}
			_, taken := model[key]
			switch rng.IntN(3) {
			case 0:
				b.PutOnce(store.Answers, rec.Key, rec.Meta, rec.Body)
				if want = append(want, !taken); !taken {
					model[key] = rec
				}
			case 1:
				b.Put(store.Answers, rec.Key, rec.Meta, rec.Body)
				model[key] = rec
			case 2:
				b.Delete(store.Answers, rec.Key)
				delete(model, key)
			}
		}
		res, err := s.Apply(t.Context(), &b)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "created", res.Created, want)
	}
	got := map[string]store.Record{}
	for _, rec := range collect(t, s, store.Answers, store.Range{}, store.WithBody) {
		got[string(rec.Key)] = rec
	}
	diff(t, "records after 150 batches", got, model)
}

func testRefused(t *testing.T, s store.Store) {
	for _, c := range []struct {
		why  string
		fill func(b *store.Batch)
	}{
		{"a bucket that does not exist", func(b *store.Batch) { b.Put(0, []byte("k"), nil, nil) }},
		{"one past the last bucket", func(b *store.Batch) { b.Put(store.Meta+1, []byte("k"), nil, nil) }},
		{"an empty key", func(b *store.Batch) { b.Put(store.Answers, nil, nil, nil) }},
		{"a counter without a name", func(b *store.Batch) { b.Add(nil, 1) }},
		{"totals are changed by Add only", func(b *store.Batch) { b.Put(store.Totals, []byte("k"), nil, nil) }},
		{"a key far too long", func(b *store.Batch) { b.Put(store.Answers, make([]byte, 1<<20), nil, nil) }},
	} {
		var b store.Batch
		b.Put(store.Answers, []byte("innocent"), nil, nil)
		c.fill(&b)
		if _, err := s.Apply(t.Context(), &b); err == nil {
			t.Errorf("%s: Apply() = nil; want an error", c.why)
		}
	}
	if n := len(collect(t, s, store.Answers, store.Range{}, store.KeyOnly)); n != 0 {
		t.Errorf("refused batches left %d records", n)
	}
	for _, err := range s.Scan(t.Context(), store.Meta+1, store.Range{}, store.KeyOnly) {
		if err == nil {
			t.Error("Scan of a bucket that does not exist yields a record")
		}
	}
	apply(t, s, func(b *store.Batch) { b.Put(store.Answers, []byte("innocent"), nil, nil) })
}

func testCancelled(t *testing.T, s store.Store) {
	many(t, s, 200)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range s.Scan(ctx, store.Answers, store.Range{}, store.KeyOnly) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Scan yields %v; want context.Canceled", err)
			}
			n = -1
			break
		}
		cancel()
		n++
	}
	if n != -1 {
		t.Errorf("a cancelled scan yields %d records and no error", n)
	}
	var b store.Batch
	b.Put(store.Answers, []byte("late"), nil, nil)
	if _, err := s.Apply(ctx, &b); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply = %v; want context.Canceled", err)
	}
	if _, err := s.Get(ctx, store.Answers, []byte("00000000"), store.KeyOnly); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v; want context.Canceled", err)
	}
}

func testClosed(t *testing.T, s store.Store) {
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var b store.Batch
	b.Put(store.Answers, []byte("k"), nil, nil)
	if _, err := s.Apply(t.Context(), &b); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Apply = %v; want ErrClosed", err)
	}
	if _, err := s.Get(t.Context(), store.Answers, []byte("k"), store.KeyOnly); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Get = %v; want ErrClosed", err)
	}
	if _, err := s.Snapshot(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Snapshot = %v; want ErrClosed", err)
	}
}
