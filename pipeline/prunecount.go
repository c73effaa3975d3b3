package pipeline

import (
	"context"
	"errors"

	"openarena/store"
)

// PruneCount counts what Prune would remove. It needs no more than a reader, such as one of a run that is active.
func (a *Arena) PruneCount(ctx context.Context, r store.Reader) (Pruned, error) {
	return a.Prune(ctx, unchanging{r}, true)
}

// errUnchanging: a count tried to write. That is a mistake of ours.
var errUnchanging = errors.New("counting changes nothing")

// unchanging is a reader where a store is asked for.
type unchanging struct{ store.Reader }

// Apply refuses.
func (unchanging) Apply(context.Context, *store.Batch) (store.Result, error) {
	return store.Result{}, errUnchanging
}

// Snapshot is the reader itself, which does not change.
func (u unchanging) Snapshot(context.Context) (store.Snapshot, error) { return u, nil }

// Close leaves the reader to its owner.
func (unchanging) Close() error { return nil }
