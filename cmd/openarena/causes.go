package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"openarena/pipeline"
	"openarena/store"
)

// maxCauses is how many kinds of failure a run names at its end; `failures` has them all.
const maxCauses = 5

// cause is what failed for one model in one way.
type cause struct {
	model, reason, first string
	n                    int
}

// causes counts failures by model and reason, the most frequent first.
func causes(ctx context.Context, a *pipeline.Arena, r store.Reader) ([]cause, error) {
	type kind struct{ stage, model, reason string }
	place := map[kind]int{}
	var all []cause
	for f, err := range a.Failures(ctx, r) {
		if err != nil {
			return nil, err
		}
		k := kind{f.Stage, f.Model, f.Reason}
		i, known := place[k]
		if !known {
			i = len(all)
			place[k] = i
			all = append(all, cause{model: f.Model, reason: f.Reason, first: f.Message})
		}
		all[i].n++
	}
	slices.SortStableFunc(all, func(x, y cause) int { return cmp.Compare(y.n, x.n) })
	return all, nil
}

// sayCauses tells why items failed, one line for each model and reason.
func (w *work) sayCauses(ctx context.Context, r store.Reader) error {
	all, err := causes(ctx, w.arena, r)
	if err != nil {
		return fmt.Errorf("reading what failed: %w", err)
	}
	for _, c := range all[:min(len(all), maxCauses)] {
		w.say(w.c, "%s: %s failed (%s), the first: %s", c.model, count(c.n, "item"), c.reason, c.first)
	}
	return nil
}
