package simulated

import (
	"sync"
	"time"
)

// Rate is a server with room for any number of calls that takes so many a second, and refuses the rest: a bucket that holds a
// second's worth.
type Rate struct {
	mu        sync.Mutex
	perSecond float64
	left      float64
	at        time.Time
}

// NewRate returns a server that takes so many calls a second.
func NewRate(perSecond float64) *Rate {
	return &Rate{perSecond: perSecond, left: perSecond, at: time.Now()}
}

// Serve implements Server.
func (s *Rate) Serve(work time.Duration) bool {
	if !s.take() {
		return false
	}
	time.Sleep(work)
	return true
}

func (s *Rate) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.left = min(s.perSecond, s.left+s.perSecond*now.Sub(s.at).Seconds())
	s.at = now
	if s.left < 1 {
		return false
	}
	s.left--
	return true
}
