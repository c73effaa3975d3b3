package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// Process is one that has a database open for writing, or had it when it died.
type Process struct {
	PID     int
	Command string // such as "openarena run"; may be empty
	Since   time.Time
}

func (o owner) process() Process { return Process{o.PID, o.Command, o.Since} }

// Running is a connection to the process that has a database open for writing. It reads nothing of the database and locks
// nothing. All methods may be called from several goroutines.
type Running struct {
	Process
	conn *conn
}

// FindRunning connects to the process that has a database open. Errors: ErrIdle where none has.
func FindRunning(ctx context.Context, path string) (*Running, error) {
	path, err := resolve(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrIdle, err)
	}
	if err != nil {
		return nil, err
	}
	o, ok := readOwner(path)
	if !ok {
		return nil, ErrIdle
	}
	c, err := dial(ctx, o)
	if errors.Is(err, errGone) {
		return nil, fmt.Errorf("%w: %w", ErrIdle, err)
	}
	if err != nil {
		return nil, err
	}
	return &Running{o.process(), c}, nil
}

// Info returns its live facts as JSON, nil where it says nothing. Errors: ErrIdle when it has ended.
func (r *Running) Info(ctx context.Context) (json.RawMessage, error) {
	reply, err := r.conn.ask(ctx, readerPause, kindInfo, nil, nil)
	if errors.Is(err, errGone) {
		return nil, fmt.Errorf("%w any more: %w", ErrIdle, err)
	}
	if err != nil || len(reply) == 0 {
		return nil, err
	}
	return reply, nil
}

// Close lets go of the process.
func (r *Running) Close() { r.conn.close() }

// Died returns the process that had the database open last, where it did not close it: it was killed, or the power went. It
// knows that of a database that is read from its file only.
func (r *ReadDB) Died() (Process, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return Process{}, false
	}
	o, ok := readOwner(r.path) // whoever closes it removes this before letting go of the lock that we have now
	return o.process(), ok
}
