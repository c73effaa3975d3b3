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

// copyNote tells up to where all of the source has arrived, so that a copy that was killed goes on there. What arrived beyond it
// comes once more, and is there already.
type copyNote struct {
	From   string `json:"from"` // see origin
	Bucket uint8  `json:"bucket"`
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
		return Copied{}, nil
	}
	for bk := Bucket(c.now.Bucket); bk <= Meta; bk++ {
		if err := c.bucket(ctx, bk); err != nil {
			c.load.Abandon()
			return c.safe.Copied, err
		}
	}
	if err := c.load.Flush(ctx); err != nil {
		return c.safe.Copied, err
	}
	return c.end(ctx)
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
	to     Store
	tell   func(Copied)
	load   *Loader
	now    copyNote   // of what was added
	flying []copyNote // of what is on its way, up to and with each batch
	safe   copyNote   // of what is committed, with all before it
	sealed int        // batches
	whole  bool       // the target looks as if it were a whole copy
}

func newCopying(ctx context.Context, from Reader, to Store, tell func(Copied)) (*copying, error) {
	if err := Finished(ctx, from); err != nil {
		return nil, err
	}
	self, err := origin(ctx, from)
	if err != nil {
		return nil, err
	}
	c := &copying{from: from, to: to, tell: tell}
	if err := c.resume(ctx, to, self); err != nil || c.whole {
		return c, err
	}
	c.load = NewLoader(to, c.committed)
	c.load.sealing = c.seal
	var b Batch
	c.safe.put(&b) // what arrives first is that of a copy
	_, err = to.Apply(ctx, &b)
	return c, err
}

// seal keeps what a batch ends with. One in so many takes along what was safe before: they are never on their way together,
// and so none overtakes the other, nor waits for it.
func (c *copying) seal(b *Batch) {
	c.flying = append(c.flying, c.now)
	if c.sealed++; c.sealed%LoadFlights == 0 {
		c.safe.put(b)
	}
}

func (c *copying) committed(*Batch, Result) error {
	c.safe, c.flying = c.flying[0], c.flying[1:]
	if c.tell != nil {
		c.tell(c.safe.Copied)
	}
	return nil
}

func (n copyNote) put(b *Batch) {
	body, _ := json.Marshal(n) // strings and numbers
	b.Put(Meta, bytes.Clone(copyKey), nil, body)
}

// resume finds out how far the target is.
func (c *copying) resume(ctx context.Context, to Store, self string) error {
	c.now.From, c.now.Bucket = self, uint8(Prompts)
	c.safe = c.now
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
	c.now, c.safe = was, was
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
	if bk == Totals {
		return nil // see end
	}
	rest := Range{}
	if bk == Bucket(c.now.Bucket) && c.now.Key != "" {
		last, err := hex.DecodeString(c.now.Key)
		if err != nil {
			return fmt.Errorf("how far the copy is: %w", err)
		}
		rest.From = append(last, 0)
	}
	for rec, err := range c.from.Scan(ctx, bk, rest, WithBody) {
		if err != nil {
			return err
		}
		c.load.PutOnce(bk, rec)
		c.count(rec)
		c.now.Bucket, c.now.Key = uint8(bk), hex.EncodeToString(rec.Key)
		if err := c.load.Spill(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *copying) count(rec Record) {
	c.now.Records++
	c.now.Bytes += int64(len(rec.Key) + len(rec.Meta) + len(rec.Body))
}

// end makes the counters what they are in the source, in the commit that makes the copy a whole one: they are few. Whatever
// another copy of the same source, under way at the same time, has made of them is replaced.
func (c *copying) end(ctx context.Context) (Copied, error) {
	var b Batch
	for rec, err := range c.from.Scan(ctx, Totals, Range{}, WithMeta) {
		if err != nil {
			return c.safe.Copied, err
		}
		rec = rec.Clone()
		b.Delete(Totals, rec.Key)
		b.Add(rec.Key, Counter(rec))
		c.count(rec)
	}
	b.Delete(Meta, copyKey)
	if _, err := c.to.Apply(ctx, &b); err != nil {
		return c.safe.Copied, err
	}
	return c.now.Copied, nil
}
