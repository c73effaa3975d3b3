//go:build unix

package main

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"
)

func TestHungUp(t *testing.T) {
	broken := os.NewSyscallError("write", syscall.EPIPE)
	for _, test := range []struct {
		why  string
		err  error
		want bool
	}{
		{"the reader of our output has gone", fmt.Errorf("after 3 rows: %w", &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}), true},
		{"a connection broke", fmt.Errorf("the upload: %w", &net.OpError{Op: "write", Net: "tcp", Err: broken}), false},
		{"another failure", io.ErrUnexpectedEOF, false},
		{"none", nil, false},
	} {
		if got := hungUp(test.err); got != test.want {
			t.Errorf("%s: hungUp(%v) = %t", test.why, test.err, got)
		}
	}
}
