package providers

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A probe connects as calls do, and asks nothing.
func TestProbe(t *testing.T) {
	var requests atomic.Int64
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) })
	plain := httptest.NewServer(count)
	t.Cleanup(plain.Close)
	encrypted := httptest.NewUnstartedServer(count)
	encrypted.Config.ErrorLog = quietLog
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	for _, c := range []struct {
		name, url string
		reason    string // "": it connects
		lasting   bool
	}{
		{"it listens", plain.URL, "", false},
		{"nobody listens, which may pass", "http://" + closedPort(t), ReasonConnect, false},
		{"a certificate that nobody trusts", encrypted.URL, ReasonTLS, true},
		{"no encryption", strings.Replace(plain.URL, "http:", "https:", 1), ReasonTLS, true},
		{"it hangs up, as a server does that restarts", "https://" + speak(t, ""), ReasonCut, false},
		{"no such host", "http://no-such-host.invalid", ReasonDNS, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.reason == ReasonDNS {
				_, err := net.DefaultResolver.LookupHost(t.Context(), "no-such-host.invalid")
				if e, ok := errors.AsType[*net.DNSError](err); !ok || !e.IsNotFound {
					t.Skipf("this network does not say that a host is unknown: %v", err)
				}
			}
			contact, err := Probe(t.Context(), Endpoint{Name: "local", URL: c.url + "/v1/chat/completions"})
			if c.reason == "" {
				if err != nil || contact.Remote == "" || contact.Took <= 0 {
					t.Errorf("Probe = %+v, %v; want a connection", contact, err)
				}
				return
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Reason != c.reason || contact.Lasting != c.lasting || !strings.HasPrefix(err.Error(), "local: ") {
				t.Errorf("Probe = %+v, %v; want %s of local, lasting: %t", contact, err, c.reason, c.lasting)
			}
		})
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests were made; want none", n)
	}
}

// Through a trusted certificate a probe tells what secures the connection.
func TestProbeOfACertificate(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	l, err := newLine(Endpoint{URL: s.URL + "/v1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l.http = s.Client()
	contact, err := l.probe(t.Context())
	if err != nil || contact.TLS != "TLS 1.3" || !contact.Expires.Equal(s.Certificate().NotAfter) {
		t.Errorf("probe = %+v, %v; want TLS 1.3 until %v", contact, err, s.Certificate().NotAfter)
	}
}

// A plain port of an encrypted server, and the pages that stand where answers should, are told for what they are.
func TestForeignAnswers(t *testing.T) {
	for _, c := range []struct {
		name, body, media string
		status            int
		class             Class
		reason, says      string
	}{
		{"net/http, spoken to in plain", "Client sent an HTTP request to an HTTPS server.\n", "text/plain", 400, Refused, ReasonTLS, "write https:// in url: 127.0.0.1:"},
		{"nginx, spoken to in plain", "<html>\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>", "text/html", 400, Refused, ReasonTLS, "write https:// in url"},
		{"nginx, without the server behind it", "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>", "text/html", 502, Temporary, ReasonServer,
			`HTTP 502: a web page, "502 Bad Gateway"; a proxy in front answers, and not the model server: is that running?`},
		{"a page that is not there", "<!doctype html><title>Not Found</title>", "text/html", 404, Refused, ReasonNotFound, "url must be the address of the API"},
		{"a page that wants a login", "<html><title>Sign in</title>", "text/html", 401, Refused, ReasonBadKey, `a web page, "Sign in"; this server wants a key`},
		{"a proxy that wants a password", "<html><title>407</title>", "text/html", 407, Refused, ReasonBadKey, "the proxy wants a user and a password"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.media)
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			})
			e := failure(t, connect(t, Endpoint{URL: url}), ask())
			if e.Class != c.class || e.Reason != c.reason || !strings.Contains(e.Error(), c.says) {
				t.Errorf("%v %s: %v; want %v %s, saying %q", e.Class, e.Reason, e, c.class, c.reason, c.says)
			}
		})
	}
}

// What answers tell of the server's clock and of the way to it.
func TestWatch(t *testing.T) {
	var ahead atomic.Int64
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(time.Duration(ahead.Load())).UTC().Format(http.TimeFormat))
		says(200, completionOf("Four."))(w, r)
	})
	for _, want := range []time.Duration{0, time.Hour, -time.Hour} {
		ahead.Store(int64(want))
		ctx, seen := Watch(t.Context())
		if _, err := connect(t, Endpoint{URL: url}).Chat(ctx, ask()); err != nil {
			t.Fatal(err)
		}
		got, ok := seen.Skew()
		if !ok || (got-want).Abs() > 2*time.Second || want == 0 && got != 0 || seen.Calls() != 1 || seen.RoundTrip() <= 0 {
			t.Errorf("skew %v (%t), %d calls, %v; want about %v, 1 call", got, ok, seen.Calls(), seen.RoundTrip(), want)
		}
	}
}
