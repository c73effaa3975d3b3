package crash

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Slices and rescue are as short as they may be, so that much of both is seen.
const (
	slice  = 2 * time.Second
	rescue = 6 * time.Second
)

// takeovers measure how long the work of killed workers lies idle, beside what else happens.
type takeovers struct {
	url   string
	wg    sync.WaitGroup
	mu    sync.Mutex
	waits []time.Duration // from the kill until others were handed all that the dead held
}

// holds asks for what a worker, known by its process, is told to have: 0 where others have it, or nobody needs it.
const holds = `SELECT (SELECT count(*) FROM oa_worker WHERE pid = $1) +
	(SELECT count(*) FROM river_job WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] IN (SELECT id FROM oa_worker WHERE pid = $1))`

// watch begins at a kill, and ends with the arena at the latest: what was not taken over by then, nobody needed.
func (t *takeovers) watch(ctx context.Context, pid int) {
	killed := time.Now()
	t.wg.Go(func() {
		for ctx.Err() == nil {
			if held, err := t.held(ctx, pid); err == nil && held == 0 { // an error: the server is away, too
				t.mu.Lock()
				t.waits = append(t.waits, time.Since(killed))
				t.mu.Unlock()
				return
			}
			_ = sleep(ctx, 100*time.Millisecond) // the loop looks at ctx
		}
	})
}

func (t *takeovers) held(ctx context.Context, pid int) (n int, err error) {
	conn, err := pgx.Connect(ctx, t.url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = conn.QueryRow(ctx, holds, pid).Scan(&n)
	return n, err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
