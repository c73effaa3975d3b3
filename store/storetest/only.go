package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"openarena/store"
)

// testWalkOnly: a walk that wants the keys of one among many gives those that a whole walk has of it, in the range, in order.
func testWalkOnly(t *testing.T, s store.Store) {
	const prompts, owners = 40, 50
	apply(t, s, func(b *store.Batch) {
		for p := range byte(prompts) {
			for o := range byte(owners) {
				if (p+o)%7 > 0 {
					b.PutOnce(store.Answers, []byte{p, 0xff, o, 0}, []byte{o}, nil)
					b.PutOnce(store.Answers, []byte{p, 0xff, o, 1}, []byte{o}, nil)
				}
			}
			b.PutOnce(store.Answers, []byte{p, 0xff}, nil, nil) // too short to be anybody's
		}
		b.PutOnce(store.Answers, []byte{0xff, 0xff, 0xff, 0xff}, nil, nil)
	})
	in := store.Range{From: []byte{3}, To: []byte{37}}
	for _, of := range [][]byte{{0xff, 0}, {0xff, owners / 2}, {0xff, owners - 1}, {0xff, owners}, {0}} {
		for _, r := range []store.Range{in, {}} {
			var want, got []string
			for rec, err := range s.Scan(t.Context(), store.Answers, r, store.WithMeta) {
				if err != nil {
					t.Fatal(err)
				}
				if len(rec.Key) > 1 && bytes.HasPrefix(rec.Key[1:], of) {
					want = append(want, fmt.Sprint(rec.Key, rec.Meta))
				}
			}
			c := store.Walk(t.Context(), s, store.Answers, r, store.WithMeta)
			c.Only(1, of)
			for {
				rec, err := c.Next()
				if err != nil {
					t.Fatal(err)
				}
				if rec == nil {
					break
				}
				got = append(got, fmt.Sprint(rec.Key, rec.Meta))
			}
			c.Close()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("a walk over %v along those of %v gave %d records; want %d:\n%v\n%v", r, of, len(got), len(want), got, want)
			}
		}
	}
}
