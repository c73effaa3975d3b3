package store

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The protocol between a reader and the process that writes: after a hello, one request and one reply at a time, each a
// frame of
//
//	kind 1 B | length 4 B | payload
//
// A scan is a request per chunk, so that two scans of one snapshot can take turns on its connection and a reader that
// goes slow fills no buffer of the writer's.
const (
	wireVersion = 1
	wireMagic   = "openarena"

	kindHello    = 'h' // magic, version, token; the reply names the further kinds that are understood
	kindGet      = 'g' // bucket, fields, key
	kindFill     = 'f' // bucket, fields, number, from, to
	kindSnapshot = 's' // nothing; later requests on this connection read it
	kindInfo     = 'i' // nothing
	kindControl  = 'c' // an order
	kindOK       = 'o'
	kindError    = 'e'

	frameHeader  = 5
	maxFrame     = maxKey + maxMeta + maxBody + wireChunk + 1<<10
	wireChunk    = 64 << 10
	maxReqFrame  = 4*maxKey + 1<<10
	itemOK       = 0
	itemBad      = 1
	openEnd      = 0 // of a range
	boundedEnd   = 1
	codeText     = 0 // of an error reply
	codeNotFound = 1
	codeRecord   = 2
	codeDamaged  = 3
	codeClosed   = 4
)

var errMalformed = errors.New("malformed message")

// beginFrame starts a frame in buf; endFrame completes it.
func beginFrame(buf []byte, kind byte) []byte { return append(buf[:0], kind, 0, 0, 0, 0) }

func endFrame(frame []byte) []byte {
	binary.BigEndian.PutUint32(frame[1:], uint32(len(frame)-frameHeader))
	return frame
}

// readFrame reads one frame into buf, which grows as needed.
func readFrame(r *bufio.Reader, buf []byte, limit int) (kind byte, payload []byte, err error) {
	var head [frameHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, buf, err
	}
	n := int(binary.BigEndian.Uint32(head[1:]))
	if n > limit {
		return 0, buf, fmt.Errorf("%w of %d bytes", errMalformed, n)
	}
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	_, err = io.ReadFull(r, buf)
	return head[0], buf, err
}

func appendPart(dst, part []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(part))), part...)
}

// parts takes a payload apart. After the first error all further parts are empty.
type parts struct {
	rest []byte
	err  error
}

func (p *parts) next() []byte {
	n, w := binary.Uvarint(p.rest)
	if w <= 0 || n > uint64(len(p.rest)-w) {
		p.rest, p.err = nil, errMalformed
		return nil
	}
	part := p.rest[w : w+int(n) : w+int(n)]
	p.rest = p.rest[w+int(n):]
	if n == 0 {
		return nil
	}
	return part
}

func (p *parts) byte() byte {
	if len(p.rest) == 0 {
		p.err = errMalformed
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b
}

func (p *parts) number() int {
	n, w := binary.Uvarint(p.rest)
	if w <= 0 || n > maxChunk {
		p.rest, p.err = nil, errMalformed
		return 0
	}
	p.rest = p.rest[w:]
	return int(n)
}

// fillRequest asks for one chunk.
type fillRequest struct {
	bucket Bucket
	want   Fields
	n      int
	r      Range
}

func (q fillRequest) append(dst []byte) []byte {
	dst = binary.AppendUvarint(append(dst, byte(q.bucket), byte(q.want)), uint64(q.n))
	dst = appendPart(dst, q.r.From)
	if q.r.To == nil {
		return append(dst, openEnd)
	}
	return appendPart(append(dst, boundedEnd), q.r.To)
}

func parseFill(payload []byte) (fillRequest, error) {
	p := parts{rest: payload}
	q := fillRequest{bucket: Bucket(p.byte()), want: Fields(p.byte()), n: p.number()}
	q.r.From = p.next()
	if p.byte() == boundedEnd {
		q.r.To = append([]byte{}, p.next()...) // empty is a bound too, nil is none
	}
	return q, p.err
}

func (c *chunk) append(dst []byte) []byte {
	more := byte(0)
	if c.more {
		more = 1
	}
	dst = append(dst, more)
	for i := range c.items {
		dst = c.items[i].append(dst)
	}
	return dst
}

func (it *item) append(dst []byte) []byte {
	if it.bad != nil {
		return appendPart(appendPart(append(dst, itemBad), it.Key), []byte(it.bad.What))
	}
	return appendPart(appendPart(appendPart(append(dst, itemOK), it.Key), it.Meta), it.Body)
}

// parse sets c to what append made of another one; its records lie in payload.
func (c *chunk) parse(payload []byte, bk Bucket) error {
	p := parts{rest: payload}
	c.more, c.items = p.byte() == 1, c.items[:0]
	for p.err == nil && len(p.rest) > 0 {
		var it item
		kind := p.byte()
		it.Key = p.next()
		if kind == itemBad {
			it.bad = &RecordError{Bucket: bk, Key: append([]byte(nil), it.Key...), What: string(p.next())}
		} else {
			it.Meta, it.Body = p.next(), p.next()
		}
		c.items = append(c.items, it)
	}
	if p.err == nil && c.more && len(c.items) == 0 {
		return errMalformed
	}
	return p.err
}

// appendError and parseError carry the errors that someone decides on across the wire as themselves.
func appendError(dst []byte, err error) []byte {
	var bad *RecordError
	var damaged *DamagedError
	switch {
	case errors.Is(err, ErrNotFound):
		return append(dst, codeNotFound)
	case errors.As(err, &bad):
		return appendPart(appendPart(append(dst, codeRecord, byte(bad.Bucket)), bad.Key), []byte(bad.What))
	case errors.As(err, &damaged):
		dst = appendPart(append(dst, codeDamaged), []byte(damaged.Path))
		return appendPart(appendPart(dst, []byte(damaged.What)), []byte(damaged.Advice))
	case errors.Is(err, ErrClosed):
		return append(dst, codeClosed)
	}
	return appendPart(append(dst, codeText), []byte(err.Error()))
}

func parseError(payload []byte) error {
	p := parts{rest: payload}
	var err error
	switch p.byte() {
	case codeNotFound:
		err = ErrNotFound
	case codeRecord:
		err = &RecordError{Bucket: Bucket(p.byte()), Key: append([]byte(nil), p.next()...), What: string(p.next())}
	case codeDamaged:
		err = &DamagedError{Path: string(p.next()), What: string(p.next()), Advice: string(p.next())}
	case codeClosed:
		err = ErrClosed
	default:
		err = errors.New(string(p.next()))
	}
	if p.err != nil {
		return p.err
	}
	return err
}
