package pipeline

import (
	"iter"
	"runtime"
	"sync"
)

// ahead yields do of all that in yields, in its order. On several cores a few are done ahead of the one that is yielded: as
// many as wait are held in memory. in is walked by one goroutine, do is called by several; all have ended when the loop has.
func ahead[T, R any](in iter.Seq2[T, error], do func(T) (R, error)) iter.Seq2[R, error] {
	type result struct {
		value R
		err   error
	}
	type job struct {
		of   T
		done chan result
	}
	return func(yield func(R, error) bool) {
		lanes := min(runtime.GOMAXPROCS(0), 4)
		jobs, order, over := make(chan job), make(chan chan result, lanes), make(chan struct{})
		var all sync.WaitGroup
		defer all.Wait()
		defer close(over)
		for range lanes {
			all.Go(func() {
				for j := range jobs {
					value, err := do(j.of)
					j.done <- result{value, err}
				}
			})
		}
		all.Go(func() {
			defer close(order)
			defer close(jobs)
			for of, err := range in {
				done := make(chan result, 1)
				select {
				case order <- done:
				case <-over:
					return
				}
				if err != nil {
					done <- result{err: err}
					return
				}
				jobs <- job{of, done} // taken even after the loop was left: lanes wait for nobody
			}
		})
		for done := range order {
			if r := <-done; !yield(r.value, r.err) || r.err != nil {
				return
			}
		}
	}
}
