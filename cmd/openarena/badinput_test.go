package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// stranger is what stands at an address in place of a model server.
type stranger struct {
	why, url string
	doctor   string // part of what the doctor says
	run      string // part of what a run says or keeps; "": it does not begin
}

// speaking is a listener that answers whatever comes with the same bytes.
func speaking(t *testing.T, said string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = c.Read(make([]byte, 64<<10))
				_, _ = io.WriteString(c, said)
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/v1"
}

func strangers(t *testing.T) []stranger {
	page := func(status int, text string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}))
		t.Cleanup(s.Close)
		return s.URL + "/v1"
	}
	encrypted := httptest.NewUnstartedServer(http.NotFoundHandler())
	encrypted.Config.ErrorLog = quiet()
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	typo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		unknownModel(`{"data":[{"id":"llama3.1"},{"id":"mistral"}]}`)(w, r, 1)
	}))
	t.Cleanup(typo.Close)
	return []stranger{
		{why: "nobody", url: nobody(t), doctor: "is a server running at 127.0.0.1:", run: "is a server running at 127.0.0.1:"},
		{why: "an SSH server", url: speaking(t, "SSH-2.0-OpenSSH_9.2\r\n"), doctor: "is an SSH server: ", run: "correct the port in url"},
		{why: "a Redis server", url: speaking(t, "-ERR wrong number of arguments for 'get' command\r\n"), doctor: "is a Redis server: ", run: "is a Redis server: "},
		{why: "a server that hangs up", url: speaking(t, ""), doctor: "it hung up without a word", run: "it hung up without a word"},
		{why: "an encrypted port, in plain", url: strings.Replace(encrypted.URL, "https:", "http:", 1) + "/v1", doctor: "write https:// in url: ", run: "write https:// in url: "},
		{why: "a plain port, encrypted", url: strings.Replace(plain.URL, "http:", "https:", 1) + "/v1", doctor: "does not encrypt: write http:// in url"},
		{why: "a certificate of one's own", url: encrypted.URL + "/v1", doctor: "this machine does not trust who signed the certificate of 127.0.0.1:"},
		{why: "a login page", url: page(200, "<!doctype html><html><head><title>Sign in to continue</title>"), doctor: `the answer is a web page, "Sign in to continue"`,
			run: "url must be the address of the API"},
		{why: "a gateway with nobody behind", url: page(502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>"),
			doctor: `HTTP 502: a web page, "502 Bad Gateway"`, run: "a proxy in front answers, and not the model server: is that running?"},
		{why: "a web site", url: page(404, "<html><title>Not found</title>"), doctor: "url must be the address of the API", run: "url must be the address of the API"},
		{why: "a model name with a typo", url: typo.URL + "/v1", doctor: `did you mean "llama3.1"?`, run: `did you mean "llama3.1"?`},
	}
}

// TestBadInput leads to all kinds of strangers. The doctor, and a run, name the endpoint, what stands there and what to do.
func TestBadInput(t *testing.T) {
	t.Parallel()
	all := strangers(t)
	t.Run("doctor", func(t *testing.T) {
		t.Parallel()
		f := strangeFolder(t, all)
		code, out, said := f.try("doctor", "--json", "--quiet")
		var report struct {
			Findings []struct{ Endpoint, State, Says, Todo string }
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitUsage {
			t.Fatalf("exit code %d, %v\n%s%s; want %d, for what is wrong in the file", code, err, out, said, exitUsage)
		}
		for i, s := range all {
			text := ""
			for _, found := range report.Findings {
				if found.Endpoint == fmt.Sprintf("e%d", i) && found.State == "failed" {
					text += found.Says + "; " + found.Todo + "\n"
				}
			}
			if !strings.Contains(text, s.doctor) {
				t.Errorf("%s: the doctor says %q; want %q", s.why, text, s.doctor)
			}
		}
	})
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		var later []stranger
		for _, s := range all {
			if s.run != "" {
				later = append(later, s)
			}
		}
		w := &ward{folder: strangeFolder(t, later)}
		_, _, said := w.try("generate")
		failures, stopped := w.failures(), w.stopped()
		for i, s := range later {
			text := stopped[s.why]
			for _, f := range failures[s.why] {
				text += f.Message + "\n"
			}
			if !strings.Contains(text, fmt.Sprintf("e%d: ", i)) || !strings.Contains(text, s.run) {
				t.Errorf("%s: the run keeps %q; want endpoint e%d and %q\n%s", s.why, text, i, s.run, said)
			}
		}
	})
}

// strangeFolder is an arena in which each stranger has an endpoint and a model.
func strangeFolder(t *testing.T, all []stranger) *folder {
	t.Helper()
	f := bareFolder(t)
	var endpoints, models strings.Builder
	for i, s := range all {
		fmt.Fprintf(&endpoints, "  e%d: {url: %q, concurrency: 1}\n", i, s.url)
		fmt.Fprintf(&models, "  - {name: %q, model_id: llama3, revision: r%d, endpoint: e%d}\n", s.why, i, i)
	}
	f.write("arena.yaml", "endpoints:\n"+endpoints.String()+"models:\n"+models.String()+
		"judge_model: {name: Judge, model_id: j, endpoint: e0}\njudging: {pairs: circular}\ndatasets: [{path: prompts.txt}]\n")
	f.write("prompts.txt", "one\n")
	return f
}

// TestProxies has the way to a server lead through proxies that are of no use. Their password is never told.
func TestProxies(t *testing.T) {
	t.Parallel()
	wants := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	t.Cleanup(wants.Close)
	down := strings.TrimSuffix(nobody(t), "/v1")
	for _, c := range []struct{ why, proxy, url, says string }{
		{"a proxy that is down", down, "http://models.internal/v1", "cannot connect to the proxy: "},
		{"a proxy that is down, to an encrypted server", down, "https://models.internal/v1", "HTTPS_PROXY leads there through the proxy 127.0.0.1:"},
		{"a proxy that wants a password", wants.URL, "http://models.internal/v1", "the proxy wants a user and a password"},
		{"the same, to an encrypted server", wants.URL, "https://models.internal/v1", "opens no connection: 407"},
	} {
		t.Run(c.why, func(t *testing.T) {
			f := strangeFolder(t, []stranger{{why: "A", url: c.url}, {why: "B", url: c.url}})
			for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
				f.env[name] = strings.Replace(c.proxy, "http://", "http://me:"+scriptKey+"@", 1)
			}
			f.env["NO_PROXY"], f.env["no_proxy"] = "", ""
			code, out, said := f.try("doctor")
			if code == exitOK || !strings.Contains(out, c.says) || strings.Contains(out+said, scriptKey) {
				t.Errorf("exit code %d\n%s%s; want a failure that says %q, and no password", code, out, said, c.says)
			}
		})
	}
}
