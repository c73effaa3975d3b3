package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"openarena/store"
)

func testScan(t *testing.T, s store.Store) {
	keys := []string{"a", "a\x00", "ab", "b", "b\xff", "b\xff\xff", "c", "\xff", "\xff\xff"}
	apply(t, s, func(b *store.Batch) {
		for _, k := range keys {
			b.Put(store.Prompts, []byte(k), []byte("m"+k), []byte("body "+k))
		}
		b.Put(store.Datasets, []byte("other bucket"), nil, nil)
	})
	for _, c := range []struct {
		why  string
		r    store.Range
		want []string
	}{
		{"an open range is all", store.Range{}, keys},
		{"from is included", store.Range{From: []byte("ab")}, keys[2:]},
		{"from need not be a key", store.Range{From: []byte("aa")}, keys[2:]},
		{"to is excluded", store.Range{To: []byte("b")}, keys[:3]},
		{"to need not be a key", store.Range{From: []byte("b"), To: []byte("bz")}, keys[3:4]},
		{"a range may be empty", store.Range{From: []byte("d"), To: []byte("e")}, nil},
		{"an inverted range is empty", store.Range{From: []byte("c"), To: []byte("a")}, nil},
		{"a prefix", store.Prefix([]byte("a")), keys[:3]},
		{"a prefix that ends in ff", store.Prefix([]byte("b\xff")), keys[4:6]},
		{"a prefix of ff alone is open at its end", store.Prefix([]byte("\xff")), keys[7:]},
		{"the empty prefix is all", store.Prefix(nil), keys},
	} {
		var got []string
		for _, rec := range collect(t, s, store.Prompts, c.r, store.WithBody) {
			got = append(got, string(rec.Key))
			if string(rec.Meta) != "m"+string(rec.Key) || string(rec.Body) != "body "+string(rec.Key) {
				t.Errorf("%s: key %q has meta %q and body %q", c.why, rec.Key, rec.Meta, rec.Body)
			}
		}
		diff(t, c.why, got, c.want)
	}
	for rec := range s.Scan(t.Context(), store.Prompts, store.Range{}, store.KeyOnly) {
		if rec.Meta != nil || rec.Body != nil {
			t.Errorf("KeyOnly yields meta %q and body %q", rec.Meta, rec.Body)
		}
		break
	}
}

// many writes n records whose bodies differ in length, and returns their keys in order.
func many(t *testing.T, s store.Store, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("%08d", i)
	}
	for part := range slices.Chunk(keys, 500) {
		apply(t, s, func(b *store.Batch) {
			for _, k := range part {
				b.Put(store.Answers, []byte(k), []byte(k), body(k))
			}
		})
	}
	return keys
}

func body(key string) []byte {
	return bytes.Repeat([]byte(key), int(key[len(key)-1]-'0')*int(key[len(key)-2]-'0')*4)
}

func testScanMany(t *testing.T, s store.Store) {
	keys := many(t, s, 3000)
	i := 0
	for rec, err := range s.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			t.Fatal(err)
		}
		if string(rec.Key) != keys[i] || !bytes.Equal(rec.Body, body(keys[i])) {
			t.Fatalf("record %d has key %q; want %q, and its body", i, rec.Key, keys[i])
		}
		i++
	}
	if i != len(keys) {
		t.Errorf("Scan yields %d records; want %d", i, len(keys))
	}
}

// testScanWriting writes from inside a scan: no lock may be held while the loop's body runs.
func testScanWriting(t *testing.T, s store.Store) {
	keys := many(t, s, 600)
	n := 0
	for rec, err := range s.Scan(t.Context(), store.Answers, store.Range{}, store.KeyOnly) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%40 == 0 {
			key := bytes.Clone(rec.Key)
			apply(t, s, func(b *store.Batch) { b.Put(store.Verdicts, key, nil, bytes.Repeat(key, 10_000)) })
		}
	}
	if n != len(keys) {
		t.Errorf("Scan yields %d records; want %d", n, len(keys))
	}
}

func testSnapshot(t *testing.T, s store.Store) {
	many(t, s, 300)
	snap, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := collect(t, snap, store.Answers, store.Range{}, store.WithBody)
	apply(t, s, func(b *store.Batch) {
		for _, rec := range before[:150] {
			b.Delete(store.Answers, rec.Key)
		}
		b.Put(store.Answers, []byte("new"), nil, bytes.Repeat([]byte("x"), 1<<20))
	})
	diff(t, "the snapshot after a commit", collect(t, snap, store.Answers, store.Range{}, store.WithBody), before)
	if n := len(collect(t, s, store.Answers, store.Range{}, store.KeyOnly)); n != 151 {
		t.Errorf("the store has %d records; want 151", n)
	}
	if rec, err := snap.Get(t.Context(), store.Answers, before[0].Key, store.WithBody); err != nil || !bytes.Equal(rec.Body, before[0].Body) {
		t.Errorf("Get of a record deleted after the snapshot = %v", err)
	}
	if _, err := snap.Get(t.Context(), store.Answers, []byte("new"), store.KeyOnly); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of a record made after the snapshot = %v; want ErrNotFound", err)
	}
	if err := errors.Join(snap.Close(), snap.Close()); err != nil {
		t.Errorf("Close, twice = %v", err)
	}
	if _, err := snap.Get(t.Context(), store.Answers, before[0].Key, store.KeyOnly); err == nil {
		t.Error("a closed snapshot still reads")
	}
}
