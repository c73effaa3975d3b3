package browser

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestCareless: what a page should not do is noticed where one does it.
func TestCareless(t *testing.T) {
	c := must[*Chromium](t)(Start(t.Context())) // of its own: the strays of this one are wanted
	t.Cleanup(c.Close)
	for _, row := range []struct{ name, body, want string }{
		{"a script of others runs", `<script>alarm("me")</script>`, "ALARM"},
		{"a handler of others runs", `<img src="/none" onerror="alarm('me')">`, "ALARM"},
		{"a dialog opens", `<script>alert("me")</script>`, "dialog: me"},
		{"a script breaks", `<script>nothing.at.all()</script>`, "exception: "},
		{"a word in the console", `<script>console.error("oh")</script>`, `console: "oh"`},
		{"a picture of others", `<img alt="" src="http://elsewhere.example/x.png">`, "request to somebody else: GET http://elsewhere.example/x.png"},
		{"a style that the policy forbids", `<p style="color: red">`, "Content Security Policy"},
		{"what is not there", `<img alt="" src="/none.png">`, "404"},
		{"a window", `<script>window.open("/other")</script>`, "window opened"},
	} {
		t.Run(row.name, func(t *testing.T) {
			tab := careless(t, c, row.body)
			if found, ok := hears(t, tab, row.want); !ok {
				t.Errorf("noticed %q; want %q", found, row.want)
			}
		})
	}
	t.Run("what some cannot read", func(t *testing.T) {
		tab := careless(t, c, `<p class="faint">hardly there</p><button></button><link rel="stylesheet" href="/faint.css">`)
		found := strings.Join(must[[]string](t)(tab.Audit()), "\n")
		for _, want := range []string{"serious: color-contrast", "critical: button-name"} {
			if !strings.Contains(found, want) {
				t.Errorf("found %q; want %q", found, want)
			}
		}
	})
	if strays := c.Strays(); !slices.Contains(strays, "elsewhere.example") {
		t.Errorf("asked %q of others; want elsewhere.example", strays)
	}
}

// hears waits until something is noted, or so much has been done that it would have been.
func hears(t *testing.T, tab *Tab, want string) (found string, ok bool) {
	t.Helper()
	for range 200 {
		found += strings.Join(tab.Wrong(), "\n")
		if strings.Contains(found, want) {
			return found, true
		}
		must[bool](t)(Eval[bool](tab, `new Promise(done => setTimeout(() => done(true), 10))`))
	}
	return found, false
}

// careless is a tab that shows a page with a body, on a server without care for all but styles.
func careless(t *testing.T, c *Chromium, body string) *Tab {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "style-src 'self'")
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte(`<!DOCTYPE html><html lang="en"><title>x</title><link rel="icon" href="data:,"><main>` + body)) //nolint:errcheck // a test would miss it
		case "/faint.css":
			w.Header().Set("Content-Type", "text/css")
			w.Write([]byte(".faint { color: #ddd; background: #fff }")) //nolint:errcheck // the same
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	tab := must[*Tab](t)(c.Open(s.URL))
	t.Cleanup(tab.Close)
	check(t, tab.Go("/"))
	return tab
}
