package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"time"

	"go.etcd.io/bbolt"
)

// Options are for [Open]. The zero value works.
type Options struct {
	// Command is what another process is told about who has the database, such as "openarena run".
	Command string
	// LockWait is how long to wait for a process that has it to write. 0: 800 ms. Processes that only read it are waited for
	// longer: 30 s.
	LockWait time.Duration
	// Waiting is told who reads the database, where that takes longer than LockWait. nil: nobody is.
	Waiting func(*LockedError)
	// Info returns live facts of the process for [ReadDB.Info], as a value that encodes to JSON. It is called from several
	// goroutines. nil: there are none.
	Info func() any
	// Control carries out an order for [ReadDB.Control] and answers it; what either says is theirs. It is called from several
	// goroutines and should return soon. nil: this process takes none.
	Control func(ctx context.Context, order []byte) ([]byte, error)
	// Committed is told of each commit, by the goroutine that writes: it returns at once. nil: nobody is.
	Committed func(Commit)
	// Away is told when a server went away while something was to be written, and with nil when it is back: it returns at
	// once. nil: nobody is. A file is never away.
	Away func(error)
	// Timeout is how long a server that is away is waited for. 0: 15 minutes.
	Timeout time.Duration
	// Bulk says that much is brought in by a command that can be repeated: a server commits several batches at the same time, and
	// what it cannot take is not kept elsewhere.
	Bulk bool
}

// Commit is one commit that succeeded.
type Commit struct {
	Batches int           // that it took together
	Took    time.Duration // all of it
	Sync    time.Duration // writing the pages and waiting for the disk
}

// DB is an open database. All methods may be called from several goroutines.
type DB struct {
	file
	lock   *os.File // bbolt's file
	writer *writer
	server *server
}

var _ Store = (*DB)(nil)

// mapSize is the address space set aside for the file. bbolt maps a file anew when it outgrows its map, and waits for all
// readers first: one that applies a batch while it holds a snapshot would then wait for itself.
const mapSize = 64 << 30

// Open opens a database for writing, and creates it if there is none. Errors: a *LockedError if another process has it, a
// *DamagedError, ErrNewer, ErrUnwritable; an error of fs.ErrNotExist if the folder is missing. A file it refuses stays as
// it is.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	if o.LockWait == 0 {
		o.LockWait = defaultLockWait
	}
	f, err := openOrCreate(ctx, path, o)
	if err != nil {
		return nil, err
	}
	bolt, err := openWriting(path, f)
	if err != nil {
		return nil, err
	}
	removeUnfinished(path)
	db := &DB{file: file{path: path, bolt: bolt}, lock: f}
	if db.writer, err = newWriter(path, bolt); err == nil {
		db.writer.committed = o.Committed
		db.server, err = listen(ctx, &db.file, o)
	}
	if err != nil {
		return nil, errors.Join(err, bolt.Close())
	}
	go db.writer.run()
	go db.server.run()
	return db, nil
}

func openOrCreate(ctx context.Context, path string, o Options) (*os.File, error) {
	f, err := lockToWrite(ctx, path, o.LockWait, o.Waiting)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	return lockToWrite(ctx, path, o.LockWait, o.Waiting)
}

// openWriting examines a locked file and opens it with bbolt. It owns f.
func openWriting(path string, f *os.File) (*bbolt.DB, error) {
	img, err := openImage(path, f)
	if err == nil {
		err = checkSchema(img)
	}
	if err == nil {
		err = img.settle()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return openBolt(f, path, bbolt.Options{InitialMmapSize: roomForMap(f)})
}

// roomForMap is mapSize, or 0 on a machine or under a limit where that much address space is not to be had.
func roomForMap(f *os.File) int {
	if bits.UintSize < 64 || !hasRoom(f, mapSize) {
		return 0
	}
	return mapSize
}

// Path is the absolute path of the file.
func (db *DB) Path() string { return db.path }

// Apply is Store.Apply. Batches that wait at the same time share one commit. After a commit that failed, this and every
// later Apply return an error of ErrUnwritable, or of ErrDamaged if the file is the reason; after Close, one of ErrClosed.
func (db *DB) Apply(ctx context.Context, b *Batch) (Result, error) {
	return db.writer.apply(ctx, b)
}

// Close commits what Apply has accepted, waits for open snapshots and lets go of the file.
func (db *DB) Close() error {
	db.writer.close()
	db.server.close()
	if errors.Is(db.writer.failure(), ErrDamaged) {
		// bbolt may have died with its locks held, and would wait for them here.
		return db.lock.Close()
	}
	if err := guarded(db.path, db.bolt.Close); err != nil {
		return fmt.Errorf("close %s: %w", db.path, err)
	}
	return nil
}
