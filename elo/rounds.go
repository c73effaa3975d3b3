package elo

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inRounds has n rounds done on all cores. Each core makes itself a worker first, which keeps the memory that its rounds share;
// what a round does may depend on its number alone, so that the result is the same for any number of cores.
func inRounds(n int, worker func() func(round int)) {
	var (
		next atomic.Int64
		all  sync.WaitGroup
	)
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			do := worker()
			for {
				round := int(next.Add(1)) - 1
				if round >= n {
					return
				}
				do(round)
			}
		})
	}
	all.Wait()
}
