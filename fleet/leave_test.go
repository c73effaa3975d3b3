package fleet

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestLingering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leave, end := context.WithCancel(t.Context())
		ctx, cancel := lingering(context.WithoutCancel(leave), leave)
		defer cancel()
		end()
		began := time.Now()
		<-ctx.Done()
		if took := time.Since(began); took != leaveWait {
			t.Errorf("it ends %s after who leaves; want %s", took, leaveWait)
		}
		outer, done := context.WithCancel(context.Background())
		short, cancel := lingering(outer, context.Background())
		defer cancel()
		done()
		<-short.Done() // at once
	})
}
