package fakehub

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"time"
)

// Fault is what befalls requests. Which ones, says the first part; what, the second, of which one field is set (Delay and
// Header go with any).
type Fault struct {
	Host   string // hub or cdn; empty: both
	Method string // empty: all
	Path   string // a regular expression for a part of the escaped path; empty: all
	Skip   int    // so many requests pass before it begins
	Times  int    // how many it befalls; 0: all that come

	Status      int    // answered in place of the answer, such as 429 or 503
	HTML        bool   // a page in place of the answer, with Status or 200
	CutAfter    int64  // so many bytes of the body come, then the connection ends
	Cut         bool   // the connection ends before anything was done
	LostReply   bool   // all is done, and the connection ends before the answer
	IgnoreRange bool   // the whole file comes, with 200
	Body        string // goes with Status

	Header http.Header     // added to the answer
	Delay  time.Duration   // before anything is done
	Wait   <-chan struct{} `json:"-"` // nothing is done before it is closed
	Hook   func()          `json:"-"` // is called before anything is done; with LostReply, when all is done

	path    *regexp.Regexp
	befell  int
	skipped int
}

// Inject adds a fault; those added first come first. It panics if Path is no regular expression.
func (h *Hub) Inject(f Fault) {
	f.path = regexp.MustCompile(f.Path)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = append(h.faults, &f)
}

// Heal ends all faults.
func (h *Hub) Heal() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = nil
}

// RateLimited are the headers of a 429: a bucket (api or resolvers) that is full again after so many seconds.
func RateLimited(bucket string, seconds int) http.Header {
	return http.Header{
		"Ratelimit":        {fmt.Sprintf(`"%s";r=0;t=%d`, bucket, seconds)},
		"Ratelimit-Policy": {fmt.Sprintf(`"fixed window";"%s";q=500;w=300`, bucket)},
	}
}

// fault is what befalls a request, or nil.
func (h *Hub) fault(r Request) *Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.faults {
		if f.Host != "" && f.Host != r.Host || f.Method != "" && f.Method != r.Method || !f.path.MatchString(r.Path) {
			continue
		}
		if f.skipped < f.Skip {
			f.skipped++
			continue
		}
		if f.Times > 0 && f.befell == f.Times {
			continue
		}
		f.befell++
		return f
	}
	return nil
}

func (f *Fault) serve(w http.ResponseWriter, r *http.Request, inner http.Handler) {
	if !f.waited(r) {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), f.Header)
	if f.Hook != nil && !f.LostReply {
		f.Hook()
	}
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler)
	case f.HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(max(f.Status, http.StatusOK))
		_, _ = w.Write([]byte("<!DOCTYPE html>\n<html><head><title>Please sign in</title></head><body>This network wants you to sign in.</body></html>\n"))
	case f.Status != 0:
		http.Error(w, f.Body, f.Status)
	case f.LostReply:
		inner.ServeHTTP(httptest.NewRecorder(), r)
		if f.Hook != nil {
			f.Hook()
		}
		panic(http.ErrAbortHandler)
	case f.CutAfter > 0:
		inner.ServeHTTP(&cutting{ResponseWriter: w, left: f.CutAfter}, r)
	case f.IgnoreRange:
		r.Header.Del("Range")
		inner.ServeHTTP(w, r)
	default:
		inner.ServeHTTP(w, r)
	}
}

// waited is false if the client went away meanwhile.
func (f *Fault) waited(r *http.Request) bool {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return false
		}
	}
	if f.Wait == nil {
		return true
	}
	select {
	case <-f.Wait:
		return true
	case <-r.Context().Done():
		return false
	}
}

// cutting ends the connection when so many bytes were sent.
type cutting struct {
	http.ResponseWriter
	left int64
}

func (c *cutting) Write(p []byte) (int, error) {
	if int64(len(p)) < c.left {
		c.left -= int64(len(p))
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
