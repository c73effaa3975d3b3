package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	maxReaders    = 32               // connections; further ones wait in the listener's queue
	readerPause   = 30 * time.Second // a reader that is silent or takes nothing for so long is let go, and its snapshot
	maxSocketPath = 100              // sun_path has 104 to 108 bytes
)

// server lets other processes read while this one writes. Its socket is beside the database; where that cannot be, in the
// directory for temporary files. The owner file says where, and holds the token that a reader shows.
type server struct {
	file   *file
	owner  owner
	info   func() any
	orders func(context.Context, []byte) ([]byte, error)
	l      net.Listener
	slots  chan struct{}

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup // run and its connections
	once   sync.Once
}

// listen makes the socket and the owner file. The caller holds the lock of the database, so what a crash left of them is
// nobody's.
func listen(ctx context.Context, f *file, o Options) (*server, error) {
	l, err := listenUnix(f.path)
	if err != nil {
		return nil, fmt.Errorf("%w: make a socket for %s: %w", ErrUnwritable, f.path, err)
	}
	s := &server{file: f, owner: newOwner(o.Command, l.Addr().String()), info: o.Info, orders: o.Control, l: l, slots: make(chan struct{}, maxReaders)}
	if err := s.owner.write(f.path); err != nil {
		l.Close()
		return nil, fmt.Errorf("%w: write %s: %w", ErrUnwritable, ownerPath(f.path), err)
	}
	// The context of Open ends the opening only.
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.wg.Add(1)
	return s, nil
}

func listenUnix(path string) (net.Listener, error) {
	name := path + ".sock"
	if len(name) <= maxSocketPath {
		if l, err := listenAt(name); err == nil {
			return l, nil
		}
	}
	sum := sha256.Sum256([]byte(path))
	l, err := listenAt(filepath.Join(os.TempDir(), fmt.Sprintf("openarena-%x.sock", sum[:8])))
	if err != nil && loopback {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	return l, err
}

func listenAt(name string) (net.Listener, error) {
	os.Remove(name)
	l, err := net.Listen("unix", name)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// run accepts readers until close.
func (s *server) run() {
	defer s.wg.Done()
	for {
		select {
		case s.slots <- struct{}{}:
		case <-s.ctx.Done():
			return
		}
		conn, err := s.l.Accept()
		if err != nil {
			<-s.slots
			if s.ctx.Err() != nil || pause(s.ctx, lockRetry) != nil { // else too many open files, say: it may pass
				return
			}
			continue
		}
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			defer func() { <-s.slots }()
			s.serve(conn)
		}()
	}
}

// close lets go of all readers and removes the socket and the owner file.
func (s *server) close() {
	s.once.Do(func() {
		os.Remove(ownerPath(s.file.path))
		s.cancel()
		s.l.Close()
	})
	s.wg.Wait()
}

// errStale: a reader shows the token of another process, which had the socket before.
var errStale = errors.New("not the token of this process")

// session is one connection.
type session struct {
	*server
	source source // the file, or a snapshot of it
	chunk  chunk
	in     []byte // request
	out    []byte // reply
}

func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(s.ctx, func() { conn.Close() })()
	ses := &session{server: s, source: s.file, chunk: chunk{limit: wireChunk}}
	defer ses.thaw()
	r := bufio.NewReader(conn)
	for hello := true; ; hello = false {
		conn.SetDeadline(time.Now().Add(readerPause))
		kind, payload, err := readFrame(r, ses.in, maxReqFrame)
		if err != nil || hello != (kind == kindHello) {
			return
		}
		ses.in = payload
		err = ses.answer(kind, payload)
		if errors.Is(err, errStale) || err != nil && s.ctx.Err() != nil {
			return // no answer, so that the reader finds another way: the file, or the owner as it is now
		}
		if err != nil {
			ses.out = appendError(beginFrame(ses.out, kindError), err)
		}
		conn.SetDeadline(time.Now().Add(readerPause))
		if _, failed := conn.Write(endFrame(ses.out)); failed != nil || (hello && err != nil) {
			return
		}
		if cap(ses.out) > 4*wireChunk {
			ses.out = nil // a long text need not stay in memory
		}
	}
}

// answer puts the reply to one request into out.
func (ses *session) answer(kind byte, payload []byte) error {
	ses.out = beginFrame(ses.out, kindOK)
	switch kind {
	case kindHello:
		return ses.hello(payload)
	case kindGet:
		return ses.get(payload)
	case kindFill:
		return ses.fill(payload)
	case kindSnapshot:
		return ses.freeze()
	case kindInfo:
		return ses.facts()
	case kindControl:
		return ses.control(payload)
	}
	return fmt.Errorf("%w of kind %q", errMalformed, kind)
}

func (ses *session) hello(payload []byte) error {
	p := parts{rest: payload}
	magic, version, token := p.next(), p.byte(), p.next()
	switch {
	case string(magic) != wireMagic:
		return errMalformed
	case version != wireVersion:
		return fmt.Errorf("pid %d has the database open and is another version of openarena; use the same one to read along", ses.owner.PID)
	case subtle.ConstantTimeCompare(token, []byte(ses.owner.Token)) != 1:
		return errStale
	}
	if ses.orders != nil {
		ses.out = append(ses.out, kindControl)
	}
	return nil
}

func (ses *session) get(payload []byte) error {
	p := parts{rest: payload}
	bk, want, key := Bucket(p.byte()), Fields(p.byte()), p.next()
	if p.err != nil {
		return p.err
	}
	rec, err := ses.source.get(ses.ctx, bk, key, want)
	if err != nil {
		return err
	}
	it := item{Record: rec}
	ses.out = it.append(append(ses.out, 0))
	return nil
}

func (ses *session) fill(payload []byte) error {
	q, err := parseFill(payload)
	if err != nil {
		return err
	}
	if err := ses.source.fill(ses.ctx, &ses.chunk, q.bucket, q.r, q.want, q.n); err != nil {
		return err
	}
	ses.out = ses.chunk.append(ses.out)
	return nil
}

func (ses *session) freeze() error {
	if ses.source != ses.file {
		return fmt.Errorf("%w: a connection has one snapshot", errMalformed)
	}
	snap, err := ses.file.snapshot(ses.ctx)
	if err != nil {
		return err
	}
	ses.source = snap
	return nil
}

func (ses *session) thaw() {
	if snap, ok := ses.source.(*frozen); ok {
		snap.Close()
	}
}

func (ses *session) facts() error {
	if ses.info == nil {
		return nil
	}
	data, err := json.Marshal(ses.info())
	ses.out = append(ses.out, data...)
	return err
}
