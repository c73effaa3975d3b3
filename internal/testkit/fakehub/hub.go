// Package fakehub is a Hugging Face Hub of datasets for tests: it reads and writes as the real one does, keeps every revision,
// counts every request and fails on demand. `make test-hub` proves it with the real Python clients.
//
// What it knows of the real one is from the sources of huggingface_hub and datasets, and is as strict: a large file lies on
// a second host, behind a link that expires, and that host refuses whoever sends it a token; a small one lies behind a relative
// redirect; listings come in pages; an upload without a length is refused.
package fakehub

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Hub is a running Hub. Its methods may be called at any time, by anybody.
type Hub struct {
	URL string // of the Hub: what HF_ENDPOINT says
	CDN string // of the host that large files come from: another name, where the machine has one, and another port

	pageSize int
	partSize int64
	lfsAbove int64

	mu       sync.Mutex
	repos    map[string]*repo
	accounts map[string]Account // by token
	objects  map[string][]byte  // large files, by SHA-256
	uploads  map[string]*upload // multipart uploads under way, by id
	epoch    int                // links of an earlier one have expired
	leaks    []string
	faults   []*Fault
	limits   map[string]*limit

	record   sync.Mutex
	requests []*Request

	servers []*http.Server
	done    sync.WaitGroup
}

// Option changes a Hub before it starts.
type Option func(*Hub)

// PageSize is how many entries a page of a listing has at most: 1000 unless said.
func PageSize(n int) Option { return func(h *Hub) { h.pageSize = n } }

// PartSize is above which size, in bytes, an upload comes in parts, and how long a part is: 20 MiB unless said.
func PartSize(n int64) Option { return func(h *Hub) { h.partSize = n } }

// LFSAbove is above which size, in bytes, a file is a large one whatever it holds: 10 MiB unless said.
func LFSAbove(n int64) Option { return func(h *Hub) { h.lfsAbove = n } }

// New starts a Hub that ends with the test, and fails it if a token was sent to the second host.
func New(t testing.TB, options ...Option) *Hub {
	t.Helper()
	h, err := Start("127.0.0.1:0", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		for _, leak := range h.Leaks() {
			t.Errorf("a token was sent to another host: %s", leak)
		}
	})
	return h
}

// Start listens on an address of 127.0.0.1, and on a free port for the second host.
func Start(address string, options ...Option) (*Hub, error) {
	h := &Hub{
		pageSize: 1000, partSize: 20 << 20, lfsAbove: 10 << 20,
		repos: map[string]*repo{}, accounts: map[string]Account{}, objects: map[string][]byte{}, uploads: map[string]*upload{},
		limits: map[string]*limit{
			"api":       {quota: 1_000_000, window: 5 * time.Minute},
			"resolvers": {quota: 1_000_000, window: 5 * time.Minute},
		},
	}
	for _, o := range options {
		o(h)
	}
	hub, err := h.serve(address, "hub", http.HandlerFunc(h.hub))
	if err != nil {
		return nil, err
	}
	cdn, err := h.serve("127.0.0.1:0", "cdn", http.HandlerFunc(h.cdn))
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	h.URL, h.CDN = "http://"+hub, "http://"+otherName(cdn)
	return h, nil
}

// otherName is an address under the name localhost, if this machine knows that name.
func otherName(address string) string {
	if found, err := net.LookupHost("localhost"); err != nil || len(found) == 0 {
		return address
	}
	_, port, _ := net.SplitHostPort(address) // of a listener: cannot fail
	return "localhost:" + port
}

func (h *Hub) serve(address, host string, inner http.Handler) (string, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", fmt.Errorf("fakehub: %w", err)
	}
	s := &http.Server{Handler: h.recorded(host, inner), ReadHeaderTimeout: time.Minute}
	h.servers = append(h.servers, s)
	h.done.Go(func() { _ = s.Serve(l) }) // returns when Close has closed the listener
	return l.Addr().String(), nil
}

// Close ends all connections and forgets nothing: what was recorded can still be read.
func (h *Hub) Close() error {
	var failed []error
	for _, s := range h.servers {
		failed = append(failed, s.Close())
	}
	h.done.Wait()
	return errors.Join(failed...)
}

// Leaks are the requests that came to the second host with an Authorization header.
func (h *Hub) Leaks() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.leaks...)
}

// ExpireLinks makes the second host refuse every link that was given so far, with 403, as a signature that ran out.
func (h *Hub) ExpireLinks() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.epoch++
}
