package pipeline

import (
	"context"
	"errors"
	"iter"
	"testing"

	"openarena/store"
)

// endedReader is one whose run has ended.
type endedReader struct{ store.Reader }

func (endedReader) Scan(context.Context, store.Bucket, store.Range, store.Fields) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) { yield(store.Record{}, store.ErrClosed) }
}

// TestWalkSaysWhatFailed: an error of the reader is told as it is, so that whoever looks can look again.
func TestWalkSaysWhatFailed(t *testing.T) {
	g := newGroups(t.Context(), endedReader{}, store.Answers, everything, store.WithMeta)
	defer g.close()
	if g.next(&Hash{}) || !errors.Is(g.err, store.ErrClosed) {
		t.Errorf("the error of a walk is %v; want that of its reader", g.err)
	}
}
