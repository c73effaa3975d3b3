package providers

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"
)

// secureHint is what to do about a connection that could not be secured.
func (l *line) secureHint(err error) string {
	_, record := errors.AsType[tls.RecordHeaderError](err)
	if record || errors.Is(err, http.ErrSchemeMismatch) || strings.Contains(err.Error(), "HTTP response to HTTPS client") {
		return l.address() + " does not encrypt: write http:// in url, if it is the right port"
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate is for " + namesOf(e.Certificate) + ": use such a name in url"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired && e.Cert != nil {
		return fmt.Sprintf("the certificate of %s holds from %s to %s and this machine says it is %s: have it renewed, or set the clock",
			l.address(), e.Cert.NotBefore.Format(time.DateOnly), e.Cert.NotAfter.Format(time.DateOnly), time.Now().Format(time.DateOnly))
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "this machine does not trust who signed the certificate of " + l.address() + ": if the server is yours, " + trust
	}
	return "check the certificate of " + l.address() + ", or write http:// if it is not encrypted"
}

// trust is how somebody has this program trust a certificate.
var trust = map[bool]string{
	true:  "add the certificate to those that this system trusts",
	false: "run with SSL_CERT_FILE set to its certificate in PEM",
}[runtime.GOOS == "windows" || runtime.GOOS == "darwin"]

// namesOf are the hosts that a certificate is for, the first few.
func namesOf(c *x509.Certificate) string {
	if c == nil {
		return "another host"
	}
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) > 3 {
		names = append(names[:3:3], "…")
	}
	return cmp.Or(strings.Join(names, ", "), "no host")
}

// strangers are servers that begin to speak in a way of their own, by the first bytes of what they say.
var strangers = []struct{ begins, what, todo string }{
	{"\x15\x03", "an encrypted port", "write https:// in url"},
	{"SSH-", "an SSH server", ""},
	{"wrong", "a Redis server", ""},          // -ERR wrong number of arguments: net/http quotes the second word
	{"unknown", "a Redis server", ""},        // -ERR unknown command
	{"Authentication", "a Redis server", ""}, // -NOAUTH Authentication required
	{"RFB ", "a VNC server", ""},
	{"220 ", "a mail or FTP server", ""},
	{"* OK", "an IMAP server", ""},
	{"+OK", "a POP3 server", ""},
	{"AMQP", "a message broker", ""},
}

// stranger is what speaks something other than HTTP, or other than it says.
func (l *line) stranger(err error) diagnosis {
	if said, ok := firstWords(err); ok {
		for _, s := range strangers {
			if strings.HasPrefix(said, s.begins) {
				return diagnosis{reason: ReasonMalformed, symptom: l.address() + " is " + s.what,
					hint: cmp.Or(s.todo, "correct the port in url: model servers speak HTTP")}
			}
		}
	}
	return diagnosis{reason: ReasonMalformed, hint: "is there an HTTP server behind " + l.address() + "?"}
}

// firstWords is how the answer begins that net/http calls malformed. It quotes it, after a text of its own.
func firstWords(err error) (string, bool) {
	_, quoted, ok := strings.Cut(err.Error(), "malformed HTTP ")
	if !ok {
		return "", false
	}
	at := strings.IndexByte(quoted, '"')
	if at < 0 {
		return "", false
	}
	var said string
	if _, err := fmt.Sscanf(quoted[at:], "%q", &said); err != nil {
		return "", false
	}
	return said, true
}

// hostHint is what to do about a host that has no address.
func (l *line) hostHint(e *net.DNSError) string {
	if e.IsNotFound {
		return "check the host in url: " + l.url.Hostname()
	}
	return "the name server does not answer: is this machine online? the host in url is " + l.url.Hostname()
}

// proxyHint names the proxy that is in the way, and the variables that say so.
func (l *line) proxyHint() string {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: l.url})
	if err != nil || proxy == nil {
		return "check the proxy in HTTP_PROXY and HTTPS_PROXY"
	}
	variable := map[string]string{"http": "HTTP_PROXY", "https": "HTTPS_PROXY"}[l.url.Scheme]
	return fmt.Sprintf("%s leads there through the proxy %s: start that, or add %s to NO_PROXY", variable, proxy.Host, l.url.Hostname())
}

// proxyRefusal is a proxy that will not open a way to an encrypted server.
type proxyRefusal struct {
	host   string
	status int
	words  string
}

func (e *proxyRefusal) Error() string { return e.words }

// opened checks what a proxy says to the wish for a way through it.
func opened(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{proxy.Host, answer.StatusCode, cmp.Or(answer.Status, "no explanation")}
}

func (e *proxyRefusal) diagnosis() diagnosis {
	d := diagnosis{reason: ReasonConnect, symptom: "the proxy " + e.host + " opens no connection", hint: "ask who runs it, or add the host to NO_PROXY"}
	if e.status == http.StatusProxyAuthRequired {
		d.class, d.hint = Refused, proxyKeyHint
	}
	return d
}

const proxyKeyHint = "the proxy wants a user and a password: HTTPS_PROXY=http://user:password@host:port, HTTP_PROXY alike"
