package pipeline

import (
	"context"

	"openarena/store"
)

// Limits of one commit of a bulk. A set of small rows fills it by count, texts fill it by size.
const (
	bulkChanges = 3000
	bulkBytes   = 1 << 20
)

// bulk makes many changes in few commits, so that neither every row waits for the disk nor the whole lies in memory. What is
// added between two calls of spill is committed together: callers spill where a crash may fall. The store is only
// changed by spill and flush. Keys, metas and bodies must not change after they were given.
type bulk struct {
	store   store.Store
	batch   store.Batch
	changes int // in batch
	bytes   int // the same
	created int // records that putOnce found missing, of what is committed
}

func (b *bulk) put(bk store.Bucket, key, meta, body []byte) {
	b.batch.Put(bk, key, meta, body)
	b.grow(len(key) + len(meta) + len(body))
}

func (b *bulk) putOnce(bk store.Bucket, key, meta, body []byte) {
	b.batch.PutOnce(bk, key, meta, body)
	b.grow(len(key) + len(meta) + len(body))
}

func (b *bulk) delete(bk store.Bucket, key []byte) {
	b.batch.Delete(bk, key)
	b.grow(len(key))
}

func (b *bulk) grow(n int) {
	b.changes++
	b.bytes += n
}

// empty reports whether everything that was added is committed.
func (b *bulk) empty() bool { return b.changes == 0 }

// spill commits if there is enough for a commit.
func (b *bulk) spill(ctx context.Context) error {
	if b.changes < bulkChanges && b.bytes < bulkBytes {
		return nil
	}
	return b.flush(ctx)
}

// flush commits what is left. After an error the bulk is of no use any more.
func (b *bulk) flush(ctx context.Context) error {
	if b.empty() {
		return nil
	}
	result, err := b.store.Apply(ctx, &b.batch)
	for _, created := range result.Created {
		if created {
			b.created++
		}
	}
	b.batch, b.changes, b.bytes = store.Batch{}, 0, 0
	return err
}
