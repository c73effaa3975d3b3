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

// fileLoader brings one file contestant's answers in.
type fileLoader struct {
	bulk
	contestant *Contestant
	listings   []listing
	unchanged  bool
	source     Digest // the version being read
	state      fileState
	waiting    map[Hash]bool // prompts in bulk, which the store cannot find yet
}

func newFileLoader(s store.Store, c *Contestant, listings []listing) *fileLoader {
	return &fileLoader{bulk: bulk{store: s}, contestant: c, listings: listings, waiting: map[Hash]bool{}}
}

// sync loads the files if need be. What earlier versions left is still there then.
func (f *fileLoader) sync(ctx context.Context, dir string) error {
	source, err := f.changed(ctx, dir)
	if err != nil || f.unchanged {
		return err
	}
	return f.load(ctx, source)
}

// changed opens the files and finds out whether they, or what they are matched with, are others than when they were last
// read; if not, unchanged is set.
func (f *fileLoader) changed(ctx context.Context, dir string) (dataset.AnswerSource, error) {
	source, err := dataset.Answers(*f.contestant.Answers, dir)
	if err != nil {
		return nil, err
	}
	stat, err := source.Stat(ctx)
	if err != nil {
		return nil, err
	}
	fields := fmt.Sprintf("%q %q", f.contestant.Answers.PromptField, f.contestant.Answers.Field)
	stat += " " + fields
	for _, l := range f.listings {
		stat += " " + l.Version.String()
	}
	if f.state, err = readFileState(ctx, f.store, f.contestant.ID); err != nil {
		return nil, err
	}
	if f.unchanged = f.state.Stat == stat; f.unchanged {
		return nil, nil
	}
	fingerprint, err := source.Fingerprint(ctx)
	if err != nil {
		return nil, err
	}
	f.source = sum[Digest]([]byte(fingerprint + fields))
	f.state = fileState{Stat: stat, Version: fingerprint}
	return source, nil
}

func (f *fileLoader) synced() Synced {
	return Synced{
		Label: "answers of " + f.contestant.Name, Prompts: f.state.Answers,
		Rejected: f.state.Rejected, Unchanged: f.unchanged,
	}
}

// load puts the answers in. Until close has noted what was read, the files count as never read: whatever lies there after
// a crash is gone over again.
func (f *fileLoader) load(ctx context.Context, source dataset.AnswerSource) error {
	if err := f.note(fileState{}); err != nil {
		return err
	}
	matched := 0
	for row, err := range source.Rows(ctx) {
		var bad *dataset.RowError
		if errors.As(err, &bad) {
			f.state.add(bad)
			continue
		}
		if err != nil {
			return err
		}
		found, err := f.add(ctx, row)
		if err != nil {
			return err
		}
		if found {
			matched++
		}
	}
	if matched == 0 && f.state.Bad > 0 {
		return fmt.Errorf("none of its rows can be used; the first: %s", f.state.first())
	}
	return f.flush(ctx)
}

// note says in the database what was read.
func (f *fileLoader) note(st fileState) error {
	body, err := json.Marshal(st)
	if err != nil {
		return err
	}
	f.put(store.Meta, fileKey(f.contestant.ID), nil, body)
	return nil
}

// close notes that everything was read.
func (f *fileLoader) close(ctx context.Context) error {
	if f.unchanged {
		return nil
	}
	if err := f.note(f.state); err != nil {
		return err
	}
	return f.flush(ctx)
}

// add puts a row's answer in. found: a prompt is there that it answers.
func (f *fileLoader) add(ctx context.Context, row dataset.AnswerRow) (found bool, err error) {
	h, found, err := f.match(ctx, row.Messages)
	if err != nil || !found || f.waiting[h] {
		return found, err
	}
	r := reply{
		Digest: textDigest(row.Text), Finish: providers.FinishStop, Flags: flagFile, Source: f.source, Text: row.Text,
	}
	key := AnswerKey{Prompt: h, Contestant: f.contestant.ID}.bytes()
	old, err := f.store.Get(ctx, store.Answers, key, store.WithMeta)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return found, err
	}
	if was, err := parseReply(old.Meta, nil); err == nil && was.Source == f.source {
		return found, nil // a second row with the same prompt: the first one counts
	}
	f.put(store.Answers, key, r.meta(), r.body())
	f.waiting[h] = true
	err = f.spill(ctx)
	if f.empty() {
		clear(f.waiting)
	}
	return found, err
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
