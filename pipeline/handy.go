package pipeline

import (
	"context"
	"slices"

	"openarena/store"
)

// handy reads small buckets whole, at the first question to each: where a question takes a way over the network, a hundred of
// them take long. It is for one goroutine.
type handy struct {
	store.Reader
	known map[store.Bucket]map[string]store.Record
}

func newHandy(r store.Reader) *handy { return &handy{r, map[store.Bucket]map[string]store.Record{}} }

// small are the buckets whose size depends on how many models there are, not on what they said.
func small(bk store.Bucket) bool { return bk == store.Totals || bk == store.Meta }

// Get implements store.Reader.
func (h *handy) Get(ctx context.Context, bk store.Bucket, key []byte, want store.Fields) (store.Record, error) {
	if !small(bk) {
		return h.Reader.Get(ctx, bk, key, want)
	}
	if h.known[bk] == nil {
		all := map[string]store.Record{}
		for rec, err := range h.Scan(ctx, bk, store.Range{}, store.WithBody) {
			if err != nil {
				return store.Record{}, err
			}
			all[string(rec.Key)] = store.Record{Key: slices.Clone(rec.Key), Meta: slices.Clone(rec.Meta), Body: slices.Clone(rec.Body)}
		}
		h.known[bk] = all
	}
	rec, ok := h.known[bk][string(key)]
	if !ok {
		return store.Record{}, store.ErrNotFound
	}
	return rec, nil
}
