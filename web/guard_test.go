package web

import (
	"bytes"
	"errors"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"openarena/pipeline"
)

const secret = "a token of enough letters"

// bare is a site of an arena that cannot be read, for what does not depend on one.
func bare(t *testing.T, o Options) *Site {
	t.Helper()
	source := NewLocal(func() (*pipeline.Arena, error) { return nil, errors.New("no arena") })
	o.Source = source
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask asks a site, with headers in pairs of name and value; Host is one of them.
func ask(s http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8765"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// TestHosts: a site whose name somebody made lead here is not let in, whatever it is called.
func TestHosts(t *testing.T) {
	open := Options{Address: "0.0.0.0:8765", Token: secret, Hosts: []string{"arena.lan"}}
	for _, c := range []struct {
		o    Options
		host string
		in   bool
	}{
		{Options{}, "127.0.0.1:8765", true},
		{Options{}, "127.0.0.1", true},
		{Options{}, "127.8.8.8:1", true},
		{Options{}, "localhost:9000", true},
		{Options{}, "LOCALHOST:9000", true},
		{Options{}, "arena.localhost", true},
		{Options{}, "[::1]:8765", true},
		{Options{}, "[::ffff:127.0.0.1]:8765", true},
		{Options{}, "evil.example:8765", false},
		{Options{}, "localhost.evil.example", false},
		{Options{}, "127.0.0.1.evil.example", false},
		{Options{}, "10.0.0.1:8765", false},
		{Options{}, "", false},
		{Options{}, "localhost:8765@evil.example", false},
		{Options{Address: "10.0.0.1:8765"}, "10.0.0.1:8765", true},
		{Options{Address: "10.0.0.1:8765"}, "10.0.0.2:8765", false},
		{open, "10.0.0.2:8765", true},
		{open, "arena.lan:8765", true},
		{open, "Arena.Lan", true},
		{open, "evil.example:8765", false},
	} {
		got := ask(bare(t, c.o), "GET", "/static/style.css", "", "Host", c.host, "Authorization", "Bearer "+secret).Code
		if want := map[bool]int{true: http.StatusOK, false: http.StatusMisdirectedRequest}[c.in]; got != want {
			t.Errorf("%+v asked for as %q: %d; want %d", c.o, c.host, got, want)
		}
	}
}

// TestToken: the token is shown once, in an address that the browser is led away from; then the cookie counts.
func TestToken(t *testing.T) {
	s := bare(t, Options{Address: "0.0.0.0:8765", Token: secret})
	for _, c := range []struct{ why, target, name, value string }{
		{"nothing", "/static/style.css", "", ""},
		{"a wrong token", "/static/style.css?token=wrong", "", ""},
		{"the beginning of it", "/static/style.css?token=" + url.QueryEscape(secret[:10]), "", ""},
		{"a wrong cookie", "/static/style.css", "Cookie", "openarena-8765=00"},
		{"the token as cookie", "/static/style.css", "Cookie", "openarena-8765=" + url.QueryEscape(secret)},
		{"a wrong bearer", "/static/style.css", "Authorization", "Bearer wrong"},
		{"another scheme", "/static/style.css", "Authorization", "Basic " + secret},
	} {
		if got := ask(s, "GET", c.target, "", c.name, c.value); got.Code != http.StatusUnauthorized || strings.Contains(got.Body.String(), secret) {
			t.Errorf("with %s: %d; want 401\n%s", c.why, got.Code, got.Body)
		}
	}
	first := ask(s, "GET", "/static/style.css?a=1&token="+url.QueryEscape(secret), "")
	if at := first.Header().Get("Location"); first.Code != http.StatusSeeOther || at != "/static/style.css?a=1" {
		t.Errorf("with the token: %d to %q; want to the address without it", first.Code, at)
	}
	cookie := first.Header().Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie is %q; want %s", cookie, want)
		}
	}
	if strings.Contains(cookie, secret) || strings.Contains(cookie, url.QueryEscape(secret)) {
		t.Errorf("the cookie holds the token")
	}
	pair, _, _ := strings.Cut(cookie, ";")
	if got := ask(s, "GET", "/static/style.css", "", "Cookie", pair).Code; got != http.StatusOK {
		t.Errorf("with the cookie: %d; want 200", got)
	}
	again := ask(s, "GET", "/?token="+url.QueryEscape(secret), "", "Cookie", pair)
	if at := again.Header().Get("Location"); again.Code != http.StatusSeeOther || at != "/" {
		t.Errorf("with both: %d to %q; want to the address without the token", again.Code, at)
	}
	if at := ask(s, "GET", "//evil.example/?token="+url.QueryEscape(secret), "").Header().Get("Location"); at != "/evil.example/" {
		t.Errorf("an address of two slashes leads to %q; want to this server", at)
	}
	// Another server with the same token on another port has another cookie, and after a restart the old one still counts.
	if got := ask(bare(t, Options{Address: "0.0.0.0:8765", Token: secret}), "GET", "/static/style.css", "", "Cookie", pair).Code; got != http.StatusOK {
		t.Errorf("after a restart the cookie brings %d; want 200", got)
	}
	if got := ask(bare(t, Options{Address: "0.0.0.0:8765", Token: secret + "!"}), "GET", "/static/style.css", "", "Cookie", pair).Code; got != http.StatusUnauthorized {
		t.Errorf("with another token the cookie brings %d; want 401", got)
	}
}

// TestStrangersGetNoToken: a page for who may not come in holds nothing by which a form could be made to look like ours.
func TestStrangersGetNoToken(t *testing.T) {
	s := bare(t, Options{Address: "0.0.0.0:8765", Token: "0123456789abcdef"})
	for _, host := range []string{"evil.example:8765", "127.0.0.1:8765"} {
		if reply := ask(s, "GET", "/vote", "", "Host", host); reply.Code < 400 || strings.Contains(reply.Body.String(), s.csrf.token) {
			t.Errorf("%s: %d, with the token: %v", host, reply.Code, strings.Contains(reply.Body.String(), s.csrf.token))
		}
	}
}

// TestForeignRequests: what writes is written for pages of this server only.
func TestForeignRequests(t *testing.T) {
	done := 0
	defer func(were []route) { routes = were }(routes)
	routes = []route{{"POST", "/write", func(_ *Site, w http.ResponseWriter, _ *http.Request) error { done++; return nil }}}
	s := bare(t, Options{})
	form := "Content-Type"
	urlencoded := "application/x-www-form-urlencoded"
	token := "token=" + s.csrf.token
	for _, c := range []struct {
		why    string
		body   string
		header []string
		want   int
	}{
		{"our form", token, []string{form, urlencoded, "Origin", "http://127.0.0.1:8765", "Sec-Fetch-Site", "same-origin"}, 200},
		{"a program that knows the token", token, []string{form, urlencoded}, 200},
		{"no token", "", []string{form, urlencoded, "Origin", "http://127.0.0.1:8765", "Sec-Fetch-Site", "same-origin"}, 403},
		{"a wrong token", "token=x", []string{form, urlencoded, "Sec-Fetch-Site", "same-origin"}, 403},
		{"another site that got the token", token, []string{form, urlencoded, "Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"an older browser there", token, []string{form, urlencoded, "Origin", "http://evil.example"}, 403},
		{"another port of this machine", token, []string{form, urlencoded, "Origin", "http://127.0.0.1:9999", "Sec-Fetch-Site", "same-site"}, 403},
		{"a page from a file", token, []string{form, urlencoded, "Origin", "null"}, 403},
		{"too much", "x=" + strings.Repeat("x", maxBody) + "&" + token, []string{form, urlencoded, "Sec-Fetch-Site", "same-origin"}, 403},
	} {
		before := done
		got := ask(s, "POST", "/write", c.body, c.header...).Code
		if wrote := done > before; got != c.want || wrote != (c.want == 200) {
			t.Errorf("%s: %d, written: %v; want %d", c.why, got, wrote, c.want)
		}
	}
	if got := ask(s, "GET", "/write", "").Code; got == http.StatusOK || done != 2 {
		t.Errorf("a GET of what writes: %d", got)
	}
}

// TestHeaders: every reply has all headers, whatever it is.
func TestHeaders(t *testing.T) {
	s := bare(t, Options{})
	for _, c := range []struct{ target, host string }{{"/", ""}, {"/none", ""}, {"/static/style.css", ""}, {"/", "evil.example"}} {
		got := ask(s, "GET", c.target, "", "Host", "localhost").Header()
		for name, value := range headers {
			if name == "Cache-Control" && strings.HasPrefix(c.target, "/static") {
				value = "no-cache"
			}
			if got.Get(name) != value {
				t.Errorf("%s: %s is %q; want %q", c.target, name, got.Get(name), value)
			}
		}
		if kind := got.Get("Content-Type"); !strings.Contains(kind, "charset=utf-8") {
			t.Errorf("%s: Content-Type is %q; want a charset", c.target, kind)
		}
	}
}

// TestPanic: a mistake of ours ends one page, not the server, and is told where the server was started.
func TestPanic(t *testing.T) {
	defer func(were []route) { routes = were }(routes)
	routes = []route{{"GET", "/broken", func(*Site, http.ResponseWriter, *http.Request) error { panic("oh <b>no</b>") }}}
	var told bytes.Buffer
	s := bare(t, Options{Log: log.New(&told, "", 0)})
	got := ask(s, "GET", "/broken", "")
	if got.Code != http.StatusInternalServerError || !strings.Contains(got.Body.String(), "<h1>") || strings.Contains(got.Body.String(), "oh") {
		t.Errorf("a panic is %d\n%s\nwant a page that says nothing of it", got.Code, got.Body)
	}
	if !strings.Contains(told.String(), "oh <b>no</b>") || !strings.Contains(told.String(), "guard_test.go") {
		t.Errorf("told is %q; want the panic and where it was", told.String())
	}
}

// TestTooManyAtOnce: what is too much waits for its turn, is refused when that takes long, and all others are served.
func TestTooManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := bare(t, Options{})
		for range maxRequests {
			s.requests.try()
		}
		if got := ask(s, "GET", "/static/style.css", ""); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" {
			t.Errorf("with all slots taken: %d; want 503 with Retry-After", got.Code)
		}
		time.AfterFunc(turnWait/2, s.requests.give)
		if got := ask(s, "GET", "/static/style.css", ""); got.Code != http.StatusOK {
			t.Errorf("with one that becomes free: %d; want 200", got.Code)
		}
		if got := ask(s, "GET", "/static/style.css", ""); got.Code != http.StatusOK {
			t.Errorf("a slot was not given back: %d", got.Code)
		}
	})
}

// TestSearchTakesNoSlot: a search is long, and other pages are served meanwhile however many there are.
func TestSearchTakesNoSlot(t *testing.T) {
	taken := -1
	var s *Site
	s, err := New(Options{Source: NewLocal(func() (*pipeline.Arena, error) { taken = len(s.requests); return nil, errors.New("no arena") })})
	if err != nil {
		t.Fatal(err)
	}
	ask(s, "GET", "/battles/search?q=x", "")
	if taken != 0 || len(s.requests) != 0 || len(s.streams) != 0 {
		t.Errorf("a search takes %d slots, and keeps %d and %d; want 0", taken, len(s.requests), len(s.streams))
	}
}

// TestMethods: what cannot be done with an address is told as such.
func TestMethods(t *testing.T) {
	s := bare(t, Options{})
	for _, c := range []struct {
		method, target, allow string
	}{{"PUT", "/", "GET, HEAD"}, {"OPTIONS", "/battles", "GET, HEAD"}, {"DELETE", "/vote", "GET, HEAD, POST"}, {"POST", "/nothing", "GET, HEAD"}} {
		got := ask(s, c.method, c.target, "")
		if got.Code != http.StatusMethodNotAllowed || got.Header().Get("Allow") != c.allow || got.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s %s is %d, allowed %q; want 405 and %q", c.method, c.target, got.Code, got.Header().Get("Allow"), c.allow)
		}
	}
}

// TestStatic: folders have no list, and what a browser has already is not sent again.
func TestStatic(t *testing.T) {
	s := bare(t, Options{})
	for target, want := range map[string]int{"/static/": 404, "/static": 404, "/static/none.js": 404, "/static/../serve.go": 404, "/static/theme.js": 200} {
		if got := ask(s, "GET", target, ""); got.Code != want && got.Code != http.StatusMovedPermanently && got.Code != http.StatusTemporaryRedirect {
			t.Errorf("%s is %d; want %d", target, got.Code, want)
		}
	}
	tag := ask(s, "GET", "/static/theme.js", "").Header().Get("ETag")
	if got := ask(s, "GET", "/static/theme.js", "", "If-None-Match", tag); got.Code != http.StatusNotModified || got.Body.Len() > 0 {
		t.Errorf("what a browser has is sent again: %d, %d bytes", got.Code, got.Body.Len())
	}
}
