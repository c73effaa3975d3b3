package providers

import (
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// fail completes e with the endpoint's name and a text in which no secret and no control character is left.
func (l *line) fail(e Error, format string, args ...any) *Error {
	e.Endpoint = l.name
	e.Err = errors.New(l.mask.clean(fmt.Sprintf(format, args...)))
	e.Hint = l.mask.clean(e.Hint)
	return &e
}

// lost says why a call brought no complete answer. outer is the caller's context, inner the call's own.
// status is 0 if not even headers came.
func (l *line) lost(outer, inner context.Context, err error, status int) error {
	if ctxErr := outer.Err(); ctxErr != nil {
		return ctxErr
	}
	switch cause := context.Cause(inner); {
	case errors.Is(cause, errTimeout):
		return l.fail(Error{Reason: ReasonTimeout, Status: status, Hint: "raise timeout if the model needs longer"},
			"no complete answer within %v", l.timeout)
	case errors.Is(cause, errSilent):
		return l.fail(Error{Reason: ReasonIdle, Status: status, Hint: "raise idle_timeout if the server pauses that long"},
			"the answer began, then nothing came for %v", l.idle)
	}
	// A *url.Error prints the address, query secrets included.
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*unreadable](err); ok {
		return l.fail(Error{Reason: ReasonMalformed, Status: status, Hint: "if this persists, check the url"}, "the answer is not a completion: %v", e)
	}
	d := l.diagnose(err, status)
	said := strings.TrimPrefix(err.Error(), "net/http: HTTP/1.x transport connection broken: ")
	return l.fail(Error{Class: d.class, Reason: d.reason, Status: status, Hint: d.hint}, "%s: %s", cmp.Or(d.symptom, symptoms[d.reason]), said)
}

var symptoms = map[string]string{
	ReasonConnect:   "cannot connect",
	ReasonDNS:       "cannot find the host",
	ReasonTLS:       "no secure connection",
	ReasonTooLarge:  "the answer is too large",
	ReasonMalformed: "the answer cannot be unpacked",
	ReasonCut:       "the connection ended before the answer did",
}

// diagnosis is what a network error means.
type diagnosis struct {
	class   Class
	reason  string
	symptom string // "": that of the reason
	hint    string
}

// diagnose names the reason of a network error and what to do about it. The hint gives host and port, because they are
// what is usually wrong. status is 0 if not even headers came.
func (l *line) diagnose(err error, status int) diagnosis {
	op, isOp := errors.AsType[*net.OpError](err)
	dns, isDNS := errors.AsType[*net.DNSError](err)
	refusal, refused := errors.AsType[*proxyRefusal](err)
	switch {
	case refused:
		return refusal.diagnosis()
	case isOp && op.Op == "proxyconnect":
		return diagnosis{reason: ReasonConnect, symptom: "cannot connect to the proxy", hint: l.proxyHint()}
	case isDNS:
		return diagnosis{reason: ReasonDNS, hint: l.hostHint(dns)}
	case isTLS(err):
		return diagnosis{reason: ReasonTLS, hint: l.secureHint(err)}
	case isOp && op.Op == "dial", errors.Is(err, syscall.ECONNREFUSED):
		return diagnosis{reason: ReasonConnect, hint: l.startHint()}
	case errors.Is(err, errTooLarge):
		return diagnosis{reason: ReasonTooLarge}
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), containsAny(err.Error(), "malformed", "flate:"):
		return l.stranger(err)
	case status == 0:
		return diagnosis{reason: ReasonCut, hint: "it hung up without a word: look into the log of the server at " + l.address()}
	}
	return diagnosis{reason: ReasonCut}
}

func isTLS(err error) bool {
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	text := err.Error()
	return record || alert || verify || authority || name ||
		strings.Contains(text, "TLS handshake") || strings.Contains(text, "HTTP response to HTTPS client")
}

// address is host:port, the port written out.
func (l *line) address() string {
	port := l.url.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[l.url.Scheme]
	}
	return net.JoinHostPort(l.url.Hostname(), port)
}

// ollama reports whether the endpoint is Ollama's usual place on this machine.
func (l *line) ollama() bool {
	switch l.url.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return l.url.Port() == "11434"
	}
	return false
}

func (l *line) startHint() string {
	if l.ollama() {
		return "is Ollama running? start it with: ollama serve"
	}
	return "is a server running at " + l.address() + "?"
}

// redirected names the host that a redirect points to and nothing else of it: path and query may hold a token.
func (l *line) redirected(resp *http.Response) error {
	target := "an address that cannot be read"
	if u, err := resp.Location(); err == nil {
		target = u.Host
	}
	return l.fail(Error{Class: Refused, Reason: ReasonRedirect, Status: resp.StatusCode,
		Hint: "set url to the address that answers itself"},
		"redirects to %s, which is not followed", target)
}
