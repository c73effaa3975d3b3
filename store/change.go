package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// Limits of one record. They keep a mistake of a caller from reaching the disk.
const (
	maxKey  = 4 << 10
	maxMeta = 1 << 20
	maxBody = 256 << 20
)

// change is an op in the form in which it is written. It owns its bytes.
type change struct {
	kind   opKind
	bucket Bucket
	key    []byte
	index  []byte // index value, without the text's id
	text   []byte // text value; nil: no body
	n      int64  // opAdd
	once   int    // opPutOnce: place in created
	job    *job   // whose it is; nil outside the writer
}

// encode turns the ops of a batch into changes. It runs in the caller, so that the one writer copies and sums nothing;
// one allocation holds all bytes.
func encode(ops []op, j *job) ([]change, int, error) {
	size := 0
	for i := range ops {
		if err := ops[i].check(); err != nil {
			return nil, 0, err
		}
		size += ops[i].size()
	}
	arena := make([]byte, 0, size)
	changes := make([]change, len(ops))
	for i := range ops {
		changes[i], arena = ops[i].encode(arena)
		changes[i].job = j
	}
	return changes, size, nil
}

func (o *op) size() int {
	n := len(o.key) + headerSize + len(o.meta) + textIDSize
	if len(o.body) > 0 {
		n += headerSize + len(o.body)
	}
	return n
}

func (o *op) encode(arena []byte) (change, []byte) {
	c := change{kind: o.kind, bucket: o.bucket, n: o.n, once: o.onceIndex}
	start := len(arena)
	arena = append(arena, o.key...)
	c.key = arena[start:len(arena):len(arena)]
	if o.kind == opDelete || o.kind == opAdd {
		return c, arena
	}
	start = len(arena)
	arena = appendIndex(arena, o.bucket, o.key, o.meta, len(o.body) > 0)
	c.index = arena[start : len(arena) : len(arena)+textIDSize]
	arena = arena[:len(arena)+textIDSize]
	if len(o.body) > 0 {
		start = len(arena)
		arena = appendText(arena, o.bucket, o.key, o.body)
		c.text = arena[start:len(arena):len(arena)]
	}
	return c, arena
}

func (o *op) check() error {
	switch {
	case !o.bucket.valid():
		return fmt.Errorf("write to %s: there is no such bucket", o.bucket)
	case o.bucket == Totals && (o.kind == opPut || o.kind == opPutOnce):
		return fmt.Errorf("write to totals, key %x: counters are changed by Add only", o.key)
	case len(o.key) == 0:
		return fmt.Errorf("write to %s: the key is empty", o.bucket)
	case len(o.key) > maxKey:
		return fmt.Errorf("write to %s: key of %d bytes, the limit is %d", o.bucket, len(o.key), maxKey)
	case len(o.meta) > maxMeta:
		return fmt.Errorf("write to %s, key %x: meta of %d bytes, the limit is %d", o.bucket, o.key, len(o.meta), maxMeta)
	case len(o.body) > maxBody:
		return fmt.Errorf("write to %s, key %x: body of %d bytes, the limit is %d", o.bucket, o.key, len(o.body), maxBody)
	}
	return nil
}

// fillPercent suits keys that come almost in order: pages are left nearly full.
const fillPercent = 0.9

// commit applies changes inside one write transaction of bbolt.
type commit struct {
	tx       *bbolt.Tx
	texts    *bbolt.Bucket
	nextText uint64 // the id of the next text

	bucket Bucket // the bucket that index is
	index  *bbolt.Bucket
}

func newCommit(tx *bbolt.Tx, nextText uint64) *commit {
	c := &commit{tx: tx, texts: tx.Bucket(textsName), nextText: nextText}
	c.texts.FillPercent = fillPercent
	return c
}

// apply makes one change. created is false for a PutOnce that found its key taken.
func (c *commit) apply(ch *change) (created bool, err error) {
	if ch.bucket != c.bucket {
		c.bucket, c.index = ch.bucket, c.tx.Bucket(bucketName(ch.bucket))
		c.index.FillPercent = fillPercent
	}
	old := c.index.Get(ch.key)
	switch ch.kind {
	case opPutOnce:
		if old != nil {
			return false, nil
		}
	case opAdd:
		return true, c.add(ch, old)
	}
	if err := c.dropText(ch, old); err != nil {
		return false, err
	}
	if ch.kind == opDelete {
		return true, c.index.Delete(ch.key)
	}
	return true, c.put(ch)
}

func (c *commit) put(ch *change) error {
	value := ch.index
	if ch.text != nil {
		value = setTextID(value, c.nextText)
		if err := c.texts.Put(textKey(c.nextText), ch.text); err != nil {
			return err
		}
		c.nextText++
	}
	return c.index.Put(ch.key, value)
}

// dropText deletes the text of the record that goes. The id in a record whose checksum fails could be that of another
// record's text, so that one stays: a compaction leaves it behind.
func (c *commit) dropText(ch *change, old []byte) error {
	if old == nil {
		return nil
	}
	_, id, why := parseIndex(ch.bucket, ch.key, old)
	if why != "" || id == 0 {
		return nil
	}
	return c.texts.Delete(textKey(id))
}

func (c *commit) add(ch *change, old []byte) error {
	sum := ch.n
	if old != nil {
		meta, _, why := parseIndex(ch.bucket, ch.key, old)
		if why == "" && len(meta) != counterSize {
			why = "not a counter"
		}
		if why != "" {
			return &RecordError{Bucket: ch.bucket, Key: ch.key, What: why}
		}
		sum += int64(binary.BigEndian.Uint64(meta))
	}
	meta := binary.BigEndian.AppendUint64(nil, uint64(sum))
	return c.index.Put(ch.key, appendIndex(nil, ch.bucket, ch.key, meta, false))
}

func textKey(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }
