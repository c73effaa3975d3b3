package web

import (
	"context"
	"net/http"
	"time"
)

const (
	maxHeader    = 32 << 10
	maxRequests  = 64              // at a time, beside streams
	maxStreams   = 64              // of events
	maxLooks     = 8               // at the database: a run serves 32 readers, and each look is two
	turnWait     = 4 * time.Second // for others to be answered
	headerWait   = 5 * time.Second
	bodyWait     = 15 * time.Second
	writeWait    = 2 * time.Minute // making a page included: the first one of a large arena takes its time
	idleWait     = 2 * time.Minute
	shutdownWait = 5 * time.Second
)

// slots are what so many may have at a time.
type slots chan struct{}

func newSlots(n int) slots { return make(slots, n) }

// try takes one that is free.
func (s slots) try() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

// take waits for one.
func (s slots) take(ctx context.Context) error {
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s slots) give() { <-s }

var errBusy = &trouble{Status: http.StatusServiceUnavailable, Title: "Too many at once", Text: "This server is asked for more than it does at a time. Try again in a moment.", Passes: true}
