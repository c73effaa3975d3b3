package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"
)

// call is one request as often as it takes.
type call struct {
	method string
	url    string      // the token goes along where it lies below the endpoint
	header http.Header // beside what every call has
	body   func() (io.ReadCloser, error)
	size   int64  // of the body
	repo   string // whom it is about, for messages
	once   bool   // must not be sent again where the first may have worked: making a commit

	// stay leaves a redirect to another host to the caller, who gets the 3xx.
	stay bool
}

const (
	attempts  = 5
	redirects = 8
)

// do sends a call and returns the answer, whose status is 2xx and whose body the caller closes; Response.Request.URL is
// where it came from. What is busy, limited or broken for the moment is tried again. Refusals are an *Error.
func (c *Client) do(ctx context.Context, q call) (*http.Response, error) {
	if c.options.Offline {
		return nil, offline(q)
	}
	for n := 1; ; n++ {
		res, err := c.attempt(ctx, q)
		if ctx.Err() != nil {
			if err == nil {
				res.Body.Close()
			}
			return nil, ctx.Err()
		}
		again, pause := c.again(q, res, err, n)
		if !again {
			return c.settle(q, res, err)
		}
		if err == nil {
			res.Body.Close()
		}
		if err := c.wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// again says whether to send the call once more, and when.
func (c *Client) again(q call, res *http.Response, err error, n int) (bool, time.Duration) {
	pause := 500 * time.Millisecond << (n - 1)
	var own *Error
	switch {
	case n == attempts, errors.As(err, &own):
		return false, 0
	case err != nil:
		return !q.once || neverSent(err), pause
	case res.StatusCode == http.StatusTooManyRequests:
		wait, known := limited(res.Header)
		if !known {
			wait = pause << 2
		}
		if wait > longest {
			return false, 0
		}
		c.tell("the Hub at %s asks to wait %d s: its limit of requests is reached", c.endpoint.Host, int(wait.Seconds()))
		return true, wait
	case res.StatusCode >= 500 && res.StatusCode != http.StatusNotImplemented:
		return !q.once, pause
	}
	return false, 0
}

// neverSent says that the server cannot have seen the call.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// settle turns the last answer into the result of do.
func (c *Client) settle(q call, res *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, c.unreachable(q, err)
	}
	ok := res.StatusCode/100 == 2 || q.stay && res.StatusCode/100 == 3
	if ok && !isHTML(res.Header) {
		return res, nil
	}
	defer res.Body.Close()
	return nil, c.refusal(q, res)
}

// attempt sends a call once and follows its redirects.
func (c *Client) attempt(ctx context.Context, q call) (*http.Response, error) {
	at, err := url.Parse(q.url)
	if err != nil {
		return nil, &Error{Repo: q.repo, What: "the Hub named an address that is none"}
	}
	for range redirects {
		res, err := c.send(ctx, q, at)
		if err != nil {
			return nil, err
		}
		next, err := res.Location()
		if res.StatusCode/100 != 3 || res.StatusCode == http.StatusNotModified || err != nil {
			return res, nil
		}
		if q.stay && !c.trusted(next) {
			return res, nil
		}
		if q.body != nil && (res.StatusCode < 307 || !sameHost(at, next)) {
			return res, nil // a body is not carried elsewhere
		}
		res.Body.Close()
		at = next
	}
	return nil, &Error{Repo: q.repo, What: "the Hub redirects in a circle"}
}

// send sends one request to one place.
func (c *Client) send(ctx context.Context, q call, at *url.URL) (*http.Response, error) {
	if err := c.pace.keep(ctx, c, at); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	req, err := http.NewRequestWithContext(ctx, q.method, at.String(), nil)
	if err != nil { // which names the address, signature and all
		stop(nil)
		return nil, &Error{Repo: q.repo, What: "the Hub named an address that is none"}
	}
	if q.body != nil {
		if req.Body, err = q.body(); err != nil {
			stop(nil)
			return nil, unreadable(q.repo, err)
		}
		req.ContentLength = q.size
	}
	for name, values := range q.header {
		req.Header[name] = values
	}
	if c.options.Agent != "" {
		req.Header.Set("User-Agent", c.options.Agent)
	}
	if c.trusted(at) && c.HasToken() {
		req.Header.Set("Authorization", "Bearer "+c.options.Token.Reveal())
	}
	res, err := c.http.Do(req)
	if err != nil {
		stop(nil)
		return nil, err
	}
	c.pace.hear(at, res.Header)
	res.Body = watch(res.Body, c.idle, stop)
	return res, nil
}

// trusted reports whether an address is the Hub's own, which may see the token.
func (c *Client) trusted(u *url.URL) bool { return sameHost(c.endpoint, u) }

func sameHost(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

func isHTML(h http.Header) bool {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// unreachable words a failure below HTTP. Addresses of files hold signatures, so that only the host is named.
func (c *Client) unreachable(q call, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	host := c.endpoint.Host
	var failed *url.Error
	if errors.As(err, &failed) {
		if u, bad := url.Parse(failed.URL); bad == nil && u.Host != "" {
			host = u.Host
		}
		err = failed.Err
	}
	advice := "look at the network and HF_ENDPOINT"
	if q.method == http.MethodGet && q.repo != "" {
		advice += "; HF_HUB_OFFLINE=1 reads what is there already"
	}
	return &Error{Repo: q.repo, What: fmt.Sprintf("%s cannot be reached", host), cause: err, Advice: advice}
}
