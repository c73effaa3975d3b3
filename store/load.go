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

// Loader brings many records into a store in few commits, and collects the next one while the last is on its way. What is
// added between two calls of Spill is committed together. It is for one goroutine. After an error it is of no use any more.
type Loader struct {
	to    Store
	batch *Batch
	bytes int
	// sealing adds to a batch what has to be committed with it, before it goes. nil: nothing.
	sealing func(*Batch)
	// committed is told of each batch that was. nil: nobody is.
	committed func(*Batch, Result) error
	flying    chan loaded // nil: none
}

type loaded struct {
	batch  *Batch
	result Result
	err    error
}

// NewLoader returns one for a store. committed is told of each commit, before the next one begins; nil: nobody is.
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
	return l.wait()
}

func (l *Loader) begin(ctx context.Context) error {
	if err := l.wait(); err != nil || l.batch.Empty() {
		return err
	}
	b := l.batch
	if l.sealing != nil {
		l.sealing(b)
	}
	l.batch, l.bytes = &Batch{}, 0
	flying := make(chan loaded, 1)
	l.flying = flying
	go func() {
		result, err := l.to.Apply(ctx, b)
		flying <- loaded{b, result, err}
	}()
	return nil
}

// wait waits for the commit on its way. Whoever gives a Loader up calls it, too: the store must not be closed before.
func (l *Loader) wait() error {
	if l.flying == nil {
		return nil
	}
	done := <-l.flying
	l.flying = nil
	if done.err != nil || l.committed == nil {
		return done.err
	}
	return l.committed(done.batch, done.result)
}

// Abandon waits for the commit on its way and drops what was added since.
func (l *Loader) Abandon() {
	l.committed = nil
	l.wait()
}
