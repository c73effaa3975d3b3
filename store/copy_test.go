package store_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"openarena/store"
)

// filled is a database with records in every bucket, large enough for several commits.
func filled(t *testing.T, records int) *store.DB {
	t.Helper()
	db := opened(t)
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		var b store.Batch
		for i := range records {
			key := binary.BigEndian.AppendUint32([]byte{byte(bk)}, uint32(i))
			if bk == store.Totals {
				b.Add(key, int64(i+1))
				continue
			}
			b.PutOnce(bk, key, fmt.Appendf(nil, "meta %d", i), []byte(strings.Repeat("x", i%5*1000)))
		}
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func opened(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// alike demands that two databases hold the same.
func alike(t *testing.T, a, b store.Reader) {
	t.Helper()
	all, err := store.Compare(t.Context(), a, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if !c.Equal() || len(c.Keys) > 0 {
			t.Errorf("%s: %+v; want both the same", c.Bucket, c)
		}
	}
}

// dying fails at the commit of a number: before it, or after it was made.
type dying struct {
	store.Store
	after bool
	mu    sync.Mutex
	left  int
}

var errDied = errors.New("died")

func (d *dying) Apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	d.mu.Lock()
	d.left--
	left := d.left
	d.mu.Unlock()
	if left > 0 {
		return d.Store.Apply(ctx, b)
	}
	if left == 0 && d.after {
		d.Store.Apply(ctx, b)
	}
	return store.Result{}, errDied
}

// TestCopyGoesOn kills a copy at every commit, before and after it, and has the next one go on.
func TestCopyGoesOn(t *testing.T) {
	t.Parallel()
	from := filled(t, 1000)
	for _, after := range []bool{false, true} {
		to, died := opened(t), 0
		for at := 2; ; at += 2 {
			_, err := store.Copy(t.Context(), from, &dying{Store: to, left: at, after: after}, nil)
			if err == nil {
				break
			}
			if !errors.Is(err, errDied) {
				t.Fatalf("Copy that is killed = %v; want %v", err, errDied)
			}
			if died++; at > 100 {
				t.Fatal("100 copies did not end; want one that makes so many commits to")
			}
		}
		if died < 2 {
			t.Errorf("the copy was killed %d times; want several commits to be interrupted", died)
		}
		alike(t, from, to)
	}
}

func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	from, other := filled(t, 10), filled(t, 11)
	if _, err := store.Copy(t.Context(), from, opened(t), nil); err != nil {
		t.Errorf("Copy into an empty database = %v; want none", err)
	}
	var b store.Batch
	b.Put(store.Answers, []byte("mine"), nil, []byte("other"))
	b.Put(store.Prompts, []byte{0}, nil, []byte("other"))
	if _, err := other.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Copy(t.Context(), from, other, nil); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("Copy into another database = %v; want %v", err, store.ErrNotEmpty)
	}
	half := opened(t)
	if _, err := store.Copy(t.Context(), filled(t, 1500), &dying{Store: half, left: 2, after: true}, nil); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	if _, err := store.Copy(t.Context(), other, half, nil); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("Copy into a part of another = %v; want %v", err, store.ErrNotEmpty)
	}
	if _, err := store.Copy(t.Context(), half, opened(t), nil); !errors.Is(err, store.ErrUnfinished) {
		t.Errorf("Copy of a part = %v; want %v", err, store.ErrUnfinished)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	a, b := filled(t, 20), filled(t, 20)
	alike(t, a, b)
	var batch store.Batch
	batch.Put(store.Answers, []byte{byte(store.Answers), 0, 0, 0, 3}, []byte("meta 3"), []byte("another"))
	batch.Delete(store.Answers, []byte{byte(store.Answers), 0, 0, 0, 4})
	batch.PutOnce(store.Answers, []byte("~"), nil, nil)
	for i := range 9 {
		batch.PutOnce(store.Votes, []byte{0, byte(i)}, nil, nil)
	}
	batch.Add([]byte{byte(store.Totals), 0, 0, 0, 1}, 1)
	if _, err := b.Apply(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	all, err := store.Compare(t.Context(), a, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[store.Bucket]string{}
	for _, c := range all {
		if c.Equal() != (len(c.Keys) == 0) {
			t.Errorf("%s: sums agree: %t, with %d differences; want one to follow from the other", c.Bucket, c.Equal(), len(c.Keys))
		}
		for _, d := range c.Keys {
			got[c.Bucket] += d.Key + " " + d.How + ";"
		}
		if c.More > 0 {
			got[c.Bucket] += fmt.Sprint(" and ", c.More)
		}
	}
	want := map[store.Bucket]string{
		store.Answers: "0300000003 differs;0300000004 only in A;7e only in B;",
		store.Votes:   "0000 only in B;0001 only in B;0002 only in B;0003 only in B;0004 only in B; and 4",
		store.Totals:  "0a00000001 differs;",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("Compare tells\n%v; want\n%v", got, want)
	}
}
