package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"openarena/pipeline/dataset"
	"openarena/store"
)

// CurrentMark is another one whenever Current may find something else: files of prompts or answers, or what the database has
// read of them, are others. It reads no file.
func (a *Arena) CurrentMark(ctx context.Context, r store.Reader) (string, error) {
	var b strings.Builder
	for i, set := range a.Config.Datasets {
		if !a.needs(i) || set.OnHub() && a.From.Hub == nil {
			continue
		}
		m, err := a.readManifest(ctx, r, i)
		if err != nil && !errors.Is(err, errNotRead) {
			return "", err
		}
		fmt.Fprintf(&b, "%d %v %q %s\n", i, m.Version, m.Stat, a.statOf(ctx, r, i))
	}
	for i := range a.Contestants {
		c := &a.Contestants[i]
		if c.Answers == nil || !a.chosen(c) {
			continue
		}
		known, err := readFileState(ctx, r, c.ID)
		if err != nil {
			return "", err
		}
		stat, err := "", error(nil)
		if source, openErr := dataset.Answers(*c.Answers, a.Config.Dir); openErr == nil {
			stat, err = source.Stat(ctx)
		}
		fmt.Fprintf(&b, "%v %q %q %v\n", c.ID, known.Stat, stat, err)
	}
	return fmt.Sprintf("%x", sum[Digest]([]byte(b.String()))), ctx.Err()
}

// statOf tells what the files of a dataset look like from outside, or why that is not to be had.
func (a *Arena) statOf(ctx context.Context, r store.Reader, i int) string {
	source, err := a.open(ctx, r, i)
	if err != nil {
		return err.Error()
	}
	stat, err := source.Stat(ctx)
	return fmt.Sprintf("%q %v", stat, err)
}

// Files are those that say what the arena is, beside the prompts: whoever shows it for long reads it anew when one of them
// changes. Not all of them need to be there.
func (a *Arena) Files() []string {
	files := []string{a.Config.Path, filepath.Join(a.Config.Dir, PriceFile)}
	for _, j := range a.Config.Judges {
		if j.Template != "" {
			files = append(files, a.Config.Resolve(j.Template))
		}
	}
	return files
}
