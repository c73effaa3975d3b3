package pipeline

import (
	"bytes"
	"testing"

	"openarena/store"
)

func TestBulk(t *testing.T) {
	for _, test := range []struct {
		why             string
		groups, records int // records are added together, then spilled
		size            int // bytes of each
		want            int // commits, the last flush included
	}{
		{"nothing is no commit", 0, 0, 0, 0},
		{"what is little waits for flush", 10, 1, 10, 1},
		{"many small records are committed by count", 2*bulkChanges + 1, 1, 1, 3},
		{"few large ones by size", 7, 1, bulkBytes / 2, 4},
		{"what belongs together is not torn apart", 2, 2 * bulkChanges, 1, 2},
	} {
		s := &counting{Store: offline(t).open()}
		b := bulk{store: s}
		body := bytes.Repeat([]byte{'x'}, test.size)
		n := uint16(0)
		for range test.groups {
			for range test.records {
				n++
				b.putOnce(store.Prompts, []byte{byte(n >> 8), byte(n)}, nil, body)
			}
			if err := b.spill(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.commits != test.want || b.created != int(n) || !b.empty() {
			t.Errorf("%s: %d commits of %d new records, empty: %t; want %d of %d", test.why, s.commits, b.created, b.empty(), test.want, n)
		}
	}
}

func TestBulkDoesWhatItIsToldInOrder(t *testing.T) {
	b := bulk{store: offline(t).open()}
	key := []byte("key")
	b.putOnce(store.Prompts, key, []byte("first"), nil)
	b.put(store.Prompts, key, []byte("second"), nil)
	b.putOnce(store.Prompts, key, []byte("third"), nil)
	b.put(store.Prompts, []byte("gone"), nil, nil)
	b.delete(store.Prompts, []byte("gone"))
	if err := b.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	rec, err := b.store.Get(t.Context(), store.Prompts, key, store.WithMeta)
	if err != nil || string(rec.Meta) != "second" || b.created != 1 {
		t.Errorf("the record is %q (%v) and %d are new; want the second and one", rec.Meta, err, b.created)
	}
	if _, err := b.store.Get(t.Context(), store.Prompts, []byte("gone"), store.KeyOnly); err == nil {
		t.Error("what was deleted is there")
	}
}
