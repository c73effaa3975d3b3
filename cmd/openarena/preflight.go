package main

import (
	"context"
	"errors"
	"fmt"

	"openarena/configs"
	"openarena/fleet"
)

// preflight ends a run before its first call where a host is unknown or a certificate cannot be trusted: whoever starts it is
// still there to be told. A server that is merely away is waited for, as one is that restarts.
func (w *work) preflight(ctx context.Context) error {
	all, err := w.runner.Preflight(ctx)
	if err != nil && ctx.Err() != nil {
		return w.interrupted()
	}
	if err != nil {
		return err
	}
	var lasting []error
	for _, u := range all {
		if w.leftToOthers(u.Endpoint) {
			continue
		}
		if u.Lasting {
			lasting = append(lasting, u.Err)
			continue
		}
		w.say(w.c, "warning: %v; the run begins all the same, and tries again", u.Err)
	}
	if len(lasting) == 0 {
		return nil
	}
	return &exitError{exitUsage, fmt.Errorf("%w\nnothing was called yet; `openarena doctor` looks at all endpoints", errors.Join(lasting...))}
}

// leftToOthers reports whether nothing at an endpoint is this run's to call: beside workers it has no labels.
func (w *work) leftToOthers(endpoint string) bool {
	if _, many := w.db.(fleet.Database); !many || w.arena.Trial.Narrows() {
		return false
	}
	ours := func(e configs.Endpoint) bool { return e.Name == endpoint && len(e.Labels) == 0 }
	for _, m := range w.arena.Contestants {
		if ours(m.Endpoint) {
			return false
		}
	}
	for _, j := range w.arena.Judges {
		if ours(j.Endpoint) {
			return false
		}
	}
	return true
}
