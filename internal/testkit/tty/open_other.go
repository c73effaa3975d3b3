//go:build !linux

package tty

import (
	"os"
	"os/exec"
)

// Open returns ErrNone.
func Open(columns, rows uint16) (master, slave *os.File, err error) { return nil, nil, ErrNone }

// Run returns ErrNone.
func Run(cmd *exec.Cmd, columns, rows uint16) ([]byte, error) { return nil, ErrNone }

// Follow returns ErrNone.
func Follow(cmd *exec.Cmd, columns, rows uint16, seen func([]byte)) ([]byte, error) {
	return nil, ErrNone
}
