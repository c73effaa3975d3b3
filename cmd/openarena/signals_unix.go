//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// alsoDrain has SIGUSR1 do what SIGTERM does, as Slurm sends it before time is up; the function returned ends that.
func (s *signals) alsoDrain() func() {
	signal.Notify(s.arrived, syscall.SIGUSR1)
	return func() { signal.Reset(syscall.SIGUSR1) }
}
