package rating

import "context"

// unlessDone is what f returns, unless ctx ends before: then nothing waits for f any more.
func unlessDone[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	ended := make(chan result, 1)
	go func() {
		value, err := f()
		ended <- result{value, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case r := <-ended:
		return r.value, r.err
	}
}
