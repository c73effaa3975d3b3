package main

import (
	"context"
	"errors"
	"fmt"
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
