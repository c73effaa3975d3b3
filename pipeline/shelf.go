package pipeline

import "sync"

// shelf keeps what was put on it last, as far as it has room.
type shelf[K comparable, V any] struct {
	mu    sync.Mutex
	kept  map[K]V
	order []filed[K] // the oldest first
	bytes int
}

type filed[K comparable] struct {
	key  K
	size int
}

const (
	shelfBytes = 1 << 20 // the room of a shelf. The models of a run work on the same few prompts, so it is plenty
	filing     = 256     // what it costs to keep a value, beside its own bytes
)

func (s *shelf[K, V]) get(key K) (V, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.kept[key]
	return v, ok
}

// put keeps a value of so many bytes, which nobody may change any more; what has been there longest goes.
func (s *shelf[K, V]) put(key K, v V, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	size += filing
	if _, ok := s.kept[key]; ok || size > shelfBytes {
		return
	}
	if s.kept == nil {
		s.kept = map[K]V{}
	}
	s.kept[key], s.order, s.bytes = v, append(s.order, filed[K]{key, size}), s.bytes+size
	for s.bytes > shelfBytes {
		old := s.order[0]
		delete(s.kept, old.key)
		s.order, s.bytes = s.order[1:], s.bytes-old.size
	}
}
