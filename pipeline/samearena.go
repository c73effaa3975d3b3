package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"openarena/store"
)

// contents are the datasets of a database, by version: of settings and of what was in the files.
type contents map[ID]manifest

func contentsOf(ctx context.Context, r store.Reader) (contents, error) {
	all := contents{}
	for rec, err := range r.Scan(ctx, store.Datasets, store.Prefix([]byte{kindManifest}), store.WithBody) {
		if err != nil {
			return nil, err
		}
		var m manifest
		if err := json.Unmarshal(rec.Body, &m); err != nil || len(rec.Meta) != idSize {
			return nil, errRecord
		}
		copy(m.Version[:], rec.Meta)
		all[m.Version] = m
	}
	return all, nil
}

func (l contents) String() string {
	var words []string
	for _, m := range l {
		words = append(words, fmt.Sprintf("%s (%d prompts, contents %.6s)", m.Label, m.Prompts, m.Version))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// oneArena refuses databases that have nothing to do with each other: whoever lists prompts has to have a dataset, with the same
// settings and contents, in common with one before it. One that lists none, as a rescue file, goes with all.
func oneArena(ctx context.Context, to store.Reader, sources []MergeSource) error {
	if err := store.Finished(ctx, to); err != nil {
		return fmt.Errorf("the target: %w", err)
	}
	before, err := contentsOf(ctx, to)
	if err != nil {
		return err
	}
	name := "the target"
	for _, s := range sources {
		if err := store.Finished(ctx, s.Reader); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		here, err := contentsOf(ctx, s.Reader)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		common := len(here) == 0 || len(before) == 0
		if len(before) == 0 {
			name = s.Name
		}
		for version := range here {
			_, too := before[version]
			common = common || too
		}
		if !common {
			return fmt.Errorf("%w: %s and %s have no dataset with the same settings and contents. The one has %s; the other %s", ErrOtherArena, name, s.Name, before, here)
		}
		for version, m := range here {
			before[version] = m
		}
	}
	return nil
}
