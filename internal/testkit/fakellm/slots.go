package fakellm

import "context"

// slots bounds how many calls are worked on at once. A nil channel has no bound.
type slots chan struct{}

func newSlots(n int) slots {
	if n <= 0 {
		return nil
	}
	return make(slots, n)
}

// take waits for a slot; with refuse it does not wait. It reports whether there is one now, to be given back.
func (s slots) take(ctx context.Context, refuse bool) bool {
	if s == nil {
		return true
	}
	select {
	case s <- struct{}{}:
		return true
	default:
	}
	if refuse {
		return false
	}
	select {
	case s <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s slots) give() {
	if s != nil {
		<-s
	}
}
