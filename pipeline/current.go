package pipeline

import (
	"context"
	"errors"
	"iter"

	"openarena/configs"
	"openarena/pipeline/dataset"
	"openarena/store"
)

// Current returns a reader whose prompts are those of the files as they are now. Where the database has read them already
// that is r itself; else they are read into a store that scratch opens, and r's own stay as they are: commands that only
// read change nothing. A dataset whose files are gone is taken as the database has it.
func (a *Arena) Current(ctx context.Context, r store.Reader, scratch func() (store.Store, error)) (store.Reader, error) {
	var stale []configs.Dataset
	for _, d := range a.Config.Datasets {
		ok, err := a.upToDate(ctx, r, d)
		if err != nil {
			return nil, err
		}
		if !ok {
			stale = append(stale, d)
		}
	}
	if len(stale) == 0 {
		return r, nil
	}
	s, err := scratch()
	if err != nil {
		return nil, err
	}
	for _, d := range stale {
		if _, err := a.syncDataset(ctx, s, d); err != nil {
			return nil, err
		}
	}
	return overlay{over: s, under: r}, nil
}

// upToDate reports whether the database holds a dataset as its files are now.
func (a *Arena) upToDate(ctx context.Context, r store.Reader, d configs.Dataset) (bool, error) {
	m, err := readManifest(ctx, r, d)
	if errors.Is(err, errNotRead) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	source, err := dataset.Open(d, a.Config.Dir)
	if err != nil {
		return true, nil // the files are gone: the database is what there is
	}
	stat, err := source.Stat(ctx)
	if err != nil || stat == m.Stat {
		return true, nil
	}
	fingerprint, err := source.Fingerprint(ctx)
	return err != nil || fingerprint == m.Fingerprint, nil
}

// Empty is a reader of a database that is not there.
type Empty struct{}

// Get finds nothing.
func (Empty) Get(context.Context, store.Bucket, []byte, store.Fields) (store.Record, error) {
	return store.Record{}, store.ErrNotFound
}

// Scan yields nothing.
func (Empty) Scan(context.Context, store.Bucket, store.Range, store.Fields) iter.Seq2[store.Record, error] {
	return func(func(store.Record, error) bool) {}
}
