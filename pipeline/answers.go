package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"openarena/pipeline/dataset"
	"openarena/providers"
	"openarena/store"
)

// fileState is what a file contestant's answers were when they were last read.
type fileState struct {
	Stat    string `json:"stat"`
	Version string `json:"version"` // of the files and of the datasets they were matched with
	Answers int    `json:"answers"`
	Bad     int    `json:"bad"`
}

func fileKey(id ID) []byte { return append([]byte{'f'}, id[:]...) }

// syncAnswers reads the answers of the file contestants. They replace what was read before: a text that changed is
// judged again, one that is gone leaves.
func (a *Arena) syncAnswers(ctx context.Context, s store.Store) ([]Synced, error) {
	listings, err := a.listings(ctx, s)
	if err != nil {
		return nil, err
	}
	var all []Synced
	for i := range a.Contestants {
		c := &a.Contestants[i]
		if c.Answers == nil || !a.chosen(c) {
			continue
		}
		f := fileLoader{store: s, contestant: c, listings: listings}
		got, err := f.sync(ctx, a.Config.Dir)
		if err != nil {
			return all, fmt.Errorf("answers of %s: %w", c.Name, err)
		}
		all = append(all, got)
	}
	return all, nil
}

// fileLoader brings one file contestant's answers in.
type fileLoader struct {
	store      store.Store
	contestant *Contestant
	listings   []listing
	source     Digest // the version being read
	state      fileState
	firstBad   *dataset.RowError
	batch      store.Batch
	waiting    map[Hash]bool
}

func (f *fileLoader) sync(ctx context.Context, dir string) (Synced, error) {
	source, err := dataset.Answers(*f.contestant.Answers, dir)
	if err != nil {
		return Synced{}, err
	}
	stat, err := source.Stat(ctx)
	if err != nil {
		return Synced{}, err
	}
	for _, l := range f.listings {
		stat += " " + l.Version.String()
	}
	if f.state, err = readFileState(ctx, f.store, f.contestant.ID); err != nil {
		return Synced{}, err
	}
	if f.state.Stat == stat {
		return f.synced(true), nil
	}
	fingerprint, err := source.Fingerprint(ctx)
	if err != nil {
		return Synced{}, err
	}
	f.source = sum[Digest]([]byte(fingerprint))
	f.state = fileState{Stat: stat, Version: fingerprint}
	if err := f.load(ctx, source); err != nil {
		return Synced{}, err
	}
	if err := f.dropStale(ctx); err != nil {
		return Synced{}, err
	}
	if f.state.Answers == 0 && f.state.Bad > 0 {
		return Synced{}, fmt.Errorf("none of its rows can be used; the first: %w", f.firstBad)
	}
	body, err := json.Marshal(f.state)
	if err != nil {
		return Synced{}, err
	}
	f.batch.Put(store.Meta, fileKey(f.contestant.ID), nil, body)
	return f.synced(false), f.flush(ctx)
}

func readFileState(ctx context.Context, r store.Reader, id ID) (st fileState, err error) {
	rec, err := r.Get(ctx, store.Meta, fileKey(id), store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		return st, nil
	}
	if err == nil {
		err = json.Unmarshal(rec.Body, &st)
	}
	return st, err
}

func (f *fileLoader) synced(unchanged bool) Synced {
	return Synced{
		Label: "answers of " + f.contestant.Name, Prompts: f.state.Answers,
		Bad: f.state.Bad, FirstBad: f.firstBad, Unchanged: unchanged,
	}
}

func (f *fileLoader) load(ctx context.Context, source dataset.AnswerSource) error {
	f.waiting = map[Hash]bool{}
	for row, err := range source.Rows(ctx) {
		var bad *dataset.RowError
		if errors.As(err, &bad) {
			if f.state.Bad++; f.firstBad == nil {
				f.firstBad = bad
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := f.add(ctx, row); err != nil {
			return err
		}
	}
	return f.flush(ctx)
}

func (f *fileLoader) add(ctx context.Context, row dataset.AnswerRow) error {
	h, found, err := f.match(ctx, row.Messages)
	if err != nil || !found || f.waiting[h] {
		return err
	}
	r := reply{
		Digest: sum[Digest]([]byte(row.Text)), Finish: providers.FinishStop, Flags: flagFile, Source: f.source, Text: row.Text,
	}
	key := AnswerKey{Prompt: h, Contestant: f.contestant.ID}.bytes()
	old, err := f.store.Get(ctx, store.Answers, key, store.WithMeta)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if was, err := parseReply(old.Meta, nil); err == nil && was.Source == f.source {
		return nil // a second row with the same prompt: the first one counts
	}
	f.batch.Put(store.Answers, key, r.meta(), r.body())
	if f.waiting[h] = true; len(f.waiting) < syncBatch {
		return nil
	}
	return f.flush(ctx)
}

// match finds the wanted prompt that a row answers: by its messages, else by the user's text alone.
func (f *fileLoader) match(ctx context.Context, messages []providers.Message) (Hash, bool, error) {
	h, _, err := promptHash(messages)
	if err != nil {
		return h, false, err
	}
	if found, err := listed(ctx, f.store, f.listings, h); found || err != nil {
		return h, found, err
	}
	for _, l := range f.listings {
		rec, err := f.store.Get(ctx, store.Datasets, listingKey(kindText, l.Version, h[:]), store.WithMeta)
		if err == nil && len(rec.Meta) == hashSize {
			return Hash(rec.Meta), true, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return h, false, err
		}
	}
	return h, false, nil
}

// dropStale removes the answers of earlier versions of the file, and counts those of this one.
func (f *fileLoader) dropStale(ctx context.Context) error {
	for rec, err := range f.store.Scan(ctx, store.Answers, store.Range{}, store.WithMeta) {
		if err != nil {
			return err
		}
		key, err := parseAnswerKey(rec.Key)
		if err != nil {
			return err
		}
		if key.Contestant != f.contestant.ID {
			continue
		}
		was, err := parseReply(rec.Meta, nil)
		if err != nil {
			return err
		}
		if was.Source == f.source {
			f.state.Answers++
			continue
		}
		f.batch.Delete(store.Answers, key.bytes())
		if f.waiting[key.Prompt] = true; len(f.waiting) >= syncBatch {
			if err := f.flush(ctx); err != nil {
				return err
			}
		}
	}
	return f.flush(ctx)
}

func (f *fileLoader) flush(ctx context.Context) error {
	_, err := f.store.Apply(ctx, &f.batch)
	f.batch = store.Batch{}
	clear(f.waiting)
	return err
}
