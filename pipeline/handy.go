package pipeline

import (
	"bytes"
	"context"
	"iter"
	"slices"

	"openarena/store"
)

// handy reads small buckets whole, at the first question to each: where a question takes a way over the network, a hundred of
// them take long. It is for one goroutine.
type handy struct {
	store.Reader
	known map[store.Bucket][]store.Record
}

func newHandy(r store.Reader) *handy { return &handy{r, map[store.Bucket][]store.Record{}} }

// small are the buckets whose size depends on how many models there are, not on what they said.
func small(bk store.Bucket) bool { return bk == store.Totals || bk == store.Meta }

// Get implements store.Reader.
func (h *handy) Get(ctx context.Context, bk store.Bucket, key []byte, want store.Fields) (store.Record, error) {
	if !small(bk) {
		return h.Reader.Get(ctx, bk, key, want)
	}
	all, err := h.whole(ctx, bk)
	if err != nil {
		return store.Record{}, err
	}
	i, ok := slices.BinarySearchFunc(all, key, byKey)
	if !ok {
		return store.Record{}, store.ErrNotFound
	}
	return all[i], nil
}

// Scan implements store.Reader.
func (h *handy) Scan(ctx context.Context, bk store.Bucket, r store.Range, want store.Fields) iter.Seq2[store.Record, error] {
	if !small(bk) {
		return h.Reader.Scan(ctx, bk, r, want)
	}
	return func(yield func(store.Record, error) bool) {
		all, err := h.whole(ctx, bk)
		if err != nil {
			yield(store.Record{}, err)
			return
		}
		first, _ := slices.BinarySearchFunc(all, r.From, byKey)
		for _, rec := range all[first:] {
			if r.To != nil && bytes.Compare(rec.Key, r.To) >= 0 || !yield(rec, nil) {
				return
			}
		}
	}
}

// whole is all of a small bucket, in the order of its keys.
func (h *handy) whole(ctx context.Context, bk store.Bucket) ([]store.Record, error) {
	if all, ok := h.known[bk]; ok {
		return all, nil
	}
	var all []store.Record
	for rec, err := range h.Reader.Scan(ctx, bk, store.Range{}, store.WithBody) {
		if err != nil {
			return nil, err
		}
		all = append(all, rec.Clone())
	}
	h.known[bk] = all
	return all, nil
}

func byKey(rec store.Record, key []byte) int { return bytes.Compare(rec.Key, key) }
