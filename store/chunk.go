package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"go.etcd.io/bbolt"
)

// Limits of one chunk: the memory of a scan, and how long it holds a transaction.
const (
	firstChunk = 16 // records; most scans are short, so the first chunks are too
	maxChunk   = 1024
	chunkBytes = 1 << 20
)

// item is one step of a scan.
type item struct {
	Record
	bad *RecordError // the record could not be read; only Key is set
}

// chunk is a run of records and the memory they lie in. It is used again by the next one.
type chunk struct {
	items []item
	arena []byte
	more  bool // there may be records behind it
	limit int  // bytes after which it is full; 0: chunkBytes
	usual int  // bytes of a record of the page before, of a Pager
}

// source is a frozen or changing state that gives its records in chunks. Files, snapshots and connections to a running
// process differ in nothing else.
type source interface {
	// get returns a record that the caller owns.
	get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error)
	// fill puts the first records of r, at most n, into c. They are valid until the next fill.
	fill(ctx context.Context, c *chunk, bk Bucket, r Range, want Fields, n int) error
}

// scan is Reader.Scan over any source.
func scan(ctx context.Context, src source, bk Bucket, r Range, want Fields) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		c := newCursor(ctx, src, bk, r, want, new(chunk))
		for {
			if err := c.load(); err != nil {
				yield(Record{}, err)
				return
			}
			if len(c.chunk.items) == 0 {
				return
			}
			for i := range c.chunk.items {
				it := &c.chunk.items[i]
				if !yield(it.Record, it.err()) {
					return
				}
			}
		}
	}
}

// err is bad as an error; a nil pointer must not become one.
func (it *item) err() error {
	if it.bad == nil {
		return nil
	}
	return it.bad
}

// view reads records of one transaction. What it returns lies in the memory map.
type view struct {
	tx      *bbolt.Tx
	path    string
	buckets *buckets // nil: each is looked up when it is read
}

// buckets are those of one transaction by number, and that of texts; nil ones are missing.
type buckets struct {
	index [Meta + 1]*bbolt.Bucket
	texts *bbolt.Bucket
}

func bucketsOf(tx *bbolt.Tx) *buckets {
	all := &buckets{texts: tx.Bucket(textsName)}
	for bk := range all.index {
		if Bucket(bk).valid() {
			all.index[bk] = tx.Bucket(bucketName(Bucket(bk)))
		}
	}
	return all
}

func (v view) bucket(bk Bucket) (*bbolt.Bucket, error) {
	if !bk.valid() {
		return nil, fmt.Errorf("read %s: there is no such bucket", bk)
	}
	b := (*bbolt.Bucket)(nil)
	if v.buckets != nil {
		b = v.buckets.index[bk]
	} else {
		b = v.tx.Bucket(bucketName(bk))
	}
	if b != nil {
		return b, nil
	}
	return nil, &DamagedError{Path: v.path, What: fmt.Sprintf("the bucket of %s is missing", bk), Advice: adviceRepair}
}

func (v view) get(bk Bucket, key []byte, want Fields) (Record, error) {
	b, err := v.bucket(bk)
	if err != nil {
		return Record{}, err
	}
	value := b.Get(key)
	if value == nil {
		return Record{}, ErrNotFound
	}
	it := item{Record: Record{Key: key}}
	it.read(bk, value, want, v.texts(want))
	return it.Record, it.err()
}

// fill is that of source, without copying.
func (v view) fill(c *chunk, bk Bucket, r Range, want Fields, n int) error {
	c.items, c.more = c.items[:0], false
	b, err := v.bucket(bk)
	if err != nil {
		return err
	}
	cursor, texts := skipping{Cursor: b.Cursor(), in: r}, v.texts(want)
	size, limit := 0, cmp.Or(c.limit, chunkBytes)
	for k, value := cursor.from(r.From); k != nil; k, value = cursor.next() {
		if r.To != nil && bytes.Compare(k, r.To) >= 0 {
			return nil
		}
		if len(c.items) >= n || size >= limit {
			c.more = true
			return nil
		}
		if len(c.items) == cap(c.items) { // there is most often less than the first chunk holds, and no more than n
			c.items = slices.Grow(c.items, min(n, max(firstChunk, 4*len(c.items)))-len(c.items))
		}
		c.items = append(c.items, item{Record: Record{Key: k}})
		it := &c.items[len(c.items)-1]
		it.read(bk, value, want, texts)
		size += it.size()
	}
	return nil
}

// texts is the bucket of texts, or nil if they are not wanted.
func (v view) texts(want Fields) *bbolt.Bucket {
	if want&WithBody != WithBody {
		return nil
	}
	if v.buckets != nil {
		return v.buckets.texts
	}
	return v.tx.Bucket(textsName)
}

// read reads what is wanted of a record. A value that is not wanted is not touched, so that its page stays on disk.
func (it *item) read(bk Bucket, value []byte, want Fields, texts *bbolt.Bucket) {
	if want == KeyOnly {
		return
	}
	meta, id, why := parseIndex(bk, it.Key, value)
	var body []byte
	if why == "" && id != 0 && texts != nil {
		body, why = parseText(bk, it.Key, texts.Get(textKey(id)))
	}
	if why != "" {
		it.bad = &RecordError{Bucket: bk, Key: bytes.Clone(it.Key), What: why}
		return
	}
	it.Meta, it.Body = meta, body
}

func (r *Record) size() int { return len(r.Key) + len(r.Meta) + len(r.Body) }

// own copies the records of a chunk into its arena, so that they outlive the transaction.
func (c *chunk) own() {
	size := 0
	for i := range c.items {
		size += c.items[i].size()
	}
	if cap(c.arena) < size {
		c.arena = make([]byte, 0, size)
	}
	c.arena = c.arena[:0]
	for i := range c.items {
		c.arena = c.items[i].Record.moveTo(c.arena)
	}
}

// moveTo copies a record's bytes to the end of arena, which has room for them.
func (r *Record) moveTo(arena []byte) []byte {
	for _, part := range [...]*[]byte{&r.Key, &r.Meta, &r.Body} {
		if len(*part) == 0 {
			*part = nil
			continue
		}
		start := len(arena)
		arena = append(arena, *part...)
		*part = arena[start:len(arena):len(arena)]
	}
	return arena
}

// Clone returns a record that shares no memory with r.
func (r Record) Clone() Record {
	r.moveTo(make([]byte, 0, r.size()))
	return r
}
