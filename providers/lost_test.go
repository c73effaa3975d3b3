package providers

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// speak serves raw bytes: each connection gets answer after its request's first bytes, then is closed.
func speak(t testing.TB, answer string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 64<<10))
			io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// closedPort is an address at which nothing listens, nor will: a client has the port.
func closedPort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().String()
}

func TestLostCalls(t *testing.T) {
	closed := closedPort(t)
	encrypted := httptest.NewUnstartedServer(says(200, completionOf("Four.")))
	encrypted.Config.ErrorLog = quietLog
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	plain := strings.TrimPrefix(strings.TrimSuffix(serve(t, says(200, completionOf("Four."))), "/v1/chat/completions"), "http://")
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for _, c := range []struct {
		name, url string
		status    int
		reason    string
		says      string
	}{
		{"nothing listens", "http://" + closed + "/v1", 0, ReasonConnect, "is a server running at " + closed + "?"},
		{"no such host", "http://no-such-host.invalid/v1", 0, ReasonDNS, "check the host in url: no-such-host.invalid"},
		{"a certificate that nobody trusts", encrypted.URL + "/v1", 0, ReasonTLS, "this machine does not trust who signed the certificate of 127.0.0.1:"},
		{"a certificate for another name", strings.Replace(encrypted.URL, "127.0.0.1", "localhost", 1) + "/v1", 0, ReasonTLS, "certificate"},
		{"encryption where there is none", "https://" + plain + "/v1", 0, ReasonTLS, plain + " does not encrypt: write http:// in url"},
		{"encryption, where something that is not HTTP listens", "https://" + speak(t, "SSH-2.0-OpenSSH_9\r\n") + "/v1", 0, ReasonTLS, "does not encrypt"},
		{"SSH", "http://" + speak(t, "SSH-2.0-OpenSSH_9\r\n") + "/v1", 0, ReasonMalformed, "is an SSH server: malformed HTTP response \"SSH-2.0-OpenSSH_9\"; correct the port in url"},
		{"Redis", "http://" + speak(t, "-ERR wrong number of arguments for 'get' command\r\n") + "/v1", 0, ReasonMalformed, "is a Redis server: "},
		{"an alert of TLS", "http://" + speak(t, "\x15\x03\x01\x00\x02\x02\x46") + "/v1", 0, ReasonMalformed, "is an encrypted port: "},
		{"what nobody knows", "http://" + speak(t, "HELLO\r\n") + "/v1", 0, ReasonMalformed, "is there an HTTP server"},
		{"closed before the headers", "http://" + speak(t, "") + "/v1", 0, ReasonCut, "it hung up without a word: look into the log of the server at 127.0.0.1:"},
		{"closed before the end of the body", "http://" + speak(t, head+"Content-Length: 5000\r\n\r\n{\"id\":") + "/v1", 200, ReasonCut, "ended before"},
		{"closed between two chunks", "http://" + speak(t, head+"Transfer-Encoding: chunked\r\n\r\n6\r\n{\"id\":\r\n") + "/v1", 200, ReasonCut, "ended before"},
		{"said to be compressed and is not", "http://" + speak(t, head+"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"+completionOf("Four.")) + "/v1", 200, ReasonMalformed, "unpacked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if addresses, err := net.DefaultResolver.LookupHost(t.Context(), "no-such-host.invalid"); c.reason == ReasonDNS && err == nil {
				t.Skipf("this network has an address for every name: %v", addresses)
			}
			e := failure(t, connect(t, Endpoint{URL: c.url}), ask())
			if e.Class != Temporary || e.Reason != c.reason || e.Status != c.status || !strings.Contains(e.Error(), c.says) {
				t.Errorf("%v %s, status %d: %v; want temporary %s, status %d, naming %q", e.Class, e.Reason, e.Status, e, c.reason, c.status, c.says)
			}
		})
	}
}

func TestStartHint(t *testing.T) {
	for _, c := range []struct{ name, url, want string }{
		{"Ollama's place", "http://localhost:11434/v1/chat/completions", "is Ollama running? start it with: ollama serve"},
		{"the same by number", "http://127.0.0.1:11434/v1/chat/completions", "is Ollama running? start it with: ollama serve"},
		{"Ollama's port elsewhere", "http://gpu:11434/v1", "is a server running at gpu:11434?"},
		{"no port", "https://api.example/v1", "is a server running at api.example:443?"},
		{"IPv6", "http://[::1]/v1", "is a server running at [::1]:80?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := newLine(Endpoint{URL: c.url}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.startHint(); got != c.want {
				t.Errorf("hint = %q; want %q", got, c.want)
			}
		})
	}
}

// A redirect is never followed: neither key nor prompt reaches a server that nobody named.
func TestRedirects(t *testing.T) {
	var reached atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(evil.Close)
	host := strings.TrimPrefix(evil.URL, "http://")
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, target := range []string{evil.URL + "/v1?token=sk-SECRET-0123456789", "https://" + host + "/v1", "/v2/chat"} {
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/chat/completions" {
					t.Errorf("%d to %s was followed", status, target)
				}
				w.Header().Set("Location", target)
				w.WriteHeader(status)
			})
			e := failure(t, connect(t, Endpoint{URL: url, Key: key("sk-CANARY-0123456789")}), ask())
			if e.Class != Refused || e.Reason != ReasonRedirect || e.Status != status {
				t.Errorf("%d to %s: %v %s, status %d; want refused %s", status, target, e.Class, e.Reason, e.Status, ReasonRedirect)
			}
			if strings.HasPrefix(target, "http") && !strings.Contains(e.Error(), host) || strings.Contains(e.Error(), "SECRET") {
				t.Errorf("%d to %s: %q; want the host and no more of it", status, target, e)
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the other server was reached %d times", n)
	}
}

// pipe is a client whose connections lead to serve, in memory, so that a test owns its time.
func pipe(t *testing.T, e Endpoint, serve func(net.Conn)) *client {
	t.Helper()
	e.URL = "http://server.test/v1/chat/completions"
	var servers sync.WaitGroup
	c, err := newClient(e, kinds["openai"], func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		servers.Go(func() { serve(theirs) })
		return ours, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.line.http.CloseIdleConnections()
		servers.Wait()
	})
	return c
}

func TestTimeouts(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	body := completionOf("Four.")
	for _, c := range []struct {
		name   string
		answer func(net.Conn) // after the request was read
		after  time.Duration
		status int
		reason string // "": a reply
	}{
		{"headers never come", func(net.Conn) {}, 10 * time.Minute, 0, ReasonTimeout},
		{"headers come and no body", func(c net.Conn) { fmt.Fprintf(c, "%sContent-Length: 9\r\n\r\n", head) }, 10 * time.Minute, 200, ReasonTimeout},
		{"the body falls silent", func(c net.Conn) {
			time.Sleep(time.Minute)
			fmt.Fprintf(c, "%sContent-Length: 9\r\n\r\n{", head)
		}, 3 * time.Minute, 200, ReasonIdle},
		{"a drip that never ends", func(c net.Conn) {
			fmt.Fprintf(c, "%sContent-Length: 9999\r\n\r\n", head)
			for {
				if _, err := c.Write([]byte(" ")); err != nil {
					return
				}
				time.Sleep(time.Minute)
			}
		}, 10 * time.Minute, 200, ReasonTimeout},
		{"a slow answer with a pause below the limit", func(c net.Conn) {
			fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n", head, len(body)+3)
			for range 3 {
				c.Write([]byte("\n"))
				time.Sleep(119 * time.Second)
			}
			c.Write([]byte(body))
		}, 357 * time.Second, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				client := pipe(t, Endpoint{}, func(conn net.Conn) {
					conn.Read(make([]byte, 64<<10))
					c.answer(conn)
					io.Copy(io.Discard, conn) // until the client leaves
					conn.Close()
				})
				reply, err := client.Chat(t.Context(), ask())
				if waited := time.Since(begin); waited != c.after {
					t.Errorf("the call took %v; want %v", waited, c.after)
				}
				if c.reason == "" {
					if err != nil || reply.Text != "Four." {
						t.Errorf("Chat = %v, %v; want a reply", reply, err)
					}
					return
				}
				e, ok := err.(*Error)
				if !ok || e.Class != Temporary || e.Reason != c.reason || e.Status != c.status {
					t.Errorf("Chat = %v; want temporary %s, status %d", err, c.reason, c.status)
				}
			})
		})
	}
}
