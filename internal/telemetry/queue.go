package telemetry

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	queued   = 4096                  // lines that may wait for the disk
	together = 64 << 10              // bytes of one write
	gather   = 10 * time.Millisecond // for which lines are written together
)

// queue writes lines to a file from a goroutine of its own. A line that finds no room is counted and dropped, and after a
// failed write so are all.
type queue struct {
	w     io.Writer
	lines chan []byte
	spare sync.Pool // of *[]byte
	done  chan struct{}

	mu      sync.RWMutex // Write: shared; close: exclusive
	closed  bool
	dropped atomic.Int64
	failed  error // of the goroutine; read when done is closed
}

func newQueue(w io.Writer) *queue {
	q := &queue{w: w, lines: make(chan []byte, queued), done: make(chan struct{})}
	go q.run()
	return q
}

// Write implements io.Writer: it never waits and never fails.
func (q *queue) Write(line []byte) (int, error) {
	q.mu.RLock()
	defer q.mu.RUnlock()
	var buf []byte
	if b, ok := q.spare.Get().(*[]byte); ok {
		buf = *b
	}
	if !q.closed {
		select {
		case q.lines <- append(buf[:0], line...):
			return len(line), nil
		default:
		}
	}
	q.dropped.Add(1)
	return len(line), nil
}

// run writes what has come, in one write as far as it fits.
func (q *queue) run() {
	defer close(q.done)
	text := make([]byte, 0, together)
	for line := range q.lines {
		text = q.take(text[:0], line)
		time.Sleep(gather)
		for len(text) < together {
			select {
			case line, ok := <-q.lines:
				if ok {
					text = q.take(text, line)
					continue
				}
			default:
			}
			break
		}
		if q.failed != nil {
			q.dropped.Add(1)
			continue
		}
		if _, err := q.w.Write(text); err != nil {
			q.failed = err
			q.dropped.Add(1)
		}
	}
}

// take adds a line to text and keeps its memory for another.
func (q *queue) take(text, line []byte) []byte {
	text = append(text, line...)
	q.spare.Put(&line)
	return text
}

// close writes what waits, for so long at most, and tells what is not in the file.
func (q *queue) close(patience time.Duration) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.lines)
	}
	q.mu.Unlock()
	select {
	case <-q.done:
	case <-time.After(patience):
		return errors.New("nobody takes its lines: the last ones are missing")
	}
	switch n := q.dropped.Load(); {
	case q.failed != nil:
		return fmt.Errorf("%w; what came after is missing", q.failed)
	case n > 0:
		return fmt.Errorf("it could not be written as fast as it grew: %d lines are missing", n)
	}
	return nil
}
