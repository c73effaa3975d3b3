package pipeline

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"openarena/store"
)

// overlay lays one reader over another: a record of the upper one hides that of the lower one under the same key. Of the
// contestants in replaced only the answers of the upper one count.
type overlay struct {
	over, under store.Reader
	replaced    map[ID]bool
}

// Get implements store.Reader.
func (o overlay) Get(ctx context.Context, bk store.Bucket, key []byte, want store.Fields) (store.Record, error) {
	rec, err := o.over.Get(ctx, bk, key, want)
	if errors.Is(err, store.ErrNotFound) && !o.hides(bk, key) {
		return o.under.Get(ctx, bk, key, want)
	}
	return rec, err
}

// hides reports whether a record of the lower reader does not count.
func (o overlay) hides(bk store.Bucket, key []byte) bool {
	if bk != store.Answers || len(o.replaced) == 0 {
		return false
	}
	k, err := parseAnswerKey(key)
	return err == nil && o.replaced[k.Contestant]
}

// Scan implements store.Reader.
func (o overlay) Scan(ctx context.Context, bk store.Bucket, r store.Range, want store.Fields) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		next, stop := iter.Pull2(o.over.Scan(ctx, bk, r, want))
		defer stop()
		upper, err, more := next()
		for lower, lowerErr := range o.under.Scan(ctx, bk, r, want) {
			for more && (err != nil || lowerErr == nil && bytes.Compare(upper.Key, lower.Key) < 0) {
				if !yield(upper, err) {
					return
				}
				upper, err, more = next()
			}
			if more && lowerErr == nil && bytes.Equal(upper.Key, lower.Key) {
				continue // the upper one comes with the next step
			}
			if lowerErr == nil && o.hides(bk, lower.Key) {
				continue
			}
			if !yield(lower, lowerErr) {
				return
			}
		}
		for more && yield(upper, err) {
			upper, err, more = next()
		}
	}
}
