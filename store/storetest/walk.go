package storetest

import (
	"bytes"
	"slices"
	"testing"

	"openarena/store"
)

// testWalk has two cursors walk in turns, of which one stops early, over the store, a snapshot, and a reader that has
// nothing but the methods of Reader.
func testWalk(t *testing.T, s store.Store) {
	keys := many(t, s, 2000)
	snapshot, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	for name, r := range map[string]store.Reader{"store": s, "snapshot": snapshot, "plain reader": struct{ store.Reader }{s}} {
		long := store.Walk(t.Context(), r, store.Answers, store.Range{}, store.WithBody)
		short := store.Walk(t.Context(), r, store.Answers, store.Range{From: []byte(keys[100]), To: []byte(keys[700])}, store.KeyOnly)
		var got [2][]string
		for more := true; more; {
			more = false
			for i, c := range []*store.Cursor{long, short} {
				rec, err := c.Next()
				if err != nil {
					t.Fatalf("%s: Next() = %v", name, err)
				}
				if rec == nil {
					continue
				}
				more = true
				got[i] = append(got[i], string(rec.Key))
				if want := body(string(rec.Key)); i == 0 && !bytes.Equal(rec.Body, want) {
					t.Fatalf("%s: the body of %q has %d bytes; want %d", name, rec.Key, len(rec.Body), len(want))
				}
			}
			if len(got[1]) == 500 {
				short.Close()
			}
		}
		if !slices.Equal(got[0], keys) {
			t.Errorf("%s: a walk over all yields %d records; want %d in order", name, len(got[0]), len(keys))
		}
		if !slices.Equal(got[1], keys[100:600]) {
			t.Errorf("%s: a walk closed after 500 records yields %d", name, len(got[1]))
		}
		long.Close()
		if rec, err := long.Next(); rec != nil || err != nil {
			t.Errorf("%s: Next() after Close = %v, %v; want nothing", name, rec, err)
		}
	}
}
