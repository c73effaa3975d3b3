package store

import (
	"bytes"
	"context"
	"iter"
	"sync"
)

// Cursor is a scan that stands still between two records, so that several walk together and are joined. It is for one
// goroutine.
type Cursor struct {
	ctx  context.Context
	src  source
	bk   Bucket
	rest Range
	want Fields

	chunk *chunk
	at    int // the next of chunk
	size  int // of the next chunk

	next func() (Record, error, bool) // of a Reader that is no source
	stop func()
	one  Record // that next has given
}

// Walk is r.Scan as a Cursor, to be closed.
func Walk(ctx context.Context, r Reader, bk Bucket, in Range, want Fields) *Cursor {
	if src, ok := r.(source); ok {
		return newCursor(ctx, src, bk, in, want, chunks.Get().(*chunk))
	}
	if p, ok := r.(Pager); ok {
		return newCursor(ctx, paged{p}, bk, in, want, chunks.Get().(*chunk))
	}
	c := &Cursor{}
	c.next, c.stop = iter.Pull2(r.Scan(ctx, bk, in, want))
	return c
}

// chunks are the memory of walks that were closed, for the next ones.
var chunks = sync.Pool{New: func() any { return new(chunk) }}

func newCursor(ctx context.Context, src source, bk Bucket, in Range, want Fields, memory *chunk) *Cursor {
	memory.items, memory.more, memory.usual = memory.items[:0], true, 0
	return &Cursor{ctx: ctx, src: src, bk: bk, rest: in, want: want, size: firstChunk, chunk: memory}
}

// Only has the walk pass over keys that do not have these bytes at this place. It is called before Next.
func (c *Cursor) Only(at int, is []byte) { c.rest.at, c.rest.is = at, is }

// Next returns the next record, as Scan yields it, or nil at the end. The record is valid until the call after this.
func (c *Cursor) Next() (*Record, error) {
	rec, err := c.step()
	for rec != nil && !c.rest.passes(rec.Key) {
		rec, err = c.step()
	}
	return rec, err
}

func (c *Cursor) step() (*Record, error) {
	if c.next != nil {
		return c.pull()
	}
	if c.at >= len(c.chunk.items) {
		if err := c.load(); err != nil || len(c.chunk.items) == 0 {
			return nil, err
		}
	}
	it := &c.chunk.items[c.at]
	c.at++
	return &it.Record, it.err()
}

func (c *Cursor) pull() (*Record, error) {
	rec, err, ok := c.next()
	if !ok {
		return nil, nil
	}
	c.one = rec
	return &c.one, err
}

// load reads the next chunk. After an error, and at the end, there are only empty ones.
func (c *Cursor) load() error {
	last := len(c.chunk.items) - 1
	if last >= 0 { // the next key in byte order; a copy, since fill uses the memory again
		c.rest.From = append(bytes.Clone(c.chunk.items[last].Key), 0)
	}
	c.at, c.chunk.items = 0, c.chunk.items[:0]
	if !c.chunk.more {
		return nil
	}
	err := c.ctx.Err()
	if err == nil {
		err = c.src.fill(c.ctx, c.chunk, c.bk, c.rest, c.want, c.size)
	}
	c.size = min(c.size*4, maxChunk)
	if err != nil {
		c.chunk.items, c.chunk.more = c.chunk.items[:0], false
	}
	return err
}

// Close ends the walk; what it gave is not valid any more.
func (c *Cursor) Close() {
	if c.stop != nil {
		c.stop()
	}
	if c.chunk != nil && cap(c.chunk.arena) <= chunkBytes {
		chunks.Put(c.chunk)
	}
	c.chunk = &chunk{}
}
