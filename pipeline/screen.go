package pipeline

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"openarena/configs"
	"openarena/pipeline/dataset"
	"openarena/pipeline/neardup"
	"openarena/providers"
	"openarena/store"
)

// screen decides which prompts of the datasets are left out, as the settings say. What it knows of the datasets grows as
// they are loaded, one after the other.
type screen struct {
	arena    *Arena
	store    store.Store
	excluded *neardup.Runs  // nil: not read yet, or none
	near     *neardup.Index // nil: prompts may be alike
	kept     []Hash         // by their numbers in near
	sets     int            // datasets whose prompts are in near
	earlier  []ID           // listings before the one at hand
}

// newScreen returns nil where nothing is left out.
func (a *Arena) newScreen(s store.Store) *screen {
	if !a.Config.Prompts.Any() {
		return nil
	}
	sc := &screen{arena: a, store: s}
	if t := a.Config.Prompts.NearDuplicates; t > 0 {
		sc.near = neardup.New(t)
	}
	return sc
}

// needs reports whether a dataset must be read: a trial reads it, or near-duplicates of it in a later one that is read
// are left out.
func (a *Arena) needs(i int) bool {
	later := a.Config.Datasets[i:]
	if a.Config.Prompts.NearDuplicates == 0 {
		later = later[:1]
	}
	return slices.ContainsFunc(later, a.reads)
}

// prepare makes the screen ready for the prompts of dataset i; the manifests of those before it are in the store.
func (sc *screen) prepare(ctx context.Context, i int) error {
	if sc.excluded == nil && len(sc.arena.Config.Prompts.Exclude) > 0 {
		if err := sc.readExcluded(ctx); err != nil {
			return err
		}
	}
	if sc.near == nil {
		return nil
	}
	sc.earlier = nil
	for before := range i {
		m, err := sc.arena.readManifest(ctx, sc.store, before)
		if err == nil && before >= sc.sets {
			err = sc.takeIn(ctx, m.Version)
		}
		if err != nil {
			return err
		}
		sc.earlier = append(sc.earlier, m.Version)
	}
	sc.sets = i + 1 // its prompts come one by one
	return nil
}

// takeIn puts the prompts of a listing into the index.
func (sc *screen) takeIn(ctx context.Context, version ID) error {
	for rec, err := range sc.store.Scan(ctx, store.Datasets, store.Prefix(listingKey(kindRow, version, nil)), store.WithMeta) {
		if err != nil {
			return err
		}
		h := Hash(rec.Meta)
		messages, err := readPrompt(ctx, sc.store, h)
		if err != nil {
			return err
		}
		sc.near.Add(userText(messages))
		sc.kept = append(sc.kept, h)
	}
	return nil
}

// readExcluded reads the texts that no prompt may hold. A row that cannot be read stops it: what it holds could not be kept out.
func (sc *screen) readExcluded(ctx context.Context) error {
	sources, err := sc.arena.excluded(ctx)
	if err != nil {
		return err
	}
	sc.excluded = neardup.NewRuns(sc.arena.Config.Prompts.Overlap)
	for _, source := range sources {
		for row, err := range source.Rows(ctx) {
			if err != nil {
				return fmt.Errorf("prompts.exclude: %w", err)
			}
			for _, m := range row.Messages {
				if m.Role == "user" {
					sc.excluded.Add(m.Content, row.Place)
				}
			}
		}
	}
	return nil
}

// excluded opens the files with texts that no prompt may hold.
func (a *Arena) excluded(ctx context.Context) (all []dataset.Source, err error) {
	for _, x := range a.Config.Prompts.Exclude {
		source, err := dataset.Open(ctx, x.Dataset(), a.From)
		if err != nil {
			return nil, fmt.Errorf("prompts.exclude: %w", err)
		}
		all = append(all, source)
	}
	return all, nil
}

// userText is what the user says in a prompt, message after message.
func userText(messages []providers.Message) string {
	var texts []string
	for _, m := range messages {
		if m.Role == "user" {
			texts = append(texts, m.Content)
		}
	}
	return strings.Join(texts, "\n")
}

// systemText is the system message of a prompt.
func systemText(messages []providers.Message) string {
	if messages[0].Role == "system" {
		return messages[0].Content
	}
	return ""
}

// pass reports whether a prompt stays; if not, why, and which setting says so. waiting holds prompts that the store cannot
// find yet.
func (sc *screen) pass(ctx context.Context, h Hash, messages []providers.Message, waiting map[Hash][]providers.Message) (setting, why string, err error) {
	p := sc.arena.Config.Prompts
	text := userText(messages)
	switch n := utf8.RuneCountInString(text); {
	case n < p.MinChars:
		return "min_chars", fmt.Sprintf("it has %d characters", n), nil
	case p.MaxChars > 0 && n > p.MaxChars:
		return "max_chars", fmt.Sprintf("it has %d characters", n), nil
	}
	if why := sc.excludes(messages); why != "" {
		return "exclude", why, nil
	}
	if sc.near == nil {
		return "", "", nil
	}
	if known, err := listedIn(ctx, sc.store, sc.earlier, h); known || err != nil {
		return "", "", err // one prompt in two datasets belongs to both
	}
	kept := func(id int) (string, error) {
		other, err := waiting[sc.kept[id]], error(nil)
		if other == nil {
			other, err = readPrompt(ctx, sc.store, sc.kept[id])
		}
		if err != nil || systemText(other) != systemText(messages) {
			return "", err // under other instructions the same question is another prompt
		}
		return userText(other), nil
	}
	m, found, err := sc.near.Admit(text, kept)
	if err != nil || !found {
		sc.kept = append(sc.kept, h)
		return "", "", err
	}
	return "near_duplicates", fmt.Sprintf("%.2f like prompt %s", m.Similarity, sc.kept[m.ID]), nil
}

// excludes says which excluded text a prompt holds; "": none.
func (sc *screen) excludes(messages []providers.Message) string {
	if sc.excluded == nil {
		return ""
	}
	for _, m := range messages {
		shared, found := sc.excluded.Find(m.Content)
		switch {
		case !found || shared.Words == 0 && m.Role != "user":
		case shared.Words == 0:
			return "it is " + shared.Place
		default:
			return fmt.Sprintf("it shares %d words with %s: %s", shared.Words, shared.Place, shared.Run)
		}
	}
	return ""
}

// screened is a dataset with everything else that decides which of its prompts stay.
type screened struct {
	dataset.Source
	excluded []dataset.Source
	earlier  []byte // versions of the listings before it, where near-duplicates in it are left out
}

// open opens dataset i. What it is screened by is read from r: the listings of those before it.
func (a *Arena) open(ctx context.Context, r store.Reader, i int) (s screened, err error) {
	from, err := a.from(ctx, r, i)
	if err != nil {
		return s, err
	}
	if s.Source, err = dataset.Open(ctx, a.Config.Datasets[i], from); err != nil {
		return s, err // it names the dataset itself
	}
	if s.excluded, err = a.excluded(ctx); err != nil || a.Config.Prompts.NearDuplicates == 0 {
		return s, err
	}
	for before := range i {
		m, err := a.readManifest(ctx, r, before)
		if err != nil {
			return s, err
		}
		s.earlier = append(s.earlier, m.Version[:]...)
	}
	return s, nil
}

// Stat implements dataset.Source.
func (s screened) Stat(ctx context.Context) (string, error) {
	return s.with(func(one dataset.Source) (string, error) { return one.Stat(ctx) })
}

// Fingerprint implements dataset.Source.
func (s screened) Fingerprint(ctx context.Context) (string, error) {
	return s.with(func(one dataset.Source) (string, error) { return one.Fingerprint(ctx) })
}

// with joins a print of the dataset with those of what it is screened by; where that is nothing it stays as it is.
func (s screened) with(print func(dataset.Source) (string, error)) (string, error) {
	own, err := print(s.Source)
	if err != nil || len(s.excluded)+len(s.earlier) == 0 {
		return own, err
	}
	parts := [][]byte{[]byte(own), binary.BigEndian.AppendUint32(nil, uint32(len(s.excluded)))}
	for _, x := range s.excluded {
		one, err := print(x)
		if err != nil {
			return "", fmt.Errorf("prompts.exclude: %w", err)
		}
		parts = append(parts, []byte(one))
	}
	return sum[Hash](append(parts, s.earlier)...).String(), nil
}

// screening is the settings that decide which prompts a dataset yields, nil where none does.
func screening(p configs.Prompts) map[string]any {
	if !p.Any() {
		return nil
	}
	exclude := []any{}
	for _, x := range p.Exclude {
		exclude = append(exclude, []any{x.Path, x.Field})
	}
	return map[string]any{
		"min_chars": p.MinChars, "max_chars": p.MaxChars, "near_duplicates": p.NearDuplicates, "exclude": exclude, "overlap": p.Overlap,
	}
}
