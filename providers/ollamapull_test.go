package providers

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"openarena/internal/testkit/fakeollama"
)

// at makes a fault happen once: in that pull, before that line.
func at(pull, line int, f fakeollama.Fault) func(string, int, int) fakeollama.Fault {
	return func(_ string, p, l int) fakeollama.Fault {
		if p == pull && l == line {
			return f
		}
		return fakeollama.None
	}
}

func TestPulls(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(string, int, int) fakeollama.Fault
		pulls int
	}{
		{"without trouble", nil, 1},
		{"the connection ends in the middle", at(1, 6, fakeollama.Cut), 2},
		{"an error in a 200, in the middle", at(1, 6, fakeollama.Fail), 2},
		{"an end before the first layer", at(1, 2, fakeollama.Cut), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := startOllama(t, fakeollama.Options{Registry: []string{"m"}, OnLine: c.fault}, Endpoint{})
			o, err := NewOllama(Endpoint{URL: s.URL()})
			if err != nil {
				t.Fatal(err)
			}
			var last Pulled
			if err := o.Pull(t.Context(), "m", func(p Pulled) { last = p }); err != nil {
				t.Fatal(err)
			}
			const whole = fakeollama.Layer + 500
			if last != (Pulled{"success", whole, whole}) {
				t.Errorf("the last news are %+v; want all of %d bytes", last, whole)
			}
			st := s.Stats()
			if st.Pulls["m"] != c.pulls || st.Sent["m:latest"] != fakeollama.Layer {
				t.Errorf("%d pulls, %d bytes; want %d, and none fetched twice", st.Pulls["m"], st.Sent["m:latest"], c.pulls)
			}
			if has, err := o.Has(t.Context(), "m"); !has || err != nil {
				t.Errorf("Has = %v, %v; want true", has, err)
			}
		})
	}
}

// What comes of a pull that was called off is not fetched again.
func TestPullGoesOnAfterACtrlC(t *testing.T) {
	s, _ := startOllama(t, fakeollama.Options{Registry: []string{"m"}, OnLine: at(1, 9, fakeollama.Silent)}, Endpoint{})
	o, err := NewOllama(Endpoint{URL: s.URL()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = o.Pull(ctx, "m", func(p Pulled) {
		if p.Completed > fakeollama.Layer/2 {
			cancel()
		}
	})
	if err != context.Canceled {
		t.Fatalf("Pull = %v; want %v", err, context.Canceled)
	}
	if err := o.Pull(t.Context(), "m", func(Pulled) {}); err != nil {
		t.Fatal(err)
	}
	if sent := s.Stats().Sent["m:latest"]; sent != fakeollama.Layer {
		t.Errorf("%d bytes were fetched; want %d, none twice", sent, fakeollama.Layer)
	}
}

func TestPullsThatFail(t *testing.T) {
	for _, c := range []struct {
		name, said string
		status     int
		class      Class
		reason     string
	}{
		{"no such model", `{"error":"pull model manifest: file does not exist"}`, 200, Refused, ReasonModel},
		{"no such model, at once", `{"error":"invalid model name"}`, 400, Refused, ReasonModel},
		{"the disk is full", `{"error":"write /models/blobs/x: no space left on device"}`, 200, Refused, ReasonPull},
		{"too old a server", `{"error":"pull model manifest: 412: The model you are attempting to pull requires a newer version of Ollama."}`, 200, Refused, ReasonPull},
		{"a registry without encryption", `{"error":"insecure protocol http"}`, 200, Refused, ReasonPull},
		{"no Ollama", `404 page not found`, 404, Refused, ReasonModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := NewOllama(Endpoint{URL: serve(t, says(c.status, c.said+"\n"))})
			if err != nil {
				t.Fatal(err)
			}
			e, ok := o.Pull(t.Context(), "m", func(Pulled) {}).(*Error)
			if !ok || e.Class != c.class || e.Reason != c.reason {
				t.Errorf("Pull = %v; want %v %s", e, c.class, c.reason)
			}
		})
	}
}

// quiet is an Ollama on a pipe, which the test owns the time of.
func quiet(t *testing.T, serve func(net.Conn)) *Ollama {
	c := pipe(t, Endpoint{}, func(conn net.Conn) {
		conn.Read(make([]byte, 64<<10))
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n")
		serve(conn)
		io.Copy(io.Discard, conn) // until the client leaves
		conn.Close()
	})
	return &Ollama{line: c.line}
}

// A pull may last for hours; what it may not is bring nothing, however many lines say so.
func TestPullTakesAsLongAsItBringsSomething(t *testing.T) {
	layer := func(n int) string {
		return fmt.Sprintf(`{"status":"pulling abc","digest":"sha256:abc","total":400,"completed":%d}`+"\n", n)
	}
	t.Run("slow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			o := quiet(t, func(conn net.Conn) {
				for n := range 400 {
					fmt.Fprint(conn, layer(n+1))
					time.Sleep(50 * time.Second)
				}
				fmt.Fprint(conn, `{"status":"success"}`+"\n")
				conn.Close()
			})
			if err := o.Pull(t.Context(), "m", func(Pulled) {}); err != nil || time.Since(begin) < 5*time.Hour {
				t.Errorf("Pull = %v after %v; want nil after hours", err, time.Since(begin))
			}
		})
	})
	t.Run("stuck", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begin, tries := time.Now(), 0
			o := quiet(t, func(conn net.Conn) {
				tries++
				for {
					if _, err := fmt.Fprint(conn, layer(7)); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			})
			e, ok := o.Pull(t.Context(), "m", func(Pulled) {}).(*Error)
			if !ok || e.Reason != ReasonIdle || tries != pullTries {
				t.Errorf("Pull = %v after %d tries; want %s after %d", e, tries, ReasonIdle, pullTries)
			}
			if took := time.Since(begin); took < pullTries*pullPatience || took > 2*pullTries*pullPatience {
				t.Errorf("it took %v; want about a minute for each try", took)
			}
		})
	})
	t.Run("checking what is large", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := quiet(t, func(conn net.Conn) {
				fmt.Fprint(conn, `{"status":"pulling abc","digest":"sha256:abc","total":40000000000,"completed":40000000000}`+"\n"+`{"status":"verifying sha256 digest"}`+"\n")
				time.Sleep(20 * time.Minute)
				fmt.Fprint(conn, `{"status":"success"}`+"\n")
				conn.Close()
			})
			if err := o.Pull(t.Context(), "m", func(Pulled) {}); err != nil {
				t.Errorf("Pull = %v; want nil: 40 GB take their time", err)
			}
		})
	})
}

// Progress is the sum over digests: what a layer had is never taken back, and what is told twice counts once.
func TestLayers(t *testing.T) {
	var y layers
	var got []string
	for _, line := range []string{
		`{"status":"pulling manifest"}`,
		`{"status":"pulling a","digest":"a","total":100}`,
		`{"status":"pulling a","digest":"a","total":100,"completed":40}`,
		`{"status":"pulling a","digest":"a","total":100,"completed":30}`,
		`{"status":"pulling b","digest":"b","total":10,"completed":10}`,
		`{"status":"pulling b","digest":"b","total":10,"completed":10}`,
		`{"status":"pulling a","digest":"a","total":100,"completed":100}`,
		`{"status":"verifying \u001b[31msha256 digest"}`,
	} {
		news, err := y.read([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d/%d %v", y.now.Completed, y.now.Total, news))
	}
	want := []string{"0/0 true", "0/100 true", "40/100 true", "40/100 false", "50/110 true", "50/110 false", "110/110 true", "110/110 true"}
	if !slices.Equal(got, want) {
		t.Errorf("progress is %v; want %v", got, want)
	}
	if strings.ContainsRune(y.now.Status, 0x1b) {
		t.Errorf("status %q holds a control character", y.now.Status)
	}
}
