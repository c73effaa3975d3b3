package llamacpp

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
)

// Once stands before a server and counts how often each request got a whole answer. Where the server is away it hangs up, as the
// server itself would.
type Once struct {
	mu      sync.Mutex
	whole   map[[32]byte]int
	total   int
	loading int
	changed chan struct{}
	proxy   *httputil.ReverseProxy
}

// NewOnce leads to a server.
func NewOnce(target string) (*Once, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	o := &Once{whole: map[[32]byte]int{}, changed: make(chan struct{})}
	o.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: u.Scheme, Host: u.Host}) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				c.Close()
			}
		},
		ModifyResponse: func(r *http.Response) error { // the whole answer first: half of one counts for nothing
			body, err := io.ReadAll(r.Body)
			r.Body.Close()
			r.Body = io.NopCloser(bytes.NewReader(body))
			return err
		},
	}
	return o, nil
}

func (o *Once) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	kept := &status{ResponseWriter: w, code: http.StatusOK}
	o.proxy.ServeHTTP(kept, r)
	if r.Method == http.MethodPost {
		o.count(sha256.Sum256(body), kept.code)
	}
}

func (o *Once) count(request [32]byte, code int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch code {
	case http.StatusOK:
		o.whole[request]++
		o.total++
	case http.StatusServiceUnavailable:
		o.loading++
	}
	close(o.changed)
	o.changed = make(chan struct{})
}

// Answers is how many whole answers went through, how many of them to a request that had one, and how often the server said that
// it was not ready; changed is closed at the next.
func (o *Once) Answers() (total, twice, loading int, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.whole {
		twice += n - 1
	}
	return o.total, twice, o.loading, o.changed
}

// status remembers what was answered; 0 where the connection was ended instead.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap lets a connection be taken over.
func (s *status) Unwrap() http.ResponseWriter {
	s.code = 0
	return s.ResponseWriter
}
