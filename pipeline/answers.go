package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"openarena/store"
)

// fileState is what a file contestant's answers were when they were last read.
type fileState struct {
	Stat    string `json:"stat"`
	Version string `json:"version"` // of the files and of the datasets they were matched with
	Answers int    `json:"answers"`
	Rejected
}

func fileKey(id ID) []byte { return append([]byte{'f'}, id[:]...) }

// syncAnswers reads the answers of the file contestants. They replace what was read before: a text that changed is
// judged again, one that is gone leaves.
func (a *Arena) syncAnswers(ctx context.Context, s store.Store) ([]Synced, error) {
	listings, err := a.listings(ctx, s)
	if err != nil {
		return nil, err
	}
	var read []*fileLoader
	for i := range a.Contestants {
		c := &a.Contestants[i]
		if c.Answers == nil || !a.chosen(c) {
			continue
		}
		f := newFileLoader(s, c, listings)
		if err = f.sync(ctx, a.Config.Dir); err != nil {
			err = fmt.Errorf("answers of %s: %w", c.Name, err)
			break // those read before it are completed none the less
		}
		read = append(read, f)
	}
	if err := dropStale(ctx, s, read); err != nil {
		return nil, err
	}
	var all []Synced
	for _, f := range read {
		if err := f.close(ctx); err != nil {
			return all, err
		}
		all = append(all, f.synced())
	}
	return all, err
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

// dropStale removes the answers of earlier versions of files that were read anew, and counts those of the present ones.
func dropStale(ctx context.Context, s store.Store, read []*fileLoader) error {
	changed := map[ID]*fileLoader{}
	for _, f := range read {
		if !f.unchanged {
			changed[f.contestant.ID] = f
		}
	}
	if len(changed) == 0 {
		return nil
	}
	for rec, err := range s.Scan(ctx, store.Answers, store.Range{}, store.WithMeta) {
		if err != nil {
			return err
		}
		key, err := parseAnswerKey(rec.Key)
		if err != nil {
			return err
		}
		f := changed[key.Contestant]
		if f == nil {
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
		f.delete(store.Answers, key.bytes())
		if err := f.spill(ctx); err != nil {
			return err
		}
	}
	return nil
}
