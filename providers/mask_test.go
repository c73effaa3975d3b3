package providers

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

const canary = "sk-CANARY/proj+abc=DEF_0123456789"

var quietLog = log.New(io.Discard, "", 0)

// leaks finds a piece of the canary, in any of its forms, in s.
func leaks(s string) string {
	low := strings.ToLower(s)
	for _, form := range []string{
		canary, url.QueryEscape(canary), url.PathEscape(canary), hex.EncodeToString([]byte(canary)),
		base64.StdEncoding.EncodeToString([]byte(canary)), base64.URLEncoding.EncodeToString([]byte(canary)),
		base64.StdEncoding.EncodeToString([]byte("user:" + canary)), base64.StdEncoding.EncodeToString([]byte("Bearer " + canary)),
	} {
		form = strings.ToLower(form)
		for i := 0; i+12 <= len(form); i++ {
			if piece := form[i : i+12]; strings.Contains(low, piece) {
				return piece
			}
		}
	}
	return ""
}

// echoes are the ways in which a server shows what it was sent.
var echoes = []string{
	canary, "Bearer " + canary, url.QueryEscape(canary), url.PathEscape(canary), strings.ToUpper(canary), hex.EncodeToString([]byte(canary)),
	base64.StdEncoding.EncodeToString([]byte(canary)), base64.URLEncoding.EncodeToString([]byte("user:" + canary)),
	base64.StdEncoding.EncodeToString([]byte("x" + canary)), base64.StdEncoding.EncodeToString([]byte("xy" + canary)),
	canary[:14], canary[9:], strings.Repeat(canary, 40), "x" + strings.Repeat("y", 180) + canary,
}

// No failure of any kind shows the key, wherever it was put and however the server echoes it.
func TestNoErrorShowsASecret(t *testing.T) {
	places := map[string]func(url string) Endpoint{
		"key":    func(u string) Endpoint { return Endpoint{URL: u, Key: key(canary)} },
		"header": func(u string) Endpoint { return Endpoint{URL: u, Key: key(canary), Auth: "X-Api-Key"} },
		"further header": func(u string) Endpoint {
			return Endpoint{URL: u, Headers: map[string]string{"Authorization": "Token " + canary}}
		},
		"query": func(u string) Endpoint { return Endpoint{URL: u + "?api_key=" + url.QueryEscape(canary)} },
		"path":  func(u string) Endpoint { return Endpoint{URL: u + "/" + url.PathEscape(canary)} },
		"userinfo": func(u string) Endpoint {
			return Endpoint{URL: strings.Replace(u, "://", "://user:"+url.PathEscape(canary)+"@", 1)}
		},
	}
	for place, endpoint := range places {
		t.Run(place, func(t *testing.T) {
			for name, address := range failingServers(t) {
				e := failure(t, connect(t, endpoint(address)), ask())
				for _, shown := range []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", *e), e.Hint, e.Err.Error(), e.Endpoint, e.Param} {
					if piece := leaks(shown); piece != "" {
						t.Errorf("%s: %q of the secret is in %q", name, piece, shown)
					}
				}
			}
		})
	}
}

// failingServers are addresses that fail in every way there is.
func failingServers(t *testing.T) map[string]string {
	t.Helper()
	const path = "/v1/chat/completions"
	all := map[string]string{
		"closed port": "http://" + closedPort(t) + path,
		"no host":     "http://no-such-host.invalid" + path,
		"no TLS":      "https://" + closedPort(t) + path,
		"cut":         "http://" + speak(t, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"+canary) + path,
		"not HTTP":    "http://" + speak(t, canary+"\r\n\r\n") + path,
		"bad chunk":   "http://" + speak(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+canary+"\r\n") + path,
		"bad header":  "http://" + speak(t, "HTTP/1.1 200 OK\r\n"+canary+"\r\n\r\n") + path,
		"bad status":  "http://" + speak(t, "HTTP/1.1 "+canary+"\r\n\r\n") + path,
		"bad length":  "http://" + speak(t, "HTTP/1.1 200 OK\r\nContent-Length: "+canary+"\r\n\r\n") + path,
		"redirect": serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://"+url.QueryEscape(canary)+"@evil.test/"+canary+"?k="+canary)
			w.WriteHeader(307)
		}),
	}
	encrypted := httptest.NewUnstartedServer(says(200, ""))
	encrypted.Config.ErrorLog = quietLog
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	all["certificate"] = encrypted.URL + path
	for _, status := range []int{200, 400, 401, 402, 403, 404, 408, 413, 418, 422, 429, 500, 503, 529} {
		for n, echo := range echoes {
			quoted, _ := json.Marshal("the model does not know " + echo)
			for shape, body := range map[string]string{
				"object": `{"error":{"message":` + string(quoted) + `,"code":` + string(quoted) + `,"param":` + string(quoted) + `}}`,
				"text":   `{"error":` + string(quoted) + `}`, "page": "<html>" + echo,
			} {
				if shape == "page" || status == 200 || n%4 == 0 { // what differs by status alone needs fewer of them
					all[fmt.Sprintf("%d %s %d", status, shape, n)] = serve(t, func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("X-Echo", r.Header.Get("Authorization"))
						if r.Method == http.MethodGet {
							fmt.Fprintf(w, `{"data":[{"id":%s},{"id":"m%d"}]}`, quoted, n)
							return
						}
						w.WriteHeader(status)
						io.WriteString(w, body)
					})
				}
			}
		}
	}
	return all
}

func TestMask(t *testing.T) {
	u, err := url.Parse("http://host/v1")
	if err != nil {
		t.Fatal(err)
	}
	m := newMask(Endpoint{Key: key("sk-0123456789abcdef"), Headers: map[string]string{"X-Team": "evaluation", "X-Short": "abcd", "X-Token": "tok"}}, u)
	for _, c := range []struct{ name, in, want string }{
		{"nothing to hide", "the model is busy", "the model is busy"},
		{"the key", "key sk-0123456789abcdef is wrong", "key *** is wrong"},
		{"its beginning", "key sk-01234...", "key ***..."},
		{"its end", "...89abcdef", "...***"},
		{"too little of it to matter", "sk-0123", "sk-0123"},
		{"twice", "sk-0123456789abcdef,sk-0123456789abcdef", "***,***"},
		{"a header's value as a word", "team evaluation, not evaluations", "team ***, not evaluations"},
		{"a short value as a word", "abcd abcde", "*** abcde"},
		{"a value too short to be one", "tok", "tok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := m.hide(c.in); got != c.want {
				t.Errorf("hide(%q) = %q; want %q", c.in, got, c.want)
			}
		})
	}
}

// What stands in a path or a header is a name, but for what nobody would call anything.
func TestKeyLike(t *testing.T) {
	for segment, want := range map[string]bool{
		"v1": false, "chat": false, "completions": false, "deployments": false, "gpt-4o-mini-2024-07-18": false, "llama-3.1-8b-instruct": false,
		"Qwen2.5-Coder-32B-Instruct": false, "openai.azure": false, "internal_gateway_v2": false, "sk-abc": false,
		"sk-proj-abcdefgh": true, "hf_aBcDeF0123456789xyz": true, "0123456789abcdef0123456789abcdef": true, "9b2d4c1e-3f5a-4b6c-8d7e-1a2b3c4d5e6f": true,
	} {
		if got := keyLike.MatchString(segment); got != want {
			t.Errorf("%s is taken for a key: %t; want %t", segment, got, want)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Grüße, 世界 😀", "Grüße, 世界 😀"},
		{"a colour", "\x1b[31mred", `\x1b[31mred`},
		{"lines", "a\r\n\tb", `a\r\n\tb`},
		{"an eight-bit control", "a\u009bb", `a\u009bb`},
		{"right to left", "a\u202eb", `a\u202eb`},
		{"a line separator", "a\u2028b", `a\u2028b`},
		{"an invisible tag beyond 16 bits", "a\U000e0041b", `a\u0e0041b`},
		{"a broken byte", "a\xffb", `a\xffb`},
		{"zero", "a\x00b", `a\x00b`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := escape(c.in); got != c.want {
				t.Errorf("escape(%q) = %q; want %q", c.in, got, c.want)
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	e := Endpoint{URL: "http://host/v1", Key: key("sk-0123456789abcdef")}
	for _, c := range []struct{ name, in, want string }{
		{"short", "Both are good.", "Both are good."},
		{"exactly as long as may be", "Both answers are so.", "Both answers are so."},
		{"its beginning and its end", "Both are good, and it is late, so A it is.", "Both are g … o A it is."},
		{"lines become one", " a\n\n\tb ", "a b"},
		{"the key", "sk-0123456789abcdef", "***"},
		{"the key where it is cut", "Key: sk-0123456789abcdef and so it goes on to its end", "Key: *** a … to its end"},
		{"what a terminal would obey", "a\x1b[1mb\u202e\xff", `a\x1b[1mb\u202e\xff`},
		{"letters are not cut", strings.Repeat("ä", 30), strings.Repeat("ä", 10) + " … " + strings.Repeat("ä", 10)},
	} {
		if got := Excerpt(e, c.in, 20); got != c.want {
			t.Errorf("%s: Excerpt(%q) = %q; want %q", c.name, c.in, got, c.want)
		}
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("key "+canary+"\x1b", 3)
	f.Add(strings.Repeat("ä", 300), 150)
	u, err := url.Parse("http://host/v1")
	if err != nil {
		f.Fatal(err)
	}
	m := newMask(Endpoint{Key: key(canary)}, u)
	f.Fuzz(func(t *testing.T, s string, at int) {
		at = min(max(at, 0), len(s))
		got := m.excerpt(s[:at] + canary + s[at:])
		hidden := m.hide(s[:at] + canary + s[at:]) // before escaping, which may write any digits
		if len(got) > maxExcerpt || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("excerpt = %q; want at most %d bytes of printable text", got, maxExcerpt)
		}
		if strings.Contains(hidden, canary[:window]) || strings.Contains(hidden, canary[len(canary)-window:]) {
			t.Errorf("a piece of the key is in %q", hidden)
		}
	})
}
