package providers

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	defaultTimeout   = 10 * time.Minute
	defaultIdle      = 2 * time.Minute
	endWait          = 50 * time.Millisecond // for the end of a body behind its last event
	leastConnections = 1024                  // to a host that may be kept: what concurrency: auto may grow to
	maxBody          = 16 << 20              // bytes of an answer, decompressed
	maxPooled        = 256 << 10             // a larger buffer is not worth keeping
)

// Why a call was ended from here; the cause of its context.
var (
	errTimeout = errors.New("timeout")
	errSilent  = errors.New("silent body")
)

// line carries calls to one endpoint: address, key, time limits. What goes over it is the protocol's business.
type line struct {
	http    *http.Client
	url     *url.URL
	name    string
	header  http.Header
	host    string // overrides the Host header; empty: that of the address
	hasKey  bool
	timeout time.Duration
	idle    time.Duration
	mask    *mask
}

// newLine checks e and fills its defaults in. Its errors show neither key nor address, which may hold a secret.
func newLine(e Endpoint, dial dialFunc) (*line, error) {
	u, err := url.Parse(e.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("endpoint %s: the url is not an address; write one such as http://localhost:11434/v1/chat/completions",
			cmp.Or(e.Name, "without a name"))
	}
	l := &line{
		http:    newHTTPClient(max(e.Connections, leastConnections), dial),
		url:     u,
		name:    cmp.Or(e.Name, u.Host),
		timeout: cmp.Or(e.Timeout, defaultTimeout),
		idle:    cmp.Or(e.IdleTimeout, defaultIdle),
		mask:    newMask(e, u),
		header: http.Header{
			"Content-Type": {"application/json"},
			"Accept":       {"application/json"},
			"User-Agent":   {"openarena"},
		},
	}
	if err := l.setHeaders(e); err != nil {
		return nil, fmt.Errorf("endpoint %s: %w", l.name, err)
	}
	return l, nil
}

func (l *line) setHeaders(e Endpoint) error {
	for name, value := range e.Headers {
		if !headerName(name) || !headerValue(value) {
			return fmt.Errorf("header %q cannot be sent: a name is letters, digits and dashes, a value has no line break", name)
		}
		if strings.EqualFold(name, "Host") {
			l.host = value
			continue
		}
		l.header.Set(name, value)
	}
	if e.Key.Empty() || e.Auth == "none" {
		return nil
	}
	key := e.Key.Reveal()
	if !headerValue(key) {
		return errors.New("the api_key holds a line break or another control character; remove it where the key is set")
	}
	l.hasKey = true
	if e.Auth == "" || e.Auth == "bearer" {
		l.header.Set("Authorization", "Bearer "+key)
		return nil
	}
	if !headerName(e.Auth) {
		return fmt.Errorf("auth %q is not the name of a header; use bearer, none or a name such as X-Api-Key", e.Auth)
	}
	l.header.Set(e.Auth, key)
	return nil
}

func headerName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

func headerValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// answer is what came back: the whole body, decompressed. It is valid until free.
type answer struct {
	status   int
	header   http.Header
	body     *bytes.Buffer
	streamed bool // the body came in events, which were taken one by one; nothing of it is here
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// free gives the body's memory to the next call. Nothing may point into it any more.
func (a *answer) free() {
	if a.body.Cap() > maxPooled {
		return
	}
	a.body.Reset()
	buffers.Put(a.body)
}

// call sends p and reads the answer, whatever its status. A success that comes in events goes to events, if that is not nil.
// Its errors are *Error or ctx's own.
func (l *line) call(ctx context.Context, method string, p posted, events eventFunc) (*answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	deadline := time.AfterFunc(l.timeout, func() { cancel(errTimeout) })
	defer deadline.Stop()

	req, err := l.request(inner, method, p)
	if err != nil {
		return nil, l.fail(Error{Class: Rejected, Reason: ReasonInvalid}, "the request cannot be built")
	}
	sent := time.Now()
	resp, err := l.http.Do(req)
	if err != nil {
		return nil, l.lost(ctx, inner, err, 0)
	}
	defer resp.Body.Close()
	note(ctx, resp.Header, sent)
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return nil, l.redirected(resp)
	}
	a := &answer{status: resp.StatusCode, header: resp.Header, body: buffers.Get().(*bytes.Buffer)}
	if err := l.read(resp, a, events, cancel); err != nil {
		a.free()
		return nil, l.lost(ctx, inner, err, resp.StatusCode)
	}
	return a, nil
}

func (l *line) request(ctx context.Context, method string, p posted) (*http.Request, error) {
	var payload io.Reader
	if p.body != nil {
		payload = bytes.NewReader(p.body)
	}
	req, err := http.NewRequestWithContext(ctx, method, "", payload) // the address need not be read anew for each call
	if err != nil {
		return nil, err
	}
	req.URL, req.Header = p.url, l.header // net/http does not write to it
	if len(p.header) > 0 {
		req.Header = l.header.Clone()
		maps.Copy(req.Header, p.header)
	}
	req.Host = cmp.Or(l.host, p.url.Host)
	return req, nil
}

var errTooLarge = fmt.Errorf("more than %d MiB", maxBody>>20)

// read fills a with the body, stops at the cap, and ends the call when the body falls silent.
func (l *line) read(resp *http.Response, a *answer, events eventFunc, cancel context.CancelCauseFunc) error {
	w := &watched{from: resp.Body, patience: l.idle, silent: func() { cancel(errSilent) }}
	defer w.stop()
	if events != nil && resp.StatusCode < 300 {
		if frame := framing(resp.Header.Get("Content-Type")); frame != nil {
			a.streamed = true
			err := frame(w, events)
			if err == nil {
				readOut(resp.Body, cancel)
			}
			return err
		}
	}
	n, err := a.body.ReadFrom(io.LimitReader(w, maxBody+1))
	if err == nil && n > maxBody {
		return errTooLarge
	}
	return err
}

// readOut reads what is left of a body behind its last event, which is its end: else the connection would not serve the next call. One
// that does not end at once is given up.
func readOut(body io.Reader, giveUp context.CancelCauseFunc) {
	const most = 4 << 10
	late := time.AfterFunc(endWait, func() { giveUp(nil) })
	defer late.Stop()
	_, _ = io.CopyN(io.Discard, body, most) // the answer is there, whatever becomes of its connection
}

// watched calls silent when nothing was read for patience after the first byte. Before it the server may think as long
// as the whole call may take.
type watched struct {
	from     io.Reader
	patience time.Duration
	silent   func()
	timer    *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	switch {
	case n == 0 || err != nil:
	case w.timer == nil:
		w.timer = time.AfterFunc(w.patience, w.silent)
	default:
		w.timer.Reset(w.patience)
	}
	return n, err
}

func (w *watched) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}
