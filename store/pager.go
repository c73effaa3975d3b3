package store

import (
	"context"
	"iter"
)

// Pager is a Reader that gives its records page by page, for [Walk] and [ScanPages]: between two pages a walk holds
// nothing, no transaction, no connection and no goroutine.
type Pager interface {
	Get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error)
	// ReadPage adds the first records of r to an empty page: n of them, or fewer where they are long, but one at least if
	// there is one.
	ReadPage(ctx context.Context, p *Page, bk Bucket, r Range, want Fields, n int) error
}

// Page is a run of records in key order, in memory of its own.
type Page struct {
	chunk *chunk
	bytes int
}

// Add copies a record to the end of the page.
func (p *Page) Add(r Record) {
	p.bytes += r.size()
	for _, part := range [...]*[]byte{&r.Key, &r.Meta, &r.Body} {
		*part = p.chunk.keep(*part)
	}
	p.chunk.items = append(p.chunk.items, item{Record: r})
}

// AddBad adds a record that cannot be read.
func (p *Page) AddBad(err *RecordError) {
	p.bytes += len(err.Key)
	p.chunk.items = append(p.chunk.items, item{Record: Record{Key: err.Key}, bad: err})
}

// More says that there may be records behind those of the page.
func (p *Page) More() { p.chunk.more = true }

// Bytes is how long the records of the page are together.
func (p *Page) Bytes() int { return p.bytes }

// Usual is how long a record of the page before this was, in bytes: as long as these will be, most likely. 0 if nobody knows.
func (p *Page) Usual() int { return p.chunk.usual }

// Reset empties the page, for who has to read it again.
func (p *Page) Reset() {
	p.bytes = 0
	p.chunk.items, p.chunk.arena, p.chunk.more = p.chunk.items[:0], p.chunk.arena[:0], false
}

// ScanPages is Reader.Scan of a Pager.
func ScanPages(ctx context.Context, p Pager, bk Bucket, r Range, want Fields) iter.Seq2[Record, error] {
	return scan(ctx, paged{p}, bk, r, want)
}

// paged is a Pager as a source.
type paged struct{ Pager }

func (s paged) get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error) {
	return s.Get(ctx, bk, key, want)
}

func (s paged) fill(ctx context.Context, c *chunk, bk Bucket, r Range, want Fields, n int) error {
	p := Page{chunk: c}
	p.Reset()
	err := s.ReadPage(ctx, &p, bk, r, want, n)
	if n := len(c.items); n > 0 {
		c.usual = p.bytes / n
	}
	return err
}

// keep copies bytes into the arena. What does not fit any more begins a new one; what lies in the old one stays valid.
func (c *chunk) keep(part []byte) []byte {
	if len(part) == 0 {
		return nil
	}
	if cap(c.arena)-len(c.arena) < len(part) {
		c.arena = make([]byte, 0, max(len(part), min(2*cap(c.arena), chunkBytes), 4<<10))
	}
	start := len(c.arena)
	c.arena = append(c.arena, part...)
	return c.arena[start:len(c.arena):len(c.arena)]
}
