package providers

import (
	"context"
	"net"
	"net/http"
	"time"
)

const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	idleConnTimeout  = 90 * time.Second
	// Waiting calls are what fills the memory of a large run, so the buffers are half the size of net/http's.
	bufferSize = 2 << 10
	headerSize = 64 << 10
)

// dialFunc opens a connection; a test puts a pipe in its place.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newHTTPClient is the one place that builds an http.Client. It keeps up to connections open to the host: net/http's
// default of two would open a new one for almost every call. Redirects are returned, not followed, because a redirect
// would carry key and prompt to a server nobody named. A nil dial is a plain TCP dialer.
func newHTTPClient(connections int, dial dialFunc) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			OnProxyConnectResponse: opened,
			DialContext:            dial,
			TLSHandshakeTimeout:    handshakeTimeout,
			MaxIdleConns:           0,
			MaxIdleConnsPerHost:    connections,
			IdleConnTimeout:        idleConnTimeout,
			MaxResponseHeaderBytes: headerSize,
			ReadBufferSize:         bufferSize,
			WriteBufferSize:        bufferSize,
			ForceAttemptHTTP2:      true, // a DialContext of our own would switch HTTP/2 off
			// Without pings a dead HTTP/2 connection is noticed only when every call on it times out.
			HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
