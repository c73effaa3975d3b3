package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"openarena/store"
)

// Current is the prompts and answers of files that the database does not hold as they are now, in a store of their own:
// commands that only read change nothing.
type Current struct{ overlay *overlay }

// Current reads what files say now where the database behind r holds something else. It is read into a store that scratch
// opens when the first record comes. What files are gone is taken as the database has it. This may take long: r should
// not be a snapshot, since one that is held keeps the pages of a database in use from being used again.
func (a *Arena) Current(ctx context.Context, r store.Reader, scratch func() (store.Store, error)) (Current, error) {
	d := &draft{overlay: overlay{over: Empty{}, under: r, replaced: map[ID]bool{}}, open: scratch}
	sc := a.newScreen(d)
	for i, set := range a.Config.Datasets {
		if !a.needs(i) || set.OnHub() && a.From.Hub == nil {
			continue // without the Hub the database is what there is
		}
		ok, err := a.upToDate(ctx, d, i)
		if err != nil {
			return Current{}, err
		}
		if ok {
			continue
		}
		if _, err := a.syncDataset(ctx, d, i, sc); err != nil {
			return Current{}, err
		}
	}
	if err := a.draftAnswers(ctx, d); err != nil || d.store == nil {
		return Current{}, err
	}
	return Current{&d.overlay}, nil
}

// Over returns r, such as a snapshot of the database, with what files say now laid over it.
func (c Current) Over(r store.Reader) store.Reader {
	if c.overlay == nil {
		return r
	}
	return overlay{over: c.overlay.over, under: r, replaced: c.overlay.replaced}
}

// draftAnswers reads the answers of file contestants whose files are others than the database has read.
func (a *Arena) draftAnswers(ctx context.Context, d *draft) error {
	listings, err := a.listings(ctx, d)
	if errors.Is(err, errNotRead) {
		return nil // whoever needs them says so
	}
	if err != nil {
		return err
	}
	for i := range a.Contestants {
		c := &a.Contestants[i]
		if c.Answers == nil || !a.chosen(c) {
			continue
		}
		f := newFileLoader(d, c, listings)
		source, err := f.changed(ctx, a.Config.Dir)
		if f.unchanged || err != nil && f.known(ctx) {
			continue
		}
		if err == nil {
			d.replaced[c.ID] = true
			err = f.load(ctx, source)
		}
		if err != nil {
			return fmt.Errorf("answers of %s: %w", c.Name, err)
		}
	}
	return nil
}

// known reports whether the database has read the files once, whatever became of them.
func (f *fileLoader) known(ctx context.Context) bool {
	st, err := readFileState(ctx, f.store, f.contestant.ID)
	return err == nil && st.Stat != ""
}

// draft is a store whose changes go into another one, opened with the first of them.
type draft struct {
	overlay
	open  func() (store.Store, error)
	store store.Store // nil until then
}

var _ store.Store = (*draft)(nil)

// Apply implements store.Store.
func (d *draft) Apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	if d.store == nil {
		s, err := d.open()
		if err != nil {
			return store.Result{}, err
		}
		d.store, d.over = s, s
	}
	return d.store.Apply(ctx, b)
}

// Snapshot implements store.Store; a draft is not written while it is read, so it is its own.
func (d *draft) Snapshot(context.Context) (store.Snapshot, error) { return d, nil }

// Close implements store.Store. The store belongs to whoever opened it.
func (d *draft) Close() error { return nil }

// upToDate reports whether the database holds dataset i as its files are now.
func (a *Arena) upToDate(ctx context.Context, r store.Reader, i int) (bool, error) {
	m, err := a.readManifest(ctx, r, i)
	if errors.Is(err, errNotRead) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	source, err := a.open(ctx, r, i)
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
