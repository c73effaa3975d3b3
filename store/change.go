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
	kind   OpKind
	bucket Bucket
	key    []byte
	index  []byte // index value, without the text's id
	text   []byte // text value; nil: no body
	n      int64  // OpAdd
	once   int    // OpPutOnce: place in created
	job    *job   // whose it is; nil outside the writer
}

// encode turns the ops of a batch into changes. It runs in the caller, so that the one writer copies and sums nothing;
// one allocation holds all bytes.
func encode(ops []Op, j *job) ([]change, int, error) {
	size := 0
	for i := range ops {
		if err := ops[i].Check(); err != nil {
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

func (o *Op) size() int {
	n := len(o.Key) + headerSize + len(o.Meta) + textIDSize
	if len(o.Body) > 0 {
		n += headerSize + len(o.Body)
	}
	return n
}

func (o *Op) encode(arena []byte) (change, []byte) {
	c := change{kind: o.Kind, bucket: o.Bucket, n: o.N, once: o.once}
	start := len(arena)
	arena = append(arena, o.Key...)
	c.key = arena[start:len(arena):len(arena)]
	if o.Kind == OpDelete || o.Kind == OpAdd {
		return c, arena
	}
	start = len(arena)
	arena = appendIndex(arena, o.Bucket, o.Key, o.Meta, len(o.Body) > 0)
	c.index = arena[start : len(arena) : len(arena)+textIDSize]
	arena = arena[:len(arena)+textIDSize]
	if len(o.Body) > 0 {
		start = len(arena)
		arena = appendText(arena, o.Bucket, o.Key, o.Body)
		c.text = arena[start:len(arena):len(arena)]
	}
	return c, arena
}

// Check says why a store refuses the op, whatever the store keeps its records in; nil: it does not.
func (o *Op) Check() error {
	switch {
	case !o.Bucket.valid():
		return fmt.Errorf("write to %s: there is no such bucket", o.Bucket)
	case o.Bucket == Totals && (o.Kind == OpPut || o.Kind == OpPutOnce):
		return fmt.Errorf("write to totals, key %x: counters are changed by Add only", o.Key)
	case len(o.Key) == 0:
		return fmt.Errorf("write to %s: the key is empty", o.Bucket)
	case len(o.Key) > maxKey:
		return fmt.Errorf("write to %s: key of %d bytes, the limit is %d", o.Bucket, len(o.Key), maxKey)
	case len(o.Meta) > maxMeta:
		return fmt.Errorf("write to %s, key %x: meta of %d bytes, the limit is %d", o.Bucket, o.Key, len(o.Meta), maxMeta)
	case len(o.Body) > maxBody:
		return fmt.Errorf("write to %s, key %x: body of %d bytes, the limit is %d", o.Bucket, o.Key, len(o.Body), maxBody)
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
	case OpPutOnce:
		if old != nil {
			return false, nil
		}
	case OpAdd:
		return true, c.add(ch, old)
	}
	if err := c.dropText(ch, old); err != nil {
		return false, err
	}
	if ch.kind == OpDelete {
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
