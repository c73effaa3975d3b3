package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

// TestSkip: who walks along the keys of one among many looks at about as many keys as it wants, however many others there are.
func TestSkip(t *testing.T) {
	for _, c := range []struct {
		owners, most int // keys looked at, for 100 prompts
	}{{1, 100}, {2, 240}, {16, 2300}, {64, 500}, {200, 500}} {
		t.Run(fmt.Sprint(c.owners), func(t *testing.T) {
			b, err := bbolt.Open(filepath.Join(t.TempDir(), "x.db"), 0o600, &bbolt.Options{NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			name := []byte("b")
			key := func(prompt, owner, sample int) []byte { return []byte{byte(prompt), 7, byte(owner), byte(sample)} }
			err = b.Update(func(tx *bbolt.Tx) error {
				in, err := tx.CreateBucket(name)
				for prompt := range 100 {
					for owner := range c.owners {
						for sample := range 1 + prompt%2 {
							if err == nil && (owner != 0 || prompt%3 > 0) { // the first lacks some
								err = in.Put(key(prompt, owner, sample), nil)
							}
						}
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, owner := range []int{0, c.owners / 2, c.owners - 1} {
				is := []byte{7, byte(owner)}
				b.View(func(tx *bbolt.Tx) error {
					s := skipping{Cursor: tx.Bucket(name).Cursor(), in: Range{To: []byte{90}, at: 1, is: is}}
					found := 0
					for k, _ := s.from(nil); k != nil && k[0] < 90; k, _ = s.next() {
						if !bytes.Equal(k[1:3], is) {
							t.Fatalf("owner %d: it stands at %v", owner, k)
						}
						found++
					}
					want := 135
					if owner == 0 {
						want = 90
					}
					if found != want || s.looks > c.most {
						t.Errorf("owner %d of %d: found %d keys and looked at %d; want %d, and at most %d", owner, c.owners, found, s.looks, want, c.most)
					}
					return nil
				})
			}
		})
	}
}
