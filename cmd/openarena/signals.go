package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
)

// signals turn SIGINT, SIGTERM and SIGHUP into contexts: the first ends soft (start nothing new), the second ends hard
// (leave at once). What the third does is the system's choice, which is to end the process: it cannot hang for ever.
type signals struct {
	soft, hard context.Context
	arrived    chan os.Signal
	done       chan struct{}
	once       sync.Once
	asked      chan struct{} // closed by stop
	ask        sync.Once
	end        context.CancelFunc
	one        atomic.Value // the first that arrived
}

// first is the signal that ended soft; nil: none did.
func (s *signals) first() os.Signal {
	h, _ := s.one.Load().(heard)
	return h.Signal
}

type heard struct{ os.Signal }

func newSignals(ctx context.Context) *signals {
	s := &signals{arrived: make(chan os.Signal, 4), asked: make(chan struct{}), done: make(chan struct{})}
	var stop context.CancelFunc
	s.hard, s.end = context.WithCancel(ctx)
	s.soft, stop = context.WithCancel(s.hard)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(sig) { // else whoever started us wants it so, as nohup does
			signal.Notify(s.arrived, sig)
		}
	}
	signal.Ignore(syscall.SIGPIPE) // a write to a closed pipe is an error like others
	go s.listen(stop)
	return s
}

func (s *signals) listen(stop context.CancelFunc) {
	// Before the second is told to anybody, the third is given back.
	second := func() { signal.Stop(s.arrived); s.end() }
	asked := s.asked
	for _, act := range []func(){stop, second} {
		select {
		case sig := <-s.arrived:
			s.one.CompareAndSwap(nil, heard{sig})
		case <-asked:
		case <-s.done:
			return
		}
		asked = nil
		act()
	}
}

// stop does what the first signal does; after that one it does nothing.
func (s *signals) stop() {
	s.ask.Do(func() { close(s.asked) })
	select {
	case <-s.soft.Done():
	case <-s.done:
	}
}

func (s *signals) close() {
	s.once.Do(func() {
		signal.Stop(s.arrived)
		close(s.done)
		s.end()
	})
}
