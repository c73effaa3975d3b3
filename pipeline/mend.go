package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"openarena/store"
)

// Mend takes away what leans on records that a repair could not save, so that the next run makes it anew: verdicts whose
// judge's words are gone, and the notes that datasets and files of answers were read. It returns how many verdicts.
func Mend(ctx context.Context, s store.Store) (verdicts int, err error) {
	m := mender{bulk{store: s}}
	for _, read := range []struct {
		bucket store.Bucket
		prefix []byte
	}{{store.Datasets, []byte{kindManifest}}, {store.Meta, fileKey(ID{})[:1]}} {
		if _, err := m.drop(ctx, read.bucket, store.Prefix(read.prefix), func([]byte) (bool, error) { return true, nil }); err != nil {
			return 0, err
		}
	}
	verdicts, err = m.drop(ctx, store.Verdicts, store.Range{}, func(key []byte) (bool, error) { return m.wordless(ctx, key) })
	if err != nil {
		return verdicts, fmt.Errorf("looking for verdicts without words: %w", err)
	}
	return verdicts, nil
}

// mender deletes what a repair left without its ground.
type mender struct{ bulk }

func (m *mender) drop(ctx context.Context, bk store.Bucket, in store.Range, gone func(key []byte) (bool, error)) (n int, err error) {
	for rec, err := range m.store.Scan(ctx, bk, in, store.KeyOnly) {
		if err != nil {
			return n, err
		}
		is, err := gone(rec.Key)
		if err != nil {
			return n, err
		}
		if !is {
			continue
		}
		n++
		m.delete(bk, bytes.Clone(rec.Key))
		if err := m.spill(ctx); err != nil {
			return n, err
		}
	}
	return n, m.flush(ctx)
}

// wordless reports whether the reply that a verdict was read from is gone.
func (m *mender) wordless(ctx context.Context, verdict []byte) (bool, error) {
	rec, err := m.store.Get(ctx, store.Verdicts, verdict, store.WithMeta)
	if err != nil {
		return false, err
	}
	v, err := parseVerdict(rec.Meta)
	if err != nil {
		return false, err
	}
	k, err := parseVerdictKey(verdict)
	if err != nil || v.Attempts == 0 {
		return false, err
	}
	_, err = m.store.Get(ctx, store.Judgments, k.attempt(v.Attempts), store.KeyOnly)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	return false, err
}
