package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// ReadDB reads a database that another process may have open for writing. It changes nothing. All methods may be called
// from several goroutines.
type ReadDB struct {
	path string

	mu     sync.Mutex
	live   *conn // one of these two
	file   *file
	closed bool
}

var _ Reader = (*ReadDB)(nil)

// readable is what both ways to read have in common.
type readable interface {
	source
	open(ctx context.Context) (Snapshot, error)
}

func (f *file) open(ctx context.Context) (Snapshot, error) { return f.Snapshot(ctx) }
func (c *conn) open(ctx context.Context) (Snapshot, error) { return c.snapshot(ctx) }

// OpenReader opens a database for reading: through the process that has it open for writing, else from the file, whose
// writers wait until Close. Errors: ErrNoDatabase, a *LockedError, a *DamagedError, ErrNewer.
func OpenReader(ctx context.Context, path string) (*ReadDB, error) {
	path, err := resolve(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrNoDatabase, err)
	}
	if err != nil {
		return nil, err
	}
	r := &ReadDB{path: path}
	if r.live, r.file, err = attach(ctx, path); err != nil {
		return nil, err
	}
	return r, nil
}

// attach finds a way to read. A process that is just starting or ending has the lock but no socket; that passes, and on a busy
// disk it takes a while.
func attach(ctx context.Context, path string) (*conn, *file, error) {
	began := time.Now()
	last, since := owner{}, began // who was met last, and when
	for {
		o, ok := readOwner(path)
		if ok {
			if o.Token != last.Token { // they come and go: the next may be met in time
				last, since = o, time.Now()
			}
			c, err := dial(ctx, o)
			if err == nil || !errors.Is(err, errGone) {
				return c, nil, err
			}
		}
		if gateShut(path) { // who waits there has its turn first, and time to begin
			since = time.Now()
		} else if f, err := openReading(path); err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, f, err
		}
		patience := defaultLockWait
		if !ok {
			patience = moveWait
		}
		if time.Since(since) > patience || time.Since(began) > readersWait+moveWait {
			return nil, nil, lockedBy(path)
		}
		if err := pause(ctx, lockRetry); err != nil {
			return nil, nil, err
		}
	}
}

func openReading(path string) (*file, error) {
	f, err := tryLock(path, forReading)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s; `openarena run` makes one", ErrNoDatabase, path)
	}
	if err != nil {
		return nil, err
	}
	img, err := openImage(path, f)
	if err == nil {
		err = checkSchema(img)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	bolt, err := openBolt(f, path, bbolt.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	return &file{path: path, bolt: bolt}, nil
}

// Live reports whether another process has the database open and answers for it.
func (r *ReadDB) Live() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live != nil
}

// Get is Reader.Get.
func (r *ReadDB) Get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error) {
	return r.get(ctx, bk, key, want)
}

// Scan is Reader.Scan. It sees the commits that return while it runs, or not; each record once, in order.
func (r *ReadDB) Scan(ctx context.Context, bk Bucket, rg Range, want Fields) iter.Seq2[Record, error] {
	return scan(ctx, r, bk, rg, want)
}

// Snapshot returns one frozen state. One of a running process ends with it, and after 30 seconds without a read.
func (r *ReadDB) Snapshot(ctx context.Context) (s Snapshot, err error) {
	err = r.try(ctx, func(src readable) (err error) {
		s, err = src.open(ctx)
		return err
	})
	return s, err
}

// Info returns the live facts of the process that has the database open, as JSON; nil if none has, or it says nothing.
func (r *ReadDB) Info(ctx context.Context) (info json.RawMessage, err error) {
	err = r.try(ctx, func(src readable) error {
		c, ok := src.(*conn)
		if !ok {
			return nil
		}
		reply, err := c.ask(ctx, readerPause, kindInfo, nil, nil)
		if err == nil && len(reply) > 0 {
			info = reply
		}
		return err
	})
	return info, err
}

// Close lets go of the process or the file. It waits for snapshots of the file.
func (r *ReadDB) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return r.detach()
}

func (r *ReadDB) detach() error {
	live, file := r.live, r.file
	r.live, r.file = nil, nil
	if live != nil {
		live.close()
	}
	if file != nil {
		return guarded(r.path, file.bolt.Close)
	}
	return nil
}

func (r *ReadDB) get(ctx context.Context, bk Bucket, key []byte, want Fields) (rec Record, err error) {
	err = r.try(ctx, func(src readable) (err error) {
		rec, err = src.get(ctx, bk, key, want)
		return err
	})
	return rec, err
}

func (r *ReadDB) fill(ctx context.Context, c *chunk, bk Bucket, rg Range, want Fields, n int) error {
	return r.try(ctx, func(src readable) error { return src.fill(ctx, c, bk, rg, want, n) })
}

// moveWait is how long a read moves on from processes that ended. Runs may follow each other closely, as in a script.
const moveWait = 5 * time.Second

// try reads, and if the process that answers is gone, finds another way and reads again.
func (r *ReadDB) try(ctx context.Context, read func(readable) error) error {
	var src readable
	for deadline := time.Now().Add(moveWait); ; {
		var err error
		if src, err = r.current(ctx, src); err != nil {
			return err
		}
		if err = read(src); !errors.Is(err, errGone) || time.Now().After(deadline) {
			return err
		}
	}
}

// current returns the way to read; not the one that is gone.
func (r *ReadDB) current(ctx context.Context, gone readable) (readable, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, fmt.Errorf("read %s: %w", r.path, ErrClosed)
	}
	if gone != nil && gone == readable(r.live) || r.live == nil && r.file == nil {
		var err error
		r.detach()
		if r.live, r.file, err = attach(ctx, r.path); err != nil {
			return nil, err
		}
	}
	if r.live != nil {
		return r.live, nil
	}
	return r.file, nil
}
