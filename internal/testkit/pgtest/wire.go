package pgtest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Wire is the way to a server, which can be cut.
type Wire struct {
	listener net.Listener
	to       string
	cut      atomic.Pointer[Cut]
	cuts     atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]bool // nil: closed
}

// Cut is when a connection breaks: as a message goes to the server that holds a text.
type Cut struct {
	At    string
	After bool // the server gets the message, and its whole answer gets lost; else it gets nothing of it
}

// StartWire returns a URL that leads to the same schema through a wire. Only servers that listen on a port have one, and it is of plain text.
func StartWire(t testing.TB, address string) (*Wire, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{to: u.Host, open: map[net.Conn]bool{}}
	if w.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	go func() {
		for {
			c, err := w.listener.Accept()
			if err != nil {
				return
			}
			go w.carry(c)
		}
	}()
	u.Host = w.listener.Addr().String()
	q := u.Query()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return w, u.String()
}

// CutOnce has the next connection to which it applies broken. Cuts counts them.
func (w *Wire) CutOnce(c Cut) { w.cut.Store(&c) }

// Cuts is how many connections were broken.
func (w *Wire) Cuts() int64 { return w.cuts.Load() }

func (w *Wire) close() {
	w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		c.Close()
	}
	w.open = nil
}

func (w *Wire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == nil {
		return false
	}
	w.open[c] = true
	return true
}

func (w *Wire) drop(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, c)
	c.Close()
}

// carry carries a connection until one of its ends closes, or it is cut.
func (w *Wire) carry(client net.Conn) {
	defer w.drop(client)
	server, err := net.Dial("tcp", w.to)
	if err != nil || !w.keep(client) || !w.keep(server) {
		return
	}
	defer w.drop(server)
	mute := &atomic.Bool{}
	back := make(chan struct{})
	go func() {
		defer close(back)
		for {
			m, err := readMessage(server)
			if err != nil {
				client.Close()
				return
			}
			switch {
			case !mute.Load():
				if _, err := client.Write(m); err != nil {
					return
				}
			case m[0] == 'Z': // the answer is whole: what was asked for is done
				client.Close()
				return
			}
		}
	}()
	w.forward(client, server, mute)
	if mute.Load() {
		<-back
	}
}

// forward carries what a client says. Its first message has no type.
func (w *Wire) forward(client, server net.Conn, mute *atomic.Bool) {
	m, err := readBody(client, nil)
	for err == nil {
		if c := w.cut.Load(); c != nil && bytes.Contains(m, []byte(c.At)) && w.cut.CompareAndSwap(c, nil) {
			w.cuts.Add(1)
			if !c.After {
				return
			}
			mute.Store(true)
		}
		if _, err = server.Write(m); err == nil {
			m, err = readMessage(client)
		}
	}
}

func readMessage(r io.Reader) ([]byte, error) {
	kind := make([]byte, 1)
	if _, err := io.ReadFull(r, kind); err != nil {
		return nil, err
	}
	return readBody(r, kind)
}

// readBody reads a length, which counts itself, and what it is the length of, behind what was read.
func readBody(r io.Reader, m []byte) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(length[:])) - len(length)
	if n < 0 || n > 1<<28 {
		return nil, errors.New("no message of PostgreSQL")
	}
	at := len(m) + len(length)
	m = append(append(m, length[:]...), make([]byte, n)...)
	_, err := io.ReadFull(r, m[at:])
	return m, err
}
