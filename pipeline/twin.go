package pipeline

import (
	"bytes"
	"context"
	"openarena/store"
)

// twin walks a store beside a source: from the first key that is asked for, and no further than the last.
type twin struct {
	reader store.Reader
	bucket store.Bucket
	cursor *store.Cursor
	rec    *store.Record
}

// at is what the store has under a key; nil: nothing. Keys ascend from call to call.
func (t *twin) at(ctx context.Context, key []byte) (*store.Record, error) {
	if t.cursor == nil {
		want := store.WithBody
		if t.bucket == store.Answers || t.bucket == store.Judgments || t.bucket == store.Prompts {
			want = store.WithMeta // has the digest of the text; a prompt's key is one
		}
		t.cursor = store.Walk(ctx, t.reader, t.bucket, store.Range{From: bytes.Clone(key)}, want)
		if err := t.step(); err != nil {
			return nil, err
		}
	}
	for t.rec != nil && bytes.Compare(t.rec.Key, key) < 0 {
		if err := t.step(); err != nil {
			return nil, err
		}
	}
	if t.rec == nil || !bytes.Equal(t.rec.Key, key) {
		return nil, nil
	}
	return t.rec, nil
}

func (t *twin) step() (err error) {
	t.rec, err = t.cursor.Next()
	return err
}

func (t *twin) close() {
	if t.cursor != nil {
		t.cursor.Close()
	}
}
