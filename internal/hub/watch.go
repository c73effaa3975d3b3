package hub

import (
	"context"
	"errors"
	"io"
	"time"
)

// errSilent ends a body from which nothing came for too long.
var errSilent = errors.New("the connection fell silent")

// watched is a body that ends when it is silent for too long.
type watched struct {
	io.ReadCloser
	limit time.Duration
	timer *time.Timer
	stop  context.CancelCauseFunc
	fell  chan struct{} // closed when the timer ended it
}

func watch(body io.ReadCloser, limit time.Duration, stop context.CancelCauseFunc) *watched {
	w := &watched{ReadCloser: body, limit: limit, stop: stop, fell: make(chan struct{})}
	w.timer = time.AfterFunc(limit, func() {
		close(w.fell)
		stop(errSilent)
	})
	w.timer.Stop() // it runs during a read only: a caller may take its time
	return w
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(w.limit)
	n, err := w.ReadCloser.Read(p)
	if !w.timer.Stop() {
		<-w.fell
		if err != nil && !errors.Is(err, io.EOF) {
			err = errSilent
		}
	}
	return n, err
}

func (w *watched) Close() error {
	w.timer.Stop()
	err := w.ReadCloser.Close()
	w.stop(nil)
	return err
}
