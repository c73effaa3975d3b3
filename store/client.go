package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"sync"
	"time"
)

const (
	dialWait  = 300 * time.Millisecond // to a socket on this machine; a listener that is there answers at once
	helloWait = 10 * time.Second       // while other readers have all connections
)

// errGone: the connection ended. The process that writes closed the database or died, or let go of a silent reader.
var errGone = errors.New("the process that has the database open ended, or let this reader go for being idle")

// conn is a connection to the process that writes, as a source.
type conn struct {
	owner owner
	obeys bool // it takes orders

	mu   sync.Mutex // one request at a time
	c    net.Conn
	r    *bufio.Reader
	out  []byte
	gone bool
}

// dial connects to the process that an owner file names. It is on this machine, whatever the file says.
func dial(ctx context.Context, o owner) (*conn, error) {
	d := net.Dialer{Timeout: dialWait}
	network := "unix"
	if host, _, err := net.SplitHostPort(o.Socket); loopback && err == nil && host == "127.0.0.1" {
		network = "tcp"
	}
	nc, err := d.DialContext(ctx, network, o.Socket)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	c := &conn{owner: o, c: nc, r: bufio.NewReader(nc)}
	hello := appendPart(append(appendPart(nil, []byte(wireMagic)), wireVersion), []byte(o.Token))
	further, err := c.ask(ctx, helloWait, kindHello, hello, nil)
	if err != nil {
		c.close()
		return nil, err
	}
	c.obeys = bytes.IndexByte(further, kindControl) >= 0
	return c, nil
}

func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	c.c.Close()
}

// ask sends a request and returns the payload of the reply, in buf if that is large enough. A request that ctx or the
// wait ended leaves the connection unusable.
func (c *conn) ask(ctx context.Context, wait time.Duration, kind byte, payload, buf []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return buf, errGone
	}
	c.c.SetDeadline(time.Now().Add(wait))
	stop := context.AfterFunc(ctx, func() { c.c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	c.out = append(beginFrame(c.out, kind), payload...)
	_, err := c.c.Write(endFrame(c.out))
	if err == nil {
		kind, buf, err = readFrame(c.r, buf, maxFrame)
	}
	if err != nil {
		c.gone = true
		c.c.Close()
		if ctx.Err() != nil {
			return buf, ctx.Err()
		}
		return buf, fmt.Errorf("%w: %w", errGone, err)
	}
	if kind == kindError {
		return buf, parseError(buf)
	}
	return buf, nil
}

func (c *conn) get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error) {
	reply, err := c.ask(ctx, readerPause, kindGet, appendPart([]byte{byte(bk), byte(want)}, key), nil)
	if err != nil {
		return Record{}, err
	}
	var one chunk
	if err := one.parse(reply, bk); err != nil || len(one.items) != 1 {
		return Record{}, fmt.Errorf("read from pid %d: %w", c.owner.PID, errMalformed)
	}
	return one.items[0].Record, nil
}

func (c *conn) fill(ctx context.Context, ch *chunk, bk Bucket, r Range, want Fields, n int) (err error) {
	q := fillRequest{bucket: bk, want: want, n: n, r: r}
	if ch.arena, err = c.ask(ctx, readerPause, kindFill, q.append(nil), ch.arena); err != nil {
		return err
	}
	if err := ch.parse(ch.arena, bk); err != nil {
		return fmt.Errorf("read from pid %d: %w", c.owner.PID, err)
	}
	return nil
}

// snapshot opens a connection of its own, with which it lives and ends.
func (c *conn) snapshot(ctx context.Context) (Snapshot, error) {
	own, err := dial(ctx, c.owner)
	if err != nil {
		return nil, err
	}
	if _, err := own.ask(ctx, readerPause, kindSnapshot, nil, nil); err != nil {
		own.close()
		return nil, err
	}
	return &remoteSnapshot{own}, nil
}

// remoteSnapshot is a snapshot in another process.
type remoteSnapshot struct{ conn *conn }

var (
	_ Snapshot = (*remoteSnapshot)(nil)
	_ source   = (*remoteSnapshot)(nil)
)

// Get is Reader.Get.
func (s *remoteSnapshot) Get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error) {
	return s.get(ctx, bk, key, want)
}

// Scan is Reader.Scan.
func (s *remoteSnapshot) Scan(ctx context.Context, bk Bucket, r Range, want Fields) iter.Seq2[Record, error] {
	return scan(ctx, s, bk, r, want)
}

func (s *remoteSnapshot) get(ctx context.Context, bk Bucket, key []byte, want Fields) (Record, error) {
	rec, err := s.conn.get(ctx, bk, key, want)
	return rec, asClosed(err)
}

func (s *remoteSnapshot) fill(ctx context.Context, c *chunk, bk Bucket, r Range, want Fields, n int) error {
	return asClosed(s.conn.fill(ctx, c, bk, r, want, n))
}

// Close ends the snapshot.
func (s *remoteSnapshot) Close() error {
	s.conn.close()
	return nil
}

// asClosed makes the end of a connection an ErrClosed: a snapshot cannot be had again.
func asClosed(err error) error {
	if errors.Is(err, errGone) {
		return fmt.Errorf("snapshot: %w: %w", ErrClosed, err)
	}
	return err
}
