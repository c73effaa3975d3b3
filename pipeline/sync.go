package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"openarena/pipeline/dataset"
	"openarena/providers"
	"openarena/store"
)

// Synced says what became of one dataset, or of one file contestant's answers.
type Synced struct {
	Label      string
	Prompts    int // different ones; of answers: those that match a prompt
	Duplicates int
	Shared     int    // prompts that an earlier dataset has, too; counted where something changed
	Unchanged  bool   // nothing was touched since it was last read
	Commit     string // of a set on the Hub
	Rejected
	Dropped []Dropped
}

// Sync brings the datasets and the answers of file contestants into the store. What has not changed is not read again.
// It fails if a dataset cannot be read or holds no usable row; single bad rows are counted and left out.
func (a *Arena) Sync(ctx context.Context, s store.Store) ([]Synced, error) {
	if err := store.Finished(ctx, s); err != nil { // what is missing would be asked for again, and the copy could not go on
		return nil, err
	}
	if err := a.define(ctx, s); err != nil {
		return nil, err
	}
	all, err := a.syncDatasets(ctx, s)
	if err != nil {
		return all, err
	}
	files, err := a.syncAnswers(ctx, s)
	return append(all, files...), err
}

// syncDatasets brings the datasets into the store, and tells of those that are read.
func (a *Arena) syncDatasets(ctx context.Context, s store.Store) (all []Synced, err error) {
	sc := a.newScreen(s)
	for i, d := range a.Config.Datasets {
		if !a.needs(i) {
			continue
		}
		got, err := a.syncDataset(ctx, s, i, sc)
		if err != nil {
			return all, err
		}
		if a.reads(d) {
			all = append(all, got)
		}
	}
	return all, a.countShared(ctx, s, all)
}

// countShared counts the prompts that earlier datasets have, too, where that is not known from the last time.
func (a *Arena) countShared(ctx context.Context, r store.Reader, synced []Synced) error {
	if len(synced) < 2 || !slices.ContainsFunc(synced, func(s Synced) bool { return !s.Unchanged }) {
		return nil
	}
	all, err := a.listings(ctx, r)
	if err != nil {
		return err
	}
	shared := make([]int, len(a.Config.Datasets))
	for w, err := range a.wanted(ctx, r, all, everything) {
		if err != nil {
			return err
		}
		for _, d := range w.also {
			shared[d]++
		}
	}
	for i, l := range all {
		synced[i].Shared = shared[l.dataset]
	}
	return nil
}

// define keeps what each identity stands for, so that a database can be read without its file.
func (a *Arena) define(ctx context.Context, s store.Store) error {
	var b store.Batch
	identify(&b)
	for _, c := range a.Contestants {
		b.PutOnce(store.Meta, definitionKey('c', c.ID), nil, c.Definition)
	}
	for _, j := range a.judgeByID {
		b.PutOnce(store.Meta, definitionKey('j', j.ID), nil, j.Definition)
	}
	_, err := s.Apply(ctx, &b)
	return err
}

func definitionKey(kind byte, id ID) []byte { return append([]byte{'d', kind}, id[:]...) }

// syncDataset brings dataset i into the store, but for what the screen takes, which may be nil. Its errors name the dataset.
func (a *Arena) syncDataset(ctx context.Context, s store.Store, i int, sc *screen) (Synced, error) {
	source, err := a.open(ctx, s, i)
	if err != nil {
		return Synced{}, err // it names the dataset itself
	}
	synced, err := a.syncSource(ctx, s, i, source, sc)
	if err != nil {
		return synced, fmt.Errorf("dataset %s: %w", a.Config.Datasets[i].Label(), err)
	}
	return synced, nil
}

func (a *Arena) syncSource(ctx context.Context, s store.Store, i int, source dataset.Source, sc *screen) (Synced, error) {
	stat, err := source.Stat(ctx)
	if err != nil {
		return Synced{}, err
	}
	pin, err := source.Pin(ctx)
	if err != nil {
		return Synced{}, err
	}
	old, err := a.readManifest(ctx, s, i)
	if err == nil && old.Stat == stat && old.commit() == pin.Commit {
		return old.synced(true), nil
	}
	if err != nil && !errors.Is(err, errNotRead) {
		return Synced{}, err
	}
	fingerprint, err := source.Fingerprint(ctx)
	if err != nil {
		return Synced{}, err
	}
	spec, err := a.specID(i)
	if err != nil {
		return Synced{}, err
	}
	m := manifest{Label: a.Config.Datasets[i].Label(), Stat: stat, Fingerprint: fingerprint, Version: sum[ID](spec[:], []byte(fingerprint))}
	if pin.Commit != "" {
		m.Hub = &pin
	}
	if m.Version == old.Version {
		m.Rows, m.Prompts, m.Rejected, m.Dropped = old.Rows, old.Prompts, old.Rejected, old.Dropped
		return m.synced(true), putManifest(ctx, s, spec, m)
	}
	l := loader{bulk: bulk{store: s}, manifest: m, screen: sc, waiting: map[Hash][]providers.Message{}}
	if sc != nil {
		if err := sc.prepare(ctx, i); err != nil {
			return Synced{}, err
		}
	}
	if err := l.load(ctx, source); err != nil {
		return Synced{}, err
	}
	return l.manifest.synced(false), putManifest(ctx, s, spec, l.manifest)
}

func (m manifest) synced(unchanged bool) Synced {
	return Synced{
		Label: m.Label, Prompts: m.Prompts, Duplicates: m.duplicates(), Rejected: m.Rejected, Dropped: m.Dropped, Unchanged: unchanged,
		Commit: m.commit(),
	}
}

func putManifest(ctx context.Context, s store.Store, spec ID, m manifest) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var b store.Batch
	b.Put(store.Datasets, listingKey(kindManifest, spec, nil), m.Version[:], body)
	_, err = s.Apply(ctx, &b)
	return err
}

// loader writes one dataset's listing.
type loader struct {
	bulk
	manifest manifest
	screen   *screen                      // nil: nothing is left out
	waiting  map[Hash][]providers.Message // prompts in bulk, which the store cannot find yet
}

func (l *loader) load(ctx context.Context, source dataset.Source) error {
	for row, err := range source.Rows(ctx) {
		var bad *dataset.RowError
		if errors.As(err, &bad) {
			l.manifest.add(bad)
			continue
		}
		if err != nil {
			return err
		}
		if err := l.add(ctx, row); err != nil {
			return err
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	switch m := l.manifest; {
	case m.Rows == 0 && m.Bad > 0:
		return &dataset.UsageError{Err: fmt.Errorf("none of its %d rows can be used; the first: %s", m.Bad, m.first())}
	case m.Rows == 0:
		return errors.New("it holds no rows; check path, offset and limit")
	case m.Prompts == 0:
		return m.nothingLeft()
	}
	return nil
}

func (l *loader) add(ctx context.Context, row dataset.Row) error {
	hash, text, err := promptHash(row.Messages)
	if err != nil {
		return err
	}
	l.manifest.Rows++
	known, err := l.known(ctx, hash)
	if err != nil || known {
		return err
	}
	if l.screen != nil {
		setting, why, err := l.screen.pass(ctx, hash, row.Messages, l.waiting)
		if err != nil {
			return err
		}
		if setting != "" {
			l.manifest.drop(setting, row.Place+": "+why)
			return nil
		}
	}
	version := l.manifest.Version
	m := member{Row: l.manifest.Prompts, Category: row.Category}
	l.putOnce(store.Prompts, hash[:], nil, text)
	l.put(store.Datasets, listingKey(kindMember, version, hash[:]), m.meta(), []byte(row.Reference))
	l.put(store.Datasets, rowKey(version, m.Row), hash[:], nil)
	if alias, ok := textHash(row.Messages); ok && alias != hash {
		l.putOnce(store.Datasets, listingKey(kindText, version, alias[:]), hash[:], nil)
	}
	l.manifest.Prompts++
	l.waiting[hash] = row.Messages
	err = l.spill(ctx)
	if l.empty() {
		clear(l.waiting)
	}
	return err
}

// known reports whether an earlier row had this prompt. What a load that was killed wrote at this very place does not
// count: the same version has the same rows.
func (l *loader) known(ctx context.Context, h Hash) (bool, error) {
	if l.waiting[h] != nil {
		return true, nil
	}
	w := wanted{Prompt: h}
	err := w.read(ctx, l.store, l.manifest.Version)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && w.Row < l.manifest.Prompts, err
}

// textHash is the hash of the prompt that consists of the user's last text alone.
func textHash(messages []providers.Message) (Hash, bool) {
	last := messages[len(messages)-1]
	if last.Role != "user" {
		return Hash{}, false
	}
	h, _, err := promptHash([]providers.Message{{Role: "user", Content: last.Content}})
	return h, err == nil
}
