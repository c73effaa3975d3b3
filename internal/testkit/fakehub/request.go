package fakehub

import (
	"fmt"
	"io"
	"net/http"
)

// Request is what was asked, and what came of it.
type Request struct {
	Host       string // hub or cdn
	Method     string
	Path       string // with its escapes, without the query
	Query      string
	Range      string
	Authorized bool // it had an Authorization header
	Status     int  // 0: the connection was cut before an answer
	In, Out    int64
}

// String is the request in a line, for messages of tests.
func (r Request) String() string {
	return fmt.Sprintf("%s %s %s?%s [%s] → %d (%d in, %d out)", r.Host, r.Method, r.Path, r.Query, r.Range, r.Status, r.In, r.Out)
}

// Requests are all requests so far, in the order of their beginnings.
func (h *Hub) Requests() []Request {
	h.record.Lock()
	defer h.record.Unlock()
	all := make([]Request, len(h.requests))
	for i, r := range h.requests {
		all[i] = *r
	}
	return all
}

// ForgetRequests begins the record anew.
func (h *Hub) ForgetRequests() {
	h.record.Lock()
	defer h.record.Unlock()
	h.requests = nil
}

// recorded notes each request of a host, and does to it what faults say. What a client has received is noted already.
func (h *Hub) recorded(host string, inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted := &Request{
			Host: host, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Range: r.Header.Get("Range"),
			Authorized: r.Header.Get("Authorization") != "",
		}
		h.record.Lock()
		h.requests = append(h.requests, noted)
		h.record.Unlock()
		f := h.fault(*noted)
		note := func(change func(*Request)) {
			h.record.Lock()
			defer h.record.Unlock()
			change(noted)
		}
		r.Body = &counted{r.Body, note}
		out := &counting{ResponseWriter: w, note: note}
		if f != nil {
			f.serve(out, r, inner)
			return
		}
		inner.ServeHTTP(out, r)
	})
}

// counted is a body whose bytes are noted.
type counted struct {
	io.ReadCloser
	note func(func(*Request))
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.note(func(r *Request) { r.In += int64(n) })
	return n, err
}

// counting is a writer whose bytes are noted before they go.
type counting struct {
	http.ResponseWriter
	note  func(func(*Request))
	begun bool
}

func (c *counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *counting) WriteHeader(status int) {
	c.begun = true
	c.note(func(r *Request) { r.Status = status })
	c.ResponseWriter.WriteHeader(status)
}

func (c *counting) Write(p []byte) (int, error) {
	if !c.begun {
		c.WriteHeader(http.StatusOK)
	}
	c.note(func(r *Request) {
		if r.Method != http.MethodHead { // whose body goes nowhere
			r.Out += int64(len(p))
		}
	})
	return c.ResponseWriter.Write(p)
}
