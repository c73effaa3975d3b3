package hub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"openarena/internal/secret"
)

const token = "hf_CANARY0123456789"

// waits records what a client would have waited.
type waits []time.Duration

// client is one with a token for a server, which never really waits.
func client(t *testing.T, at string, more ...func(*Options)) (*Client, *waits) {
	t.Helper()
	o := Options{Endpoint: at, Token: secret.New(token)}
	for _, f := range more {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	var w waits
	c.wait = func(ctx context.Context, d time.Duration) error {
		w = append(w, d)
		c.pace.mu.Lock()
		clear(c.pace.free)
		c.pace.mu.Unlock()
		return ctx.Err()
	}
	return c, &w
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestTheTokenStaysWithTheHub(t *testing.T) {
	var elsewhere, here []string
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		elsewhere = append(elsewhere, r.Header.Get("Authorization"))
		io.WriteString(w, "data")
	})
	hub := serve(t, func(w http.ResponseWriter, r *http.Request) {
		here = append(here, r.Header.Get("Authorization"))
		switch r.URL.Path {
		case "/a":
			http.Redirect(w, r, "/b", http.StatusTemporaryRedirect)
		case "/b":
			http.Redirect(w, r, other+"/c?signature=secret", http.StatusFound)
		}
	})
	c, _ := client(t, hub)
	res, err := c.do(t.Context(), call{method: "GET", url: hub + "/a"})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); string(body) != "data" {
		t.Errorf("body = %q; want that of the other host", body)
	}
	if want := []string{"Bearer " + token, "Bearer " + token}; !slices.Equal(here, want) {
		t.Errorf("the Hub saw %q; want the token twice", here)
	}
	if !slices.Equal(elsewhere, []string{""}) {
		t.Errorf("the other host saw %q; want one call without a token", elsewhere)
	}
}

func TestABodyIsNotCarriedToAnotherHost(t *testing.T) {
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the body went to the other host") })
	hub := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other, http.StatusPermanentRedirect)
	})
	c, _ := client(t, hub)
	body := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }
	if _, err := c.do(t.Context(), call{method: "POST", url: hub + "/a", body: body, size: 1}); err == nil {
		t.Error("do = nil; want an error")
	}
}

func TestWhatIsTriedAgain(t *testing.T) {
	for _, test := range []struct {
		why     string
		answers []int
		header  string // RateLimit
		once    bool
		calls   int
		fails   bool
		waits   []time.Duration
	}{
		{"a server that is busy for a moment", []int{503, 502, 200}, "", false, 3, false, []time.Duration{500 * time.Millisecond, time.Second}},
		{"a server that stays broken", []int{500, 500, 500, 500, 500, 500}, "", false, 5, true, nil},
		{"what must not happen twice", []int{503, 200}, "", true, 1, true, nil},
		{"a limit waits until its window ends and a second", []int{429, 200}, `"api";r=0;t=55`, true, 2, false, []time.Duration{56 * time.Second}},
		{"a limit without a word", []int{429, 200}, "", false, 2, false, []time.Duration{2 * time.Second}},
		{"a limit of a day is not waited for", []int{429, 200}, `"api";r=0;t=86400`, false, 1, true, nil},
		{"a refusal", []int{403, 200}, "", false, 1, true, nil},
	} {
		t.Run(test.why, func(t *testing.T) {
			calls := 0
			hub := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if body, _ := io.ReadAll(r.Body); string(body) != "x" {
					t.Errorf("body = %q; want it whole each time", body)
				}
				status := test.answers[calls]
				calls++
				if status == 429 && test.header != "" {
					w.Header().Set("RateLimit", test.header)
				}
				w.WriteHeader(status)
			})
			c, waited := client(t, hub)
			body := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }
			res, err := c.do(t.Context(), call{method: "POST", url: hub + "/api/x", body: body, size: 1, once: test.once})
			if err == nil {
				res.Body.Close()
			}
			if (err != nil) != test.fails || calls != test.calls {
				t.Errorf("do = %v after %d calls; want failure %v after %d", err, calls, test.fails, test.calls)
			}
			if test.waits != nil && !slices.Equal(*waited, test.waits) {
				t.Errorf("waited %v; want %v", *waited, test.waits)
			}
		})
	}
}

func TestNothingLeftInTheWindow(t *testing.T) {
	hub := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("RateLimit", `"api";r=0;t=30`)
	})
	var told []string
	c, waited := client(t, hub, func(o *Options) { o.Tell = func(s string) { told = append(told, s) } })
	for _, path := range []string{"/api/datasets/x", "/datasets/x/resolve/main/y", "/api/datasets/x"} {
		res, err := c.do(t.Context(), call{method: "GET", url: hub + path})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	if len(*waited) != 1 || (*waited)[0] <= 29*time.Second || (*waited)[0] > 31*time.Second {
		t.Errorf("waited %v; want once, for the second call of one kind, until the window ends", *waited)
	}
	if len(told) != 1 {
		t.Errorf("told %q; want one line", told)
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		why        string
		status     int
		code, kind string
		body       string
		token      bool
		want       []string
	}{
		{"not found or private, no token", 401, "RepoNotFound", "application/json", `{"error":"Invalid username or password."}`, false,
			[]string{"no dataset org/set", "or it is private", "/datasets/org/set", "HF_TOKEN", "/settings/tokens"}},
		{"not found, with a token", 404, "RepoNotFound", "application/json", `{"error":"Repository not found"}`, true,
			[]string{"no dataset org/set", "your token may not read it"}},
		{"a wrong token", 401, "", "application/json", `{"error":"Invalid credentials in Authorization header"}`, true,
			[]string{"does not accept the token"}},
		{"gated, no token", 401, "GatedRepo", "application/json", `{}`, false, []string{"gated", "ask for access at", "/datasets/org/set", "HF_TOKEN"}},
		{"gated, with a token", 403, "GatedRepo", "application/json", `{}`, true, []string{"gated", "has no access", "/datasets/org/set"}},
		{"no such revision", 404, "RevisionNotFound", "application/json", `{}`, true, []string{"no such revision", "branch, a tag"}},
		{"no such file", 404, "EntryNotFound", "application/json", `{}`, true, []string{"no such file", "/datasets/org/set/tree/main"}},
		{"it is down", 503, "", "application/json", `{"error":"maintenance"}`, true, []string{"503 Service Unavailable: maintenance; try again later"}},
		{"a web page", 200, "", "text/html; charset=utf-8", `<html>log in</html>`, true, []string{"web page (HTML", "HF_ENDPOINT"}},
		{"a web page as an error", 404, "", "text/html", `<html>`, true, []string{"web page (HTML, status 404)"}},
		{"other words", 403, "", "application/json", `{"error":"no \u001b[31mright for ` + token + `"}`, true, []string{"403 Forbidden", "no [31mright for ***"}},
	} {
		t.Run(test.why, func(t *testing.T) {
			hub := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Error-Code", test.code)
				w.Header().Set("Content-Type", test.kind)
				w.WriteHeader(test.status)
				io.WriteString(w, test.body)
			})
			c, _ := client(t, hub, func(o *Options) {
				if !test.token {
					o.Token = secret.String{}
				}
			})
			_, err := c.do(t.Context(), call{method: "GET", url: hub + "/api/x", repo: "org/set"})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("do = %v; want an *Error", err)
			}
			for _, w := range test.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("do = %q; want %q in it", err, w)
				}
			}
			if strings.Contains(err.Error(), token) {
				t.Errorf("do = %q, which shows the token", err)
			}
			if e.Status != test.status {
				t.Errorf("Status = %d; want %d", e.Status, test.status)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	c, _ := client(t, s.URL)
	_, err := c.do(t.Context(), call{method: "GET", url: s.URL + "/a?signature=secret"})
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("do = %v; want that the host cannot be reached, without the address", err)
	}
}

func TestOfflineAsksNobody(t *testing.T) {
	hub := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the Hub was asked") })
	c, _ := client(t, hub, func(o *Options) { o.Offline = true })
	if _, err := c.do(t.Context(), call{method: "GET", url: hub, repo: "org/set"}); err == nil || !strings.Contains(err.Error(), "HF_HUB_OFFLINE") {
		t.Errorf("do = %v; want that it is offline", err)
	}
}

func TestASilentBodyEnds(t *testing.T) {
	done := make(chan struct{})
	hub := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("x"), 10))
		w.(http.Flusher).Flush()
		<-done
	})
	t.Cleanup(func() { close(done) })
	c, _ := client(t, hub)
	c.idle = 20 * time.Millisecond
	res, err := c.do(t.Context(), call{method: "GET", url: hub})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); !errors.Is(err, errSilent) {
		t.Errorf("ReadAll = %v; want that it fell silent", err)
	}
}

func TestEndpoints(t *testing.T) {
	for _, bad := range []string{"huggingface.co", "ftp://x", "https://", "https://user:pw@x", "https://x?y=1"} {
		if _, err := New(Options{Endpoint: bad}); err == nil || strings.Contains(err.Error(), "pw") {
			t.Errorf("New(%q) = %v; want an error without it", bad, err)
		}
	}
	c, err := New(Options{Endpoint: "https://x/hub/"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.address("api", "revision", "refs/convert/parquet"), "https://x/hub/api/revision/refs%2Fconvert%2Fparquet"; got != want {
		t.Errorf("address = %s; want %s", got, want)
	}
}
