package fleet

import (
	"context"
	"errors"
	"time"

	"openarena/store"
)

// leaveWait is how long a server that does not answer is waited for by who leaves: what he would tell it others find out, too.
const leaveWait = 5 * time.Second

// lingering is a context that ends with ctx, and leaveWait after leave has; with leave where that ended because the server was
// waited for long enough.
func lingering(ctx, leave context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(leave, func() {
		if errors.Is(context.Cause(leave), store.ErrUnwritable) {
			cancel()
			return
		}
		select {
		case <-time.After(leaveWait):
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { stop(); cancel() }
}
