package store

import (
	"bytes"
	"context"
)

// Limits of one commit of a Loader: of small records it is full by count, of texts by size.
const (
	loadChanges = 4096
	loadBytes   = 4 << 20
)

// LoadFlights is how many batches of a Loader are on their way at once: a server with a processor for each takes so many in the time of one.
const LoadFlights = 4

// Loader brings many records into a store in few commits, and collects the next one while others are on their way. What is
// added between two calls of Spill is committed together; of two batches the later one may be committed first, unless
// Flush stands between them. It is for one goroutine. After an error it is of no use any more.
type Loader struct {
	to    Store
	batch *Batch
	bytes int
	// sealing adds to a batch what has to be committed with it, before it goes. nil: nothing.
	sealing func(*Batch)
	// committed is told of each batch that was. nil: nobody is.
	committed func(*Batch, Result) error
	flying    []chan loaded // the first one first
}

type loaded struct {
	batch  *Batch
	result Result
	err    error
}

// NewLoader returns one for a store. committed is told of each batch once it and all before it are durable, by the goroutine
// that uses the Loader; nil: nobody is.
func NewLoader(to Store, committed func(*Batch, Result) error) *Loader {
	return &Loader{to: to, batch: &Batch{}, committed: committed}
}

// PutOnce adds a record, whose parts are copied.
func (l *Loader) PutOnce(bk Bucket, r Record) {
	r = r.Clone()
	l.batch.PutOnce(bk, r.Key, r.Meta, r.Body)
	l.bytes += len(r.Key) + len(r.Meta) + len(r.Body)
}

// Put adds a record that replaces what is there. Its parts are copied.
func (l *Loader) Put(bk Bucket, r Record) {
	r = r.Clone()
	l.batch.Put(bk, r.Key, r.Meta, r.Body)
	l.bytes += len(r.Key) + len(r.Meta) + len(r.Body)
}

// Delete removes a record.
func (l *Loader) Delete(bk Bucket, key []byte) { l.batch.Delete(bk, bytes.Clone(key)) }

// Add adds n to a counter.
func (l *Loader) Add(counter []byte, n int64) { l.batch.Add(bytes.Clone(counter), n) }

// Spill begins a commit if there is enough for one.
func (l *Loader) Spill(ctx context.Context) error {
	if len(l.batch.ops) < loadChanges && l.bytes < loadBytes {
		return nil
	}
	return l.begin(ctx)
}

// Flush commits what was added, and returns when it is durable.
func (l *Loader) Flush(ctx context.Context) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	return l.wait(0)
}

func (l *Loader) begin(ctx context.Context) error {
	if l.batch.Empty() {
		return nil
	}
	if err := l.wait(LoadFlights - 1); err != nil {
		return err
	}
	b := l.batch
	if l.sealing != nil {
		l.sealing(b)
	}
	l.batch, l.bytes = &Batch{}, 0
	flying := make(chan loaded, 1)
	l.flying = append(l.flying, flying)
	go func() {
		result, err := l.to.Apply(ctx, b)
		flying <- loaded{b, result, err}
	}()
	return nil
}

// wait waits until no more than so many commits are on their way. Whoever gives a Loader up waits for all: the store must
// not be closed before.
func (l *Loader) wait(most int) (err error) {
	for len(l.flying) > most {
		done := <-l.flying[0]
		l.flying = l.flying[1:]
		if err == nil {
			err = done.err
		}
		if err == nil && l.committed != nil {
			err = l.committed(done.batch, done.result)
		}
		if err != nil {
			most = 0
		}
	}
	return err
}

// Abandon waits for the commits on their way and drops what was added since.
func (l *Loader) Abandon() {
	l.committed = nil
	l.wait(0)
}
