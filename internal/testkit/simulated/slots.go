// Package simulated holds model servers that live in virtual time: they are called inside a bubble of testing/synctest, so that
// hours of load take a second and come out the same on every machine. Each is a model of one thing that real servers do.
package simulated

import (
	"container/list"
	"sync"
	"time"
)

// Server answers calls.
type Server interface {
	// Serve returns when a call that takes this long on an idle server is answered; false, at once: it was refused.
	Serve(work time.Duration) bool
}

// Slots is a server that works on so many calls at once, queues some more, and refuses the rest.
type Slots struct {
	mu          sync.Mutex
	slots, most int
	busy, open  int
	queue       list.List // of chan struct{}
}

// NewSlots returns a server of so many slots, which refuses calls when most are open.
func NewSlots(slots, most int) *Slots { return &Slots{slots: slots, most: most} }

// Resize changes both from now on; calls that are open stay.
func (s *Slots) Resize(slots, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots, s.most = slots, most
	s.start()
}

// Serve implements Server.
func (s *Slots) Serve(work time.Duration) bool {
	s.mu.Lock()
	if s.open >= s.most {
		s.mu.Unlock()
		return false
	}
	s.open++
	turn := make(chan struct{})
	s.queue.PushBack(turn)
	s.start()
	s.mu.Unlock()
	<-turn
	time.Sleep(work)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.busy--
	s.start()
	return true
}

func (s *Slots) start() {
	for s.busy < s.slots && s.queue.Len() > 0 {
		s.busy++
		close(s.queue.Remove(s.queue.Front()).(chan struct{}))
	}
}
