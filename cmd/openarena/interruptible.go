package main

import (
	"context"
	"errors"
	"io"
	"os"
)

// interruptible is a reader that ends when a signal comes: what is typed, or comes out of a pipe, may never end.
type interruptible struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader. After a signal one read may stay behind; the process ends then.
func (r interruptible) Read(p []byte) (int, error) {
	type part struct {
		text []byte
		err  error
	}
	came := make(chan part, 1)
	go func() {
		text := make([]byte, len(p))
		n, err := r.in.Read(text)
		came <- part{text[:n], err}
	}()
	select {
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	case got := <-came:
		return copy(p, got.text), got.err
	}
}

// late is a file that is opened when it is first read: to open a pipe waits until somebody writes into it.
type late struct {
	name string
	file *os.File
}

func (l *late) Read(p []byte) (n int, err error) {
	if l.file == nil {
		if l.file, err = os.Open(l.name); err != nil {
			var p *os.PathError
			if errors.As(err, &p) { // who reads knows the name
				err = p.Err
			}
			return 0, err
		}
	}
	return l.file.Read(p)
}
