package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNotEmpty: a copy goes into an empty database, or goes on with what it began.
var ErrNotEmpty = errors.New("the target of a copy holds records already")

// ErrUnfinished: the database is the target of a copy that has not ended.
var ErrUnfinished = errors.New("an unfinished copy")

// copyKey is where the target of a copy keeps, in Meta, how far it is.
var copyKey = []byte("copying")

// copyNote is committed with what it tells of, so that a copy that was killed goes on where it was and adds no counter twice.
type copyNote struct {
	From   string `json:"from"` // see origin
	Bucket Bucket `json:"-"`
	Number uint8  `json:"bucket"`
	Key    string `json:"key"` // the last one, in hex
	Copied
}

// Copied is how much a copy has copied, those before that it goes on from included.
type Copied struct {
	Records int64 `json:"records"`
	Bytes   int64 `json:"bytes"` // of keys, metas and bodies
}

// Copy brings all records of a frozen reader into a store, as they are. The store is empty, or the target of the same copy
// that did not end; one that looks like a whole copy is left as it is, and [Compare] tells. tell is told after each commit; nil: nobody is. Errors: ErrNotEmpty, ErrUnfinished for a source that is no
// whole one itself, and those of reading and writing.
func Copy(ctx context.Context, from Reader, to Store, tell func(Copied)) (Copied, error) {
	c, err := newCopying(ctx, from, to, tell)
	if err != nil {
		return Copied{}, err
	}
	if c.whole {
		return c.done, nil
	}
	for bk := c.note.Bucket; bk <= Meta; bk++ {
		if err := c.bucket(ctx, bk); err != nil {
			c.load.Abandon()
			return c.done, err
		}
	}
	c.load.sealing = nil
	c.load.Delete(Meta, copyKey)
	return c.note.Copied, c.load.Flush(ctx)
}

// Finished is an error of ErrUnfinished for the target of a copy that has not ended.
func Finished(ctx context.Context, r Reader) error {
	_, err := r.Get(ctx, Meta, copyKey, KeyOnly)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%w: it holds a part of another database only; end that copy first", ErrUnfinished)
	}
	return err
}

type copying struct {
	from   Reader
	load   *Loader
	note   copyNote // of what was added
	sealed Copied   // of what is on its way
	done   Copied   // committed
	skip   []byte   // the last key that is there
	whole  bool     // the target looks as if it were a whole copy
}

func newCopying(ctx context.Context, from Reader, to Store, tell func(Copied)) (*copying, error) {
	if err := Finished(ctx, from); err != nil {
		return nil, err
	}
	self, err := origin(ctx, from)
	if err != nil {
		return nil, err
	}
	c := &copying{from: from}
	if err := c.resume(ctx, to, self); err != nil {
		return nil, err
	}
	c.load = NewLoader(to, func(*Batch, Result) error {
		if c.done = c.sealed; tell != nil {
			tell(c.done)
		}
		return nil
	})
	c.load.sealing = func(b *Batch) {
		c.note.Number, c.sealed = uint8(c.note.Bucket), c.note.Copied
		body, _ := json.Marshal(c.note) // strings and numbers
		b.Put(Meta, bytes.Clone(copyKey), nil, body)
	}
	return c, nil
}

// resume finds out how far the target is.
func (c *copying) resume(ctx context.Context, to Store, self string) error {
	c.note.From, c.note.Bucket = self, Prompts
	rec, err := to.Get(ctx, Meta, copyKey, WithBody)
	if errors.Is(err, ErrNotFound) {
		full := empty(ctx, to)
		if errors.Is(full, ErrNotEmpty) {
			there, err := origin(ctx, to)
			if c.whole = err == nil && there == self; c.whole {
				return nil
			}
		}
		return full
	}
	if err != nil {
		return err
	}
	var was copyNote
	if err := json.Unmarshal(rec.Body, &was); err != nil {
		return fmt.Errorf("how far the copy is: %w", err)
	}
	if was.From != self {
		return fmt.Errorf("%w: it is a part of another database, or of this one before it was worked on; begin anew with an empty target", ErrNotEmpty)
	}
	if c.skip, err = hex.DecodeString(was.Key); err != nil {
		return fmt.Errorf("how far the copy is: %w", err)
	}
	c.note, c.note.Bucket, c.done = was, Bucket(was.Number), was.Copied
	return nil
}

// empty is an error of ErrNotEmpty for a store that has any record.
func empty(ctx context.Context, r Reader) error {
	for bk := Prompts; bk <= Meta; bk++ {
		for _, err := range r.Scan(ctx, bk, Range{}, KeyOnly) {
			if err != nil {
				return err
			}
			return fmt.Errorf("%w: it has %s; `openarena merge` puts databases together", ErrNotEmpty, bk)
		}
	}
	return nil
}

// origin tells databases apart, by the first record of each bucket: it is no proof, which a comparison at the end gives.
func origin(ctx context.Context, r Reader) (string, error) {
	h := sha256.New()
	for bk := Prompts; bk <= Meta; bk++ {
		if bk == Totals { // they grow
			continue
		}
		for rec, err := range r.Scan(ctx, bk, Range{}, WithBody) {
			if err != nil {
				return "", err
			}
			sum := digest(rec)
			h.Write(sum[:])
			break
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func (c *copying) bucket(ctx context.Context, bk Bucket) error {
	rest := Range{}
	if bk == c.note.Bucket && c.skip != nil {
		rest.From = append(bytes.Clone(c.skip), 0)
	}
	for rec, err := range c.from.Scan(ctx, bk, rest, WithBody) {
		if err != nil {
			return err
		}
		if bk == Totals {
			c.load.Add(rec.Key, Counter(rec))
		} else {
			c.load.PutOnce(bk, rec)
		}
		c.note.Records++
		c.note.Bytes += int64(len(rec.Key) + len(rec.Meta) + len(rec.Body))
		c.note.Bucket, c.note.Key = bk, hex.EncodeToString(rec.Key)
		if err := c.load.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}
