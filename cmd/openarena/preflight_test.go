package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPreflight has runs begin whose servers cannot be reached. What waiting cannot mend ends a run before its first call,
// with a sentence that names endpoint and host; what may pass does not. A run that has nothing left to ask needs no server.
func TestPreflight(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	encrypted := httptest.NewUnstartedServer(nil)
	encrypted.Config.ErrorLog = quiet()
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	lasting := []patient{
		{id: "T38", why: "no such host", url: "http://no-such-host.invalid/v1", says: "bad0: cannot find the host: "},
		{id: "T39", why: "a certificate that nobody trusts", url: encrypted.URL + "/v1", says: "this machine does not trust who signed the certificate of 127.0.0.1:"},
		{id: "T39", why: "encryption where there is none", url: strings.Replace(plain.URL, "http:", "https:", 1) + "/v1", says: " does not encrypt: write http:// in url"},
	}
	for _, p := range lasting {
		t.Run(p.id+"/"+p.why, func(t *testing.T) {
			t.Parallel()
			if p.id == "T38" {
				_, err := net.DefaultResolver.LookupHost(t.Context(), "no-such-host.invalid")
				if e, ok := errors.AsType[*net.DNSError](err); !ok || !e.IsNotFound {
					t.Skipf("this network does not say that a host is unknown: %v", err)
				}
			}
			w := admit(t, 2, p)
			code, _, said := w.try("run")
			if code != exitUsage || !strings.Contains(said, "openarena: bad0: ") || !strings.Contains(said, p.says) {
				t.Errorf("exit code %d, and it says %q; want %d, naming bad0 and %q", code, said, exitUsage, p.says)
			}
			if calls := w.server.Stats(false).Arrivals; calls != 0 {
				t.Errorf("%d calls were made; want none", calls)
			}
			w.env["BAD0"] = w.env["URL"]
			w.openarena("run")
			w.env["BAD0"] = p.url
			if code, _, said := w.try("run"); code != exitOK {
				t.Errorf("a run that has nothing to ask: exit code %d; want 0\n%s", code, said)
			}
			t.Attr("figure", p.why+": exit 2 before any call")
		})
	}
}
