package postgres

import (
	"sync"
	"time"
)

// silence is after how long without an answer a server is told to be silent. A commit takes milliseconds.
const silence = 5 * time.Second

// spell is a time in which a server takes nothing. It is told once that it began, and once that it is over.
type spell struct {
	tell func(error) // nil: nobody

	mu     sync.Mutex
	began  time.Time // zero: it has not
	closed bool
}

// begin does nothing in a spell, or when nobody waits any more.
func (s *spell) begin(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.began.IsZero() {
		return
	}
	s.began = time.Now()
	if s.tell != nil {
		s.tell(why)
	}
}

// over ends a spell, if there is one.
func (s *spell) over() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.began.IsZero() && s.tell != nil {
		s.tell(nil)
	}
	s.began = time.Time{}
}

// since is when it began; zero: there is none.
func (s *spell) since() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.began
}

// close has nothing more told.
func (s *spell) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}
