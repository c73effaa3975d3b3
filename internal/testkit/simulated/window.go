package simulated

import (
	"sync"
	"time"
)

// Window is a server that takes so many requests and tokens in any 60 seconds, and refuses the rest. A call counts when it
// arrives, with its prompt and the longest answer it may have, and with its real answer once that is there.
type Window struct {
	mu       sync.Mutex
	rpm, tpm int64
	calls    []*counted
	sum      int64 // tokens of calls
	requests int64 // taken since the beginning
	tokens   int64
}

type counted struct {
	at     time.Time
	tokens int64
	gone   bool // older than a minute
}

// NewWindow returns a server with these limits a minute.
func NewWindow(rpm, tpm int64) *Window { return &Window{rpm: rpm, tpm: tpm} }

// Take lets a call in that may take so many tokens, and returns what is to be called with what it did take; nil: it is
// refused.
func (s *Window) Take(most int64) (settle func(tokens int64)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.calls) > 0 && now.Sub(s.calls[0].at) >= time.Minute {
		s.sum -= s.calls[0].tokens
		s.calls[0].gone = true
		s.calls = s.calls[1:]
	}
	if int64(len(s.calls)) >= s.rpm || s.sum+most > s.tpm {
		return nil
	}
	c := &counted{at: now, tokens: most}
	s.calls = append(s.calls, c)
	s.sum += most
	return func(tokens int64) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !c.gone {
			s.sum += tokens - c.tokens
		}
		c.tokens = tokens
		s.requests++
		s.tokens += tokens
	}
}

// Taken is how many requests and tokens were answered so far.
func (s *Window) Taken() (requests, tokens int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.tokens
}
