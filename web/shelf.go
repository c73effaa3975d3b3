package web

import (
	"sync"
	"time"
)

const (
	shelfRoom = 32 // things that are kept
	// shelfShare is how many times as long as a thing took to make it is kept while a run changes the database all the time.
	shelfShare = 25
	leastKept  = 2 * time.Second
	unusedKept = 15 * time.Minute
)

// shelf keeps what took long to make until the database has changed.
type shelf struct {
	mu     sync.Mutex
	things map[string]*thing
}

// thing is what lies under a name.
type thing struct {
	making chan struct{} // held by the one who makes it
	used   time.Time     // guarded by the shelf's mu

	mu    sync.Mutex
	has   bool
	value any
	mark  string
	made  time.Time
	took  time.Duration
}

func newShelf() *shelf { return &shelf{things: map[string]*thing{}} }

// kept returns what was made of the present state of the database under that name, else makes it. While a run goes on it may
// be of a state a little while ago, and nobody but who makes it waits for a newer one. Where make fails nothing is kept, and
// the next who waits tries; waiting ends with the visit.
func kept[T any](v *visit, name string, make func() (T, error)) (T, error) {
	t := v.shelf.thing(name)
	if value, ok := t.fresh(v.look); ok {
		return value.(T), nil
	}
	var none T
	select {
	case t.making <- struct{}{}:
	default: // someone makes it
		if value, ok := t.stale(v.look); ok {
			return value.(T), nil
		}
		select {
		case t.making <- struct{}{}:
		case <-v.Done():
			return none, v.Err()
		}
	}
	defer func() { <-t.making }()
	if value, ok := t.fresh(v.look); ok {
		return value.(T), nil
	}
	began, mark := time.Now(), v.look.Mark()
	value, err := make()
	if err == nil {
		t.keep(value, mark, time.Since(began))
	}
	return value, err
}

func (t *thing) keep(value any, mark string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.has, t.value, t.mark, t.made, t.took = true, value, mark, time.Now(), took
}

// fresh returns what need not be made.
func (t *thing) fresh(l Look) (any, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.value, t.has && (t.mark == l.Mark() || l.Live() && time.Since(t.made) < max(leastKept, shelfShare*t.took))
}

// stale returns what may be shown while a newer one is made.
func (t *thing) stale(l Look) (any, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.value, t.has && l.Live()
}

// thing is what lies under a name, after what was long unused has made room.
func (s *shelf) thing(name string) *thing {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	t := s.things[name]
	if t == nil {
		s.tidy(now)
		t = &thing{making: make(chan struct{}, 1)}
		s.things[name] = t
	}
	t.used = now
	return t
}

// tidy drops what nobody has wanted for long, and makes room for one more.
func (s *shelf) tidy(now time.Time) {
	oldest := ""
	for name, t := range s.things {
		switch {
		case now.Sub(t.used) > unusedKept:
			delete(s.things, name)
		case oldest == "" || t.used.Before(s.things[oldest].used):
			oldest = name
		}
	}
	if len(s.things) >= shelfRoom {
		delete(s.things, oldest)
	}
}
