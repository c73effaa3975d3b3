package providers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

const probeTimeout = 10 * time.Second

// Contact is what connecting to a server tells of it, before anything is asked.
type Contact struct {
	Address string        // host:port of the url
	Remote  string        // IP:port that answered; behind a proxy, the proxy's
	Proxy   string        // host:port of the proxy on the way; "": none
	TLS     string        // such as "TLS 1.3"; "": nothing is encrypted
	Expires time.Time     // of the server's certificate; zero: it showed none
	Took    time.Duration // until all of this was known

	// Lasting tells of a failure that waiting does not mend: nobody knows the host, or its certificate cannot be trusted. A
	// server that is away, or restarts, is another matter.
	Lasting bool
}

// Probe connects to an endpoint in the way that its calls will, through proxy and TLS, and hangs up: no request is sent. Its
// error is an *Error, or ctx's own; the contact holds what was known until then.
func Probe(ctx context.Context, e Endpoint) (Contact, error) {
	l, err := newLine(e, nil)
	if err != nil {
		return Contact{}, err
	}
	return l.probe(ctx)
}

// connector is what opens a connection without a request.
type connector interface {
	NewClientConn(ctx context.Context, scheme, address string) (*http.ClientConn, error)
}

func (l *line) probe(ctx context.Context) (Contact, error) {
	contact := Contact{Address: l.address()}
	transport, ok := l.http.Transport.(connector)
	if !ok {
		return contact, errors.New("this connection cannot be tried on its own")
	}
	if p, err := http.ProxyFromEnvironment(&http.Request{URL: l.url}); err == nil && p != nil {
		contact.Proxy = p.Host
	}
	inner, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var seen sync.Mutex // what is dialled in vain may end after the probe
	traced := httptrace.WithClientTrace(inner, &httptrace.ClientTrace{
		ConnectDone: func(_, remote string, err error) {
			if seen.Lock(); err == nil {
				contact.Remote = remote
			}
			seen.Unlock()
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if seen.Lock(); err == nil {
				contact.TLS, contact.Expires = tls.VersionName(state.Version), expiry(state.PeerCertificates)
			}
			seen.Unlock()
		},
	})
	start := time.Now()
	conn, err := transport.NewClientConn(traced, l.url.Scheme, l.address())
	seen.Lock()
	defer seen.Unlock()
	contact.Took = time.Since(start)
	if err == nil {
		return contact, conn.Close()
	}
	if ctx.Err() != nil {
		return contact, ctx.Err()
	}
	contact.Lasting = lasting(err)
	if inner.Err() != nil {
		if contact.Remote != "" && l.url.Scheme == "https" {
			return contact, l.fail(Error{Reason: ReasonTLS, Hint: "write http:// in url, if it is not encrypted there"},
				"%s took the connection and said nothing of TLS within %v", l.address(), probeTimeout)
		}
		return contact, l.fail(Error{Reason: ReasonTimeout, Hint: l.startHint()}, "no connection within %v", probeTimeout)
	}
	return contact, l.lost(ctx, inner, err, 0)
}

// expiry is when the first certificate of a chain ends: the server's own, or that of who signed it.
func expiry(chain []*x509.Certificate) (first time.Time) {
	for _, c := range chain {
		if first.IsZero() || c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	return first
}

// lasting reports whether a failed connection will fail again however long one waits.
func lasting(err error) bool {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e.IsNotFound && !proxied(err)
	}
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	return verify || record || errors.Is(err, http.ErrSchemeMismatch)
}

// proxied reports whether it is the proxy that cannot be reached.
func proxied(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "proxyconnect"
}
