// Package fakellm is an OpenAI-compatible model server for tests: no model behind it, but answers that depend on nothing
// but the request, latencies and faults from a seed, and a ledger of every request that a client cannot talk out of.
//
// A contestant gets Markdown-like text with a hidden quality; a judge (a model whose name begins with "judge", or any
// request with a json_schema) compares the hidden qualities of the two answers it is shown, with a little bias for the
// first. The same request always gets the same reply, from any server, so that two runs can be compared byte for byte.
//
// Under /_/ a server can be asked and steered, for clients in other processes; see control.go.
package fakellm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a fake model server. Use it as an [http.Handler], or Start it on a port of its own.
type Server struct {
	options Options
	faults  atomic.Pointer[Faults]
	latency atomic.Pointer[Latency]
	loading atomic.Int64 // calls that still get 503
	ledger  *ledger
	slots   slots
	mux     *http.ServeMux
	buffers sync.Pool // of *reply

	listener net.Listener
	http     *http.Server
}

// New returns a server that is not yet listening.
func New(o Options) *Server {
	if o.AnswerBytes == 0 {
		o.AnswerBytes = 2000
	}
	s := &Server{options: o, ledger: newLedger(), slots: newSlots(o.Slots), mux: http.NewServeMux()}
	s.faults.Store(&o.Faults)
	s.latency.Store(&o.Latency)
	s.loading.Store(int64(o.Loading))
	s.buffers.New = func() any { return new(reply) }
	s.mux.HandleFunc("POST /v1/chat/completions", s.chat)
	s.mux.HandleFunc("GET /v1/models", s.models)
	s.control()
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Start listens on address, such as "127.0.0.1:0", and serves until Close.
func (s *Server) Start(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("fake model server: %w", err)
	}
	s.listener = l
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(l) // returns when Close has closed the listener
	return nil
}

// URL is where calls go: http://HOST:PORT/v1.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/v1" }

// Close stops a started server; calls in flight lose their connection.
func (s *Server) Close() error {
	if err := s.http.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("fake model server: %w", err)
	}
	return nil
}

// SetFaults changes the faults of calls that arrive from now on.
func (s *Server) SetFaults(f Faults) { s.faults.Store(&f) }

// SetLatency changes the latency of calls that arrive from now on.
func (s *Server) SetLatency(l Latency) { s.latency.Store(&l) }

// Stats returns what was counted so far; with calls also what is known of each request.
func (s *Server) Stats(calls bool) Stats { return s.ledger.stats(calls) }

// Reset starts counting anew.
func (s *Server) Reset() { s.ledger.reset() }

// WaitReplies blocks until n whole answers were sent. It returns ctx's error if that comes first.
func (s *Server) WaitReplies(ctx context.Context, n int64) error {
	if s.ledger.wait(ctx.Done(), func() bool { return s.ledger.sum.Replies >= n }) {
		return nil
	}
	return ctx.Err()
}

// WaitIdle blocks until no call is in flight. It returns ctx's error if that comes first.
func (s *Server) WaitIdle(ctx context.Context) error {
	if s.ledger.wait(ctx.Done(), func() bool { return s.ledger.inFlight == 0 }) {
		return nil
	}
	return ctx.Err()
}
