package simulated

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Scattered is a server that refuses a share of the calls, whatever its load.
type Scattered struct {
	Server
	share float64
	mu    sync.Mutex
	rand  *rand.Rand
}

// NewScattered puts refusals before s.
func NewScattered(s Server, share float64, seed uint64) *Scattered {
	return &Scattered{Server: s, share: share, rand: rand.New(rand.NewPCG(seed, 8))}
}

// Serve implements Server.
func (s *Scattered) Serve(work time.Duration) bool {
	s.mu.Lock()
	no := s.rand.Float64() < s.share
	s.mu.Unlock()
	return !no && s.Server.Serve(work)
}
