// Package store keeps records under keys, atomically and for ever.
//
// A [Record] has a key (fixed-width binary that begins with a prompt's hash, so that stages join by walking), a small
// Meta (what joins and ratings need) and a Body (text). Records live in buckets. Everything is written through
// [Store.Apply], which returns once its batch is on disk: what it acknowledged survives a kill and a power cut.
//
// [Open] is for the one process that writes, [OpenReader] for all others; the latter works while the former is busy, over
// a socket beside the file. [Check], [StatsOf], [Compact] and [Repair] take care of a file nobody has open.
//
// What will hurt: a database has one writing process; a slice that Scan yields is valid only until the next step; a
// Snapshot that stays open makes the file grow, and Close waits for it.
package store

import (
	"bytes"
	"context"
	"fmt"
	"iter"
)

// Bucket names a set of records.
type Bucket uint8

// The buckets. Their numbers are part of the file format.
const (
	Prompts   Bucket = iota + 1 // canonical messages by prompt hash
	Datasets                    // what each dataset lists, by prompt hash and by row
	Answers                     // answers of contestants
	Judgments                   // every reply of a judge, each attempt
	Verdicts                    // what the replies mean; can be made anew from Judgments
	Failures                    // work that failed, and why
	Batches                     // adaptive batches
	Votes                       // human votes
	Retired                     // records taken back by redo: kept, not counted
	Totals                      // counters, written by Batch.Add only
	Meta                        // schema, definitions of contestants and judges, what was learnt of endpoints
)

var bucketNames = [...]string{
	Prompts: "prompts", Datasets: "datasets", Answers: "answers", Judgments: "judgments", Verdicts: "verdicts",
	Failures: "failures", Batches: "batches", Votes: "votes", Retired: "retired", Totals: "totals", Meta: "meta",
}

// String is the bucket's name for people.
func (b Bucket) String() string {
	if b.valid() {
		return bucketNames[b]
	}
	return fmt.Sprintf("bucket %d", uint8(b))
}

// MarshalText is String, so that maps by bucket read well in JSON.
func (b Bucket) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

func (b Bucket) valid() bool { return b >= Prompts && b <= Meta }

// Fields says which parts of a record to read. The key is always there.
type Fields uint8

// What a read returns beside the key.
const (
	KeyOnly  Fields = 0
	WithMeta Fields = 1
	WithBody Fields = 3 // Meta too
)

// Record is one stored value. Meta and Body may be empty; an empty and an absent part are the same.
type Record struct{ Key, Meta, Body []byte }

// Range is the keys from From (included) to To (excluded); nil is open.
type Range struct {
	From, To []byte

	at int // where a walk wants
	is []byte
}

// Only is what a walk along the range wants of keys: these bytes at this place. Whoever reads for it may leave others out; nil: none.
func (r Range) Only() (at int, is []byte) { return r.at, r.is }

// passes reports whether a walk wants a key.
func (r Range) passes(key []byte) bool {
	return r.is == nil || len(key) >= r.at+len(r.is) && bytes.Equal(key[r.at:r.at+len(r.is)], r.is)
}

// Prefix is the range of all keys that begin with p.
func Prefix(p []byte) Range {
	to := append([]byte(nil), p...)
	for i := len(to) - 1; i >= 0; i-- {
		if to[i]++; to[i] != 0 {
			return Range{From: p, To: to[:i+1]}
		}
	}
	return Range{From: p}
}

func (r Range) contains(key []byte) bool {
	return bytes.Compare(key, r.From) >= 0 && (r.To == nil || bytes.Compare(key, r.To) < 0)
}

// Reader reads records.
type Reader interface {
	// Get returns one record, which the caller owns, or ErrNotFound.
	Get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error)
	// Scan yields the records of r in ascending byte order of their keys. A yielded record is valid until the next step.
	// After an error nothing more is yielded, except that a record whose checksum fails is yielded as a *RecordError
	// and the walk goes on.
	Scan(ctx context.Context, bk Bucket, r Range, want Fields) iter.Seq2[Record, error]
}

// Snapshot is a Reader of one frozen state. Close it soon: it keeps freed pages from being used again.
type Snapshot interface {
	Reader
	Close() error
}

// Store is the face of a database.
type Store interface {
	Reader
	// Apply writes a batch: all of it or nothing, durable on return. If ctx ends first the outcome is open.
	Apply(ctx context.Context, b *Batch) (Result, error)
	Snapshot(ctx context.Context) (Snapshot, error)
	Close() error
}

// Result tells what Apply found.
type Result struct {
	Created []bool // per PutOnce of the batch, in order: nothing was there and the record is now
}
