package main

import (
	"context"
	"errors"
	"io"
	"testing"
)

// TestInterruptible: a signal ends a read that would wait for ever.
func TestInterruptible(t *testing.T) {
	in, out := io.Pipe()
	defer in.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r := interruptible{ctx, in}
	go func() {
		_, _ = out.Write([]byte("abc"))
		cancel() // after it was read, and with nothing to follow
	}()
	text, err := io.ReadAll(r)
	if string(text) != "abc" && string(text) != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("read %q, %v; want what came, and an end", text, err)
	}
}
