package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// Digest is the SHA-256 of a record's key, meta and body, or the sum of those of many, in whatever order.
type Digest [sha256.Size]byte

// String is its first 16 digits.
func (d Digest) String() string { return hex.EncodeToString(d[:8]) }

// MarshalText is all digits.
func (d Digest) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(d[:])), nil }

// add sums in four numbers of 64 bits each.
func (d *Digest) add(e Digest) {
	for i := 0; i < len(d); i += 8 {
		binary.BigEndian.PutUint64(d[i:], binary.BigEndian.Uint64(d[i:])+binary.BigEndian.Uint64(e[i:]))
	}
}

func digest(r Record) Digest { return newSummer().of(&r) }

// summer makes digests of records.
type summer struct {
	hash  hash.Hash
	sizes [8]byte
	sum   Digest
}

func newSummer() *summer { return &summer{hash: sha256.New()} }

// of is the digest of one record; sizes stand before it, so that no part passes for another.
func (s *summer) of(r *Record) Digest {
	s.hash.Reset()
	binary.BigEndian.PutUint32(s.sizes[:], uint32(len(r.Key)))
	binary.BigEndian.PutUint32(s.sizes[4:], uint32(len(r.Meta)))
	s.hash.Write(s.sizes[:])
	s.hash.Write(r.Key)
	s.hash.Write(r.Meta)
	s.hash.Write(r.Body)
	s.hash.Sum(s.sum[:0])
	return s.sum
}

// Tally is how many records a bucket has, and the sum of their digests: two databases with the same hold the same.
type Tally struct {
	Records int64  `json:"records"`
	Sum     Digest `json:"sum"`
}

// Compared is one bucket of two databases.
type Compared struct {
	Bucket Bucket `json:"bucket"`
	A      Tally  `json:"a"`
	B      Tally  `json:"b"`
	// Keys are some of those that differ, each in hex, and how.
	Keys []Difference `json:"differences"`
	More int64        `json:"further_differences"` // that are not among Keys
}

// Equal reports whether both sides hold the same.
func (c Compared) Equal() bool { return c.A == c.B }

// Difference is one key of two databases.
type Difference struct {
	Key string `json:"key"`
	How string `json:"how"` // "only in A", "only in B", "differs"
}

// mostDifferences are told of a bucket.
const mostDifferences = 5

// Compare reads two databases and compares all of their records. tell is told of the bytes read, now and then; nil: nobody is.
func Compare(ctx context.Context, a, b Reader, tell func(bytes int64)) (all []Compared, err error) {
	var read int64
	for bk := Prompts; bk <= Meta; bk++ {
		c := Compared{Bucket: bk, Keys: []Difference{}}
		if err := c.walk(ctx, a, b, &read, tell); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// side is one of the two that are compared.
type side struct {
	cursor *Cursor
	rec    *Record
	summer *summer
	now    Digest
	tally  *Tally
	read   *int64
}

func (s *side) step() (err error) {
	if s.rec, err = s.cursor.Next(); err == nil && s.rec != nil {
		s.now = s.summer.of(s.rec)
		s.tally.Records++
		s.tally.Sum.add(s.now)
		*s.read += int64(len(s.rec.Key) + len(s.rec.Meta) + len(s.rec.Body))
	}
	return err
}

func (c *Compared) walk(ctx context.Context, a, b Reader, read *int64, tell func(int64)) error {
	x := &side{cursor: Walk(ctx, a, c.Bucket, Range{}, WithBody), summer: newSummer(), tally: &c.A, read: read}
	defer x.cursor.Close()
	y := &side{cursor: Walk(ctx, b, c.Bucket, Range{}, WithBody), summer: newSummer(), tally: &c.B, read: read}
	defer y.cursor.Close()
	if err := x.step(); err != nil {
		return err
	}
	if err := y.step(); err != nil {
		return err
	}
	for n := 0; x.rec != nil || y.rec != nil; n++ {
		stepX, stepY := c.look(x, y)
		if stepX {
			if err := x.step(); err != nil {
				return err
			}
		}
		if stepY {
			if err := y.step(); err != nil {
				return err
			}
		}
		if tell != nil && n%1024 == 0 {
			tell(*read)
		}
	}
	return nil
}

// look compares the records where both stand, and says who goes on.
func (c *Compared) look(x, y *side) (stepX, stepY bool) {
	order := 0
	switch {
	case x.rec == nil:
		order = 1
	case y.rec == nil:
		order = -1
	default:
		order = bytes.Compare(x.rec.Key, y.rec.Key)
	}
	switch {
	case order < 0:
		c.differ(x.rec.Key, "only in A")
	case order > 0:
		c.differ(y.rec.Key, "only in B")
	case x.now != y.now:
		c.differ(x.rec.Key, "differs")
	}
	return order <= 0, order >= 0
}

func (c *Compared) differ(key []byte, how string) {
	if len(c.Keys) == mostDifferences {
		c.More++
		return
	}
	c.Keys = append(c.Keys, Difference{hex.EncodeToString(key), how})
}

// SumOf is the tally of everything in a database, its buckets told apart.
func SumOf(ctx context.Context, r Reader) (t Tally, err error) {
	s := newSummer()
	for bk := Prompts; bk <= Meta; bk++ {
		for rec, err := range r.Scan(ctx, bk, Range{}, WithBody) {
			if err != nil {
				return t, err
			}
			d := s.of(&rec)
			d[0] ^= byte(bk)
			t.Records++
			t.Sum.add(d)
		}
	}
	return t, nil
}
