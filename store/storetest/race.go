package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"openarena/store"
)

// testRace has 64 callers put one key at the same moment, again and again: one of them creates it, and what it wrote is there.
func testRace(t *testing.T, s store.Store) {
	const callers, rounds = 64, 8
	for round := range rounds {
		key := fmt.Appendf(nil, "round %d", round)
		var created [callers]bool
		start := make(chan struct{})
		var wg sync.WaitGroup
		for c := range callers {
			wg.Go(func() {
				var b store.Batch
				b.PutOnce(store.Verdicts, key, fmt.Append(nil, c), nil)
				<-start
				res, err := s.Apply(t.Context(), &b)
				if err != nil {
					t.Errorf("Apply() = %v", err)
					return
				}
				created[c] = res.Created[0]
			})
		}
		close(start)
		wg.Wait()
		winners := []int{}
		for c, won := range created {
			if won {
				winners = append(winners, c)
			}
		}
		rec, err := s.Get(t.Context(), store.Verdicts, key, store.WithMeta)
		if len(winners) != 1 || err != nil || string(rec.Meta) != fmt.Sprint(winners[0]) {
			t.Errorf("%v of %d callers created a key, and it holds %q, %v; want one, and what it wrote", winners, callers, rec.Meta, err)
		}
	}
}

// testAtomic gives up many calls of Apply in the middle: each batch is there as a whole or not at all, and a counter says how
// many are.
func testAtomic(t *testing.T, s store.Store) {
	const callers, batches = 8, 25
	var acknowledged atomic.Int64
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(c), 7))
			for i := range batches {
				key := fmt.Appendf(nil, "%02d %03d", c, i)
				var b store.Batch
				b.PutOnce(store.Answers, key, nil, bytes.Repeat(key, 500))
				b.Put(store.Judgments, key, key, nil)
				b.Add([]byte("batches"), 1)
				ctx, cancel := context.WithCancel(t.Context())
				ended, turns := make(chan struct{}), rng.IntN(3)*2000
				go func() { // now, or after a while
					for range turns {
						select {
						case <-ended:
						default:
						}
					}
					cancel()
				}()
				_, err := s.Apply(ctx, &b)
				close(ended)
				if err == nil {
					acknowledged.Add(1)
				} else if !errors.Is(err, context.Canceled) {
					t.Errorf("Apply() = %v", err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	// A batch that was given up may still be on its way: it is before this one.
	apply(t, s, func(b *store.Batch) { b.Put(store.Votes, []byte("last"), nil, nil) })
	answers := collect(t, s, store.Answers, store.Range{}, store.KeyOnly)
	diff(t, "keys of the second part of batches and of the first", collect(t, s, store.Judgments, store.Range{}, store.KeyOnly), answers)
	rec, err := s.Get(t.Context(), store.Totals, []byte("batches"), store.WithMeta)
	if err != nil && !errors.Is(err, store.ErrNotFound) || store.Counter(rec) != int64(len(answers)) {
		t.Errorf("the counter says %d batches, %v; there are %d", store.Counter(rec), err, len(answers))
	}
	if n := int(acknowledged.Load()); n > len(answers) {
		t.Errorf("%d batches were acknowledged, and %d are there", n, len(answers))
	}
}

// testScanWritten writes between and over the keys of a scan that goes on: what was there before it began is yielded once
// each, in order, and nothing twice.
func testScanWritten(t *testing.T, s store.Store) {
	keys := many(t, s, 1500)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		rng := rand.New(rand.NewPCG(5, 6))
		for {
			select {
			case <-stop:
				return
			default:
			}
			var b store.Batch
			for range 20 {
				key := keys[rng.IntN(len(keys))]
				b.Put(store.Answers, []byte(key), []byte("anew"), bytes.Repeat([]byte("new text"), rng.IntN(500)))
				b.PutOnce(store.Answers, fmt.Append(nil, key, "+", rng.IntN(10)), nil, nil)
			}
			if _, err := s.Apply(t.Context(), &b); err != nil {
				t.Errorf("Apply() = %v", err)
				return
			}
		}
	}()
	for range 3 {
		var last []byte
		old := 0
		for rec, err := range s.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
			if err != nil {
				t.Errorf("Scan yields %v", err)
				break
			}
			if last != nil && bytes.Compare(rec.Key, last) <= 0 {
				t.Errorf("%q comes behind %q", rec.Key, last)
			}
			last = bytes.Clone(rec.Key)
			if len(rec.Key) == len(keys[0]) {
				old++
			}
		}
		if old != len(keys) {
			t.Errorf("a scan beside a writer yields %d of %d records that were there before", old, len(keys))
		}
	}
	close(stop)
	<-stopped
}

// testLong keeps a text of 1 MB, of all bytes, among short ones.
func testLong(t *testing.T, s store.Store) {
	long := make([]byte, 1<<20)
	for i := range long {
		long[i] = byte(i*i>>8 ^ i)
	}
	want := []store.Record{{Key: []byte("a"), Body: []byte("short")}, {Key: []byte("b"), Meta: long[:1000], Body: long}, {Key: []byte("c"), Body: []byte{0}}}
	apply(t, s, func(b *store.Batch) {
		for _, r := range want {
			b.Put(store.Answers, r.Key, r.Meta, r.Body)
		}
	})
	diff(t, "a scan over a long text", collect(t, s, store.Answers, store.Range{}, store.WithBody), want)
	rec, err := s.Get(t.Context(), store.Answers, []byte("b"), store.WithBody)
	if err != nil || !bytes.Equal(rec.Body, long) || !bytes.Equal(rec.Meta, long[:1000]) {
		t.Errorf("Get of a long text = %d bytes, %v; want %d, the same ones", len(rec.Body), err, len(long))
	}
}

// testEdgeKeys uses the keys at both ends of the order, and metas and bodies that look like nothing.
func testEdgeKeys(t *testing.T, s store.Store) {
	zeros, ones := make([]byte, 200), bytes.Repeat([]byte{0xff}, 200)
	keys := [][]byte{{0}, {0, 0}, zeros, {0, 1}, {'\\', 'x', '0', '0'}, {0x7f}, {0x80}, {0xc3, 0x28}, {0xff}, {0xff, 0}, {0xff, 0xff}, ones}
	var want []store.Record
	apply(t, s, func(b *store.Batch) {
		for i, k := range keys {
			r := store.Record{Key: k, Meta: keys[len(keys)-1-i], Body: k}
			want = append(want, r)
			b.PutOnce(store.Prompts, r.Key, r.Meta, r.Body)
		}
	})
	diff(t, "all keys", collect(t, s, store.Prompts, store.Range{}, store.WithBody), want)
	diff(t, "from a key of zeros", collect(t, s, store.Prompts, store.Range{From: []byte{0, 0}}, store.WithBody), want[1:])
	diff(t, "to a key of ones", collect(t, s, store.Prompts, store.Range{To: ones}, store.WithBody), want[:len(want)-1])
	for _, r := range want {
		rec, err := s.Get(t.Context(), store.Prompts, r.Key, store.WithBody)
		if err != nil {
			t.Errorf("Get(%x) = %v", r.Key, err)
		}
		diff(t, fmt.Sprintf("key %x", r.Key), rec, r)
	}
	apply(t, s, func(b *store.Batch) {
		for _, k := range keys[1:] {
			b.Delete(store.Prompts, k)
		}
	})
	diff(t, "all that was not deleted", collect(t, s, store.Prompts, store.Range{}, store.WithBody), want[:1])
}

// testReused uses the bytes of a batch again as soon as Apply has returned because its context ended.
func testReused(t *testing.T, s store.Store) {
	text := []byte("the text that was given")
	for i := range 20 {
		key, body := fmt.Appendf(nil, "%04d", i), bytes.Clone(text)
		ctx, cancel := context.WithCancel(t.Context())
		var b store.Batch
		b.Put(store.Answers, key, body, body)
		go cancel()
		_, err := s.Apply(ctx, &b)
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Apply() = %v", err)
		}
		clear(body)
		clear(key)
	}
	apply(t, s, func(b *store.Batch) { b.Put(store.Votes, []byte("last"), nil, nil) })
	for _, rec := range collect(t, s, store.Answers, store.Range{}, store.WithBody) {
		if !bytes.Equal(rec.Body, text) || !bytes.Equal(rec.Meta, text) || rec.Key[0] == 0 {
			t.Errorf("%q holds %q; want what was given", rec.Key, rec.Body)
		}
	}
}
