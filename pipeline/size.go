package pipeline

import (
	"context"

	"openarena/store"
)

// Prompts are how many the datasets of the file (and trial) hold, one that two of them have counted twice. Nothing is walked.
func (a *Arena) Prompts(ctx context.Context, r store.Reader) (n int64, err error) {
	in, err := a.listings(ctx, r)
	for _, l := range in {
		if a.Trial.Limit > 0 {
			n += int64(min(l.Prompts, a.Trial.Limit))
		} else {
			n += int64(l.Prompts)
		}
	}
	return n, err
}
