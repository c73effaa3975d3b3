package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// signals turn SIGINT, SIGTERM and SIGHUP into contexts: the first ends soft (start nothing new), the second ends hard
// (leave at once).
type signals struct {
	soft, hard context.Context
	arrived    chan os.Signal
	done       chan struct{}
	once       sync.Once
	end        context.CancelFunc
}

func newSignals(ctx context.Context) *signals {
	s := &signals{arrived: make(chan os.Signal, 4), done: make(chan struct{})}
	var stop context.CancelFunc
	s.hard, s.end = context.WithCancel(ctx)
	s.soft, stop = context.WithCancel(s.hard)
	signal.Notify(s.arrived, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE) // a write to a closed pipe is an error like others
	go func() {
		for _, cancel := range []context.CancelFunc{stop, s.end} {
			select {
			case <-s.arrived:
				cancel()
			case <-s.done:
				return
			}
		}
	}()
	return s
}

func (s *signals) close() {
	s.once.Do(func() {
		signal.Stop(s.arrived)
		close(s.done)
		s.end()
	})
}
