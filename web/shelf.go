package web

import (
	"sync"
	"time"
)

const (
	shelfRoom = 32 // things that are kept
	// shelfShare is how many times as long as a thing took to make it is kept while a run changes the database all the time.
	shelfShare = 10
	leastKept  = 2 * time.Second
)

// shelf keeps what took long to make until the database has changed.
type shelf struct {
	mu     sync.Mutex
	things map[string]*thing
}

type thing struct {
	mu    sync.Mutex // held while it is made: whoever else wants it waits
	mark  string
	value any // nil: it was never made
	made  time.Time
	took  time.Duration
	used  time.Time
}

func newShelf() *shelf { return &shelf{things: map[string]*thing{}} }

// kept returns what was made of the present state of the database under that name, else makes it. While a run goes on it may
// be of a state a little while ago.
func kept[T any](v *visit, name string, make func() (T, error)) (T, error) {
	t := v.shelf.thing(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fresh(v.look) {
		return t.value.(T), nil
	}
	began := time.Now()
	mark := v.look.Mark()
	value, err := make()
	if err == nil {
		t.mark, t.value, t.made, t.took = mark, value, time.Now(), time.Since(began)
	}
	return value, err
}

func (t *thing) fresh(l Look) bool {
	if t.value == nil {
		return false
	}
	return t.mark == l.Mark() || l.Live() && time.Since(t.made) < max(leastKept, shelfShare*t.took)
}

// thing is what lies under a name, after the one that was longest unused made room for it.
func (s *shelf) thing(name string) *thing {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.things[name]
	if t == nil {
		if len(s.things) >= shelfRoom {
			s.drop()
		}
		t = &thing{}
		s.things[name] = t
	}
	t.used = time.Now()
	return t
}

func (s *shelf) drop() {
	var oldest string
	for name, t := range s.things {
		if oldest == "" || t.used.Before(s.things[oldest].used) {
			oldest = name
		}
	}
	delete(s.things, oldest)
}
