package ollama

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
)

// Counter stands before a server and counts the chats to which it passed a whole answer on. Where the server is away it hangs
// up, as the server itself would.
type Counter struct {
	mu    sync.Mutex
	whole int
	bump  chan struct{}
	proxy *httputil.ReverseProxy
}

// NewCounter leads to host:port.
func NewCounter(address string) *Counter {
	c := &Counter{bump: make(chan struct{}, 1)}
	c.proxy = &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: address}) },
		FlushInterval: -1, // a pull tells its progress line by line
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				conn.Close()
			}
		},
		ModifyResponse: func(r *http.Response) error {
			if r.Request.URL.Path != "/api/chat" || r.StatusCode != http.StatusOK {
				return nil
			}
			body, err := io.ReadAll(r.Body) // half an answer counts for nothing
			r.Body.Close()
			r.Body = io.NopCloser(bytes.NewReader(body))
			if err == nil {
				c.mu.Lock()
				c.whole++
				c.mu.Unlock()
				select {
				case c.bump <- struct{}{}:
				default:
				}
			}
			return err
		},
	}
	return c
}

func (c *Counter) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.proxy.ServeHTTP(w, r) }

// Whole is how many whole answers there were.
func (c *Counter) Whole() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.whole
}

// Wait blocks until there were n, or until done.
func (c *Counter) Wait(n int, done <-chan struct{}) {
	for c.Whole() < n {
		select {
		case <-c.bump:
		case <-done:
			return
		}
	}
}
