package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openarena/pipeline"
	"openarena/store"
)

// A run that starts waits for pages that read the file of its database. Most are made in a moment; those that are not give way
// after yieldAfter, and are made again through the run.
const (
	yieldLook  = 250 * time.Millisecond
	yieldAfter = 4 // looks in a row
)

var errYield = errors.New("a run starts")

// reading returns a context for looking at a database, which ends early where a run waits to start. release ends it and says
// of an error whether that was the reason: it is one of store.ErrClosed then.
func reading(parent context.Context, a *pipeline.Arena, look Look) (ctx context.Context, release func(error) error) {
	ctx, cancel := context.WithCancelCause(parent)
	if !look.Live() {
		go giveWay(ctx, cancel, a.Database.Awaited)
	}
	return ctx, func(err error) error {
		cause := context.Cause(ctx)
		cancel(nil)
		if err != nil && errors.Is(cause, errYield) {
			return fmt.Errorf("%w: %w", store.ErrClosed, cause)
		}
		return err
	}
}

func giveWay(ctx context.Context, cancel context.CancelCauseFunc, awaited func() bool) {
	looks := time.NewTicker(yieldLook)
	defer looks.Stop()
	for n := 0; n < yieldAfter; {
		select {
		case <-looks.C:
		case <-ctx.Done():
			return
		}
		if n++; !awaited() {
			n = 0
		}
	}
	cancel(errYield)
}
