package providers

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Seen is what the answers to calls tell beside their texts. It is filled while calls are made under the context of [Watch].
type Seen struct {
	mu    sync.Mutex
	calls int
	skew  time.Duration
	dated bool
	took  time.Duration
}

type seenKey struct{}

// Watch returns a context under which calls note what they see.
func Watch(ctx context.Context) (context.Context, *Seen) {
	s := &Seen{}
	return context.WithValue(ctx, seenKey{}, s), s
}

// Calls is how many answers came, whatever they said.
func (s *Seen) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Skew is how far the server's clock is ahead of ours, exact to about a second; false if it never told the time.
func (s *Seen) Skew() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.skew, s.dated
}

// RoundTrip is the least time from a request to the headers of its answer; 0 if none came.
func (s *Seen) RoundTrip() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.took
}

// note keeps what headers tell, for a context under Watch.
func note(ctx context.Context, h http.Header, sent time.Time) {
	s, ok := ctx.Value(seenKey{}).(*Seen)
	if !ok {
		return
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if took := now.Sub(sent); s.took == 0 || took < s.took {
		s.took = took
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	// The date was written between sent and now, and has no fractions: within that the clocks agree.
	skew := time.Duration(0)
	switch {
	case date.Add(time.Second).Before(sent):
		skew = date.Add(time.Second).Sub(sent)
	case date.After(now):
		skew = date.Sub(now)
	}
	if !s.dated || skew.Abs() < s.skew.Abs() {
		s.skew, s.dated = skew, true
	}
}
