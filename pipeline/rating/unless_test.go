package rating

import (
	"context"
	"errors"
	"testing"
)

// TestUnlessDone: nothing waits for what is computed when a context ends, and what was computed arrives when none does.
func TestUnlessDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	begun, never := make(chan struct{}), make(chan struct{})
	defer close(never)
	go func() {
		<-begun
		cancel()
	}()
	_, err := unlessDone(ctx, func() (int, error) {
		close(begun)
		<-never
		return 1, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v; want that of the context", err)
	}
	failed := errors.New("failed")
	if got, err := unlessDone(t.Context(), func() (int, error) { return 2, failed }); got != 2 || !errors.Is(err, failed) {
		t.Errorf("it returned %d, %v; want what was computed", got, err)
	}
}
