package hub

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// longest is how long the Hub may make us wait: its windows have five minutes.
const longest = 15 * time.Minute

// pace keeps to the limits that the Hub states. It has one for its API, one for files and one for pages.
type pace struct {
	mu   sync.Mutex
	free map[string]time.Time // by kind of address: when the next call may go out
}

// kindOf is which limit an address counts against.
func kindOf(u *url.URL) string {
	kind := "pages"
	switch {
	case strings.Contains(u.Path, "/resolve"):
		kind = "files"
	case strings.Contains(u.Path, "/api/"):
		kind = "api"
	}
	return u.Host + " " + kind
}

// keep waits until a call to that address may go out.
func (p *pace) keep(ctx context.Context, c *Client, at *url.URL) error {
	p.mu.Lock()
	wait := time.Until(p.free[kindOf(at)])
	p.mu.Unlock()
	if wait <= 0 {
		return nil
	}
	if wait > longest {
		return &Error{Status: http.StatusTooManyRequests, What: "the limit of requests is reached for " + wait.Round(time.Second).String(), Advice: "try again later"}
	}
	c.tell("the Hub at %s allows no more requests for %d s; waiting", at.Host, int(wait.Seconds()+1))
	return c.wait(ctx, wait)
}

// hear notes what an answer says about the limit: nothing left means a wait until the window ends.
func (p *pace) hear(at *url.URL, h http.Header) {
	left, until, ok := rateLimit(h.Get("RateLimit"))
	if !ok || left > 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == nil {
		p.free = map[string]time.Time{}
	}
	p.free[kindOf(at)] = time.Now().Add(until)
}

// limited is how long a 429 asks to wait; ok says that it does.
func limited(h http.Header) (wait time.Duration, ok bool) {
	if _, wait, ok = rateLimit(h.Get("RateLimit")); ok {
		return wait, true
	}
	if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil && s >= 0 {
		return time.Duration(s) * time.Second, true
	}
	if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return max(time.Until(at), 0), true
	}
	return 0, false
}

// rateLimit reads a header such as `"api";r=0;t=55` (draft-ietf-httpapi-ratelimit-headers): how many requests are left in
// the window and when it ends. A second is added, for both clocks count whole ones.
func rateLimit(header string) (left int, until time.Duration, ok bool) {
	left = -1
	seconds := -1
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 1<<30 {
			continue
		}
		switch name {
		case "r":
			left = n
		case "t":
			seconds = n
		}
	}
	return left, time.Duration(seconds+1) * time.Second, left >= 0 && seconds >= 0
}
