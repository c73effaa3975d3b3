// Package hub speaks with the Hugging Face Hub, or a server that does as it does: it finds the files of a dataset, reads
// them whole or by ranges, and puts files there.
//
// The token goes to the endpoint alone: a redirect to another host goes on without it. Limits that the Hub states are
// kept to, and what failed for the moment is tried again. Whatever the Hub refuses is an [*Error] that says what to do.
package hub

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"openarena/internal/secret"
)

// DefaultEndpoint is the Hub itself.
const DefaultEndpoint = "https://huggingface.co"

// Options say which Hub is meant and as whom. The zero value is the public Hub without a token or a cache.
type Options struct {
	Endpoint string        // "": DefaultEndpoint
	Token    secret.String // empty: anonymous
	Offline  bool          // nothing is asked for; only caches are read
	Cache    string        // folder of the Python library's cache, which is only read; "": none
	Own      string        // folder of our own cache; "": none
	Agent    string        // User-Agent, such as "openarena/1.2"

	// Tell, if not nil, is told of waits that a person would notice, in words without a line end.
	Tell func(text string)
}

// Client is one Hub. Its methods may be called from many goroutines.
type Client struct {
	options  Options
	endpoint *url.URL // without a slash at its end
	http     *http.Client
	pace     pace
	wait     func(ctx context.Context, d time.Duration) error // replaced in tests
	idle     time.Duration                                    // how long a body may be silent

	mu   sync.Mutex
	sets map[string]*Set // by id and revision: a process sees one commit of each
}

// New returns a client; nothing is called yet. It fails if the endpoint is no http address.
func New(o Options) (*Client, error) {
	o.Endpoint = strings.TrimRight(cmp.Or(o.Endpoint, DefaultEndpoint), "/")
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &Error{What: "the address of the Hub is not one such as " + DefaultEndpoint, Advice: "set HF_ENDPOINT right, or unset it"}
	}
	return &Client{
		options: o, endpoint: u, wait: sleep, idle: time.Minute, sets: map[string]*Set{},
		http: &http.Client{
			Transport: transport(),
			// Redirects are followed in Client.do, which knows who may see the token.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// transport is Go's own with deadlines, and bodies as they are: a range counts the bytes of the file.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   8,
		WriteBufferSize:       128 << 10, // which files are read into as they are sent
		DisableCompression:    true,
		ForceAttemptHTTP2:     true,
	}
}

// Endpoint is the address of the Hub, without a slash at its end.
func (c *Client) Endpoint() string { return c.options.Endpoint }

// Offline reports that nothing is asked for; only caches are read.
func (c *Client) Offline() bool { return c.options.Offline }

// HasToken reports whether calls carry a token.
func (c *Client) HasToken() bool { return !c.options.Token.Empty() }

// Page is the address of a dataset's page, for people.
func (c *Client) Page(id string) string { return c.options.Endpoint + "/datasets/" + id }

// address is a URL below the endpoint. Each part is escaped whole, slashes included.
func (c *Client) address(parts ...string) string {
	var b strings.Builder
	b.WriteString(c.options.Endpoint)
	for _, p := range parts {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// escaped are the parts of a path in a repository, or of an id, each escaped, with the slashes between them.
func escaped(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

func (c *Client) tell(format string, args ...any) {
	if c.options.Tell != nil {
		c.options.Tell(fmt.Sprintf(format, args...))
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
