package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Database is where records are kept, open or not: a [File], or a schema of a server. Its methods may be called from several
// goroutines.
type Database interface {
	fmt.Stringer // its name for people, which holds no password
	// OpenReader opens it to be read, whoever else has it open. Errors: ErrNoDatabase, ErrLocked, ErrDamaged, ErrNewer.
	OpenReader(ctx context.Context) (ReadStore, error)
	// Open opens it for writing, and makes it if it is not there. Errors are those of [Open].
	Open(ctx context.Context, o Options) (Store, error)
	// Exists is an error of ErrNoDatabase where nothing was ever kept there.
	Exists(ctx context.Context) error
	// Shared reports whether any number of processes write to it at once.
	Shared() bool
	// Mark tells its states apart; see [Mark].
	Mark(ctx context.Context) (string, error)
	// FindRunning finds who works on it, without reading any of it. Errors: ErrIdle where nobody does.
	FindRunning(ctx context.Context) (Work, error)
	// Awaited reports whether somebody who wants to write waits for readers to end.
	Awaited() bool
}

// ReadStore is a database opened to be read. All methods may be called from several goroutines.
type ReadStore interface {
	Reader
	Snapshot(ctx context.Context) (Snapshot, error)
	// Live reports whether others have it open for writing, and answer for it.
	Live() bool
	// Info returns the live facts of those, as JSON; nil if none has it open, or they say nothing.
	Info(ctx context.Context) (json.RawMessage, error)
	// Died returns the process that had it open last, where it did not close it.
	Died() (Process, bool)
	// Control hands an order to whoever has it open, and returns the answer. Errors: ErrIdle, ErrNoOrders, or what they say.
	Control(ctx context.Context, order []byte) ([]byte, error)
	Close() error
}

// Work is a connection to whoever works on a database.
type Work interface {
	// Info returns the live facts, as ReadStore.Info does. Errors: ErrIdle when the work has ended.
	Info(ctx context.Context) (json.RawMessage, error)
	Close()
}

// File is a database in a file at this path, with one process that writes.
type File string

var (
	_ Database  = File("")
	_ ReadStore = (*ReadDB)(nil)
	_ Work      = (*Running)(nil)
)

func (f File) String() string { return string(f) }

// OpenReader implements Database.
func (f File) OpenReader(ctx context.Context) (ReadStore, error) {
	db, err := OpenReader(ctx, string(f))
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Open implements Database.
func (f File) Open(ctx context.Context, o Options) (Store, error) {
	db, err := Open(ctx, string(f), o)
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Exists implements Database.
func (f File) Exists(context.Context) error {
	if _, err := os.Stat(string(f)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w; `openarena run` makes one, --db names another", f, ErrNoDatabase)
	}
	return nil
}

// Shared implements Database.
func (f File) Shared() bool { return false }

// Mark implements Database.
func (f File) Mark(context.Context) (string, error) { return Mark(string(f)) }

// FindRunning implements Database.
func (f File) FindRunning(ctx context.Context) (Work, error) {
	r, err := FindRunning(ctx, string(f))
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Awaited implements Database.
func (f File) Awaited() bool { return Awaited(string(f)) }
