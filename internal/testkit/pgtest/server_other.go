//go:build !unix

package pgtest

import "os/exec"

// Elsewhere no server is started: OPENARENA_PG may name one.
func (s *Server) giveAway(...string) error { return ErrNoServer }
func (s *Server) guard() error             { return ErrNoServer }
func (s *Server) gone() bool               { return true }

// KillNow is Kill outside of a test.
func (s *Server) KillNow() error { return ErrNoServer }

func (s *Server) command(program string, args ...string) *exec.Cmd {
	return exec.Command(program, args...)
}
