package providers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// streams is a handler that sends body as server-sent events.
func streams(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		io.WriteString(w, body)
	}
}

const (
	first  = `data: {"id":"c-1","model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}` + "\n\n"
	second = `data: {"id":"c-1","model":"m-1","choices":[{"index":0,"delta":{"content":"Fo"}}]}` + "\n\n"
	third  = `data: {"id":"c-1","model":"m-1","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":"stop"}]}` + "\n\n"
	counts = `data: {"id":"c-1","model":"m-1","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}` + "\n\n"
	done   = "data: [DONE]\n\n"
)

func TestStreams(t *testing.T) {
	whole := Reply{Text: "Four.", Finish: FinishStop, Model: "m-1", RequestID: "c-1", Usage: Usage{Input: 11, Output: 7}}
	estimated := whole
	estimated.Usage = Usage{Input: 5, Output: 2, Estimated: true}
	unsaid := whole
	unsaid.Finish = FinishUnknown
	thought := whole
	thought.Reasoning = "hm, 2+2"
	for _, c := range []struct {
		name, body string
		want       Reply
	}{
		{"first content null, usage in a last chunk without choices", first + second + third + counts + done, whole},
		{"comments are no events", ": OPENROUTER PROCESSING\n\n" + first + ": OPENROUTER PROCESSING\n\n" + second + third + counts + done, whole},
		{"carriage returns, no space behind the colon, other fields", strings.NewReplacer("\n", "\r\n", "data: ", "event: x\r\ndata:").Replace(first + second + third + counts + done), whole},
		{"no [DONE], but a finish reason", first + second + third + counts, whole},
		{"[DONE] without a finish reason", first + second + strings.Replace(third, `"stop"`, "null", 1) + counts + done, unsaid},
		{"no usage", first + second + third + done, estimated},
		{"nothing behind [DONE] is read", first + second + third + counts + done + "data: {\n\n", whole},
		{"reasoning in pieces, older and newer name", first +
			`data: {"choices":[{"delta":{"reasoning_content":"hm, "}}]}` + "\n\n" +
			`data: {"choices":[{"delta":{"reasoning":"2+2"}}]}` + "\n\n" + second + third + counts + done, thought},
		{"a think block across chunks", first + `data: {"choices":[{"delta":{"content":"<thi"}}]}` + "\n\n" +
			`data: {"choices":[{"delta":{"content":"nk>hm, 2+2</think>"}}]}` + "\n\n" + second + third + counts + done, thought},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := connect(t, Endpoint{URL: serve(t, streams(c.body)), Stream: true}).Chat(t.Context(), ask())
			if err != nil {
				t.Fatal(err)
			}
			got.Took = 0
			if d := cmp.Diff(&c.want, got); d != "" {
				t.Errorf("reply differs (-want +got):\n%s", d)
			}
		})
	}
}

// A server that does not know streams answers as ever.
func TestStreamIsOnlyAWish(t *testing.T) {
	got, err := connect(t, Endpoint{URL: serve(t, says(200, completionOf("Four."))), Stream: true}).Chat(t.Context(), ask())
	if err != nil || got.Text != "Four." {
		t.Errorf("Chat = %+v, %v; want the reply", got, err)
	}
}

func TestBrokenStreams(t *testing.T) {
	for _, c := range []struct {
		name, body string
		class      Class
		reason     string
	}{
		{"an end before the answer's", first + second, Temporary, ReasonCut},
		{"an end inside an event", first + second + third[:60], Temporary, ReasonCut},
		{"nothing at all", "", Temporary, ReasonCut},
		{"nothing but [DONE]", done, Temporary, ReasonMalformed},
		{"an event that is no JSON", first + "data: <html>\n\n", Temporary, ReasonMalformed},
		{"an error as an event", first + `data: {"error":{"code":429,"message":"slow down"}}` + "\n\n", Overloaded, ReasonRateLimit},
		{"an error with a finish reason", first + `data: {"choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"provider died"}}` + "\n\n", Temporary, ReasonServer},
		{"an error in a choice", first + `data: {"choices":[{"delta":{"content":""},"finish_reason":"error","error":{"code":402,"message":"no credit"}}]}` + "\n\n" + done, Refused, ReasonQuota},
		{"a flat error", `data: {"object":"error","message":"maximum context length is 4096 tokens","code":400}` + "\n\n" + done, Rejected, ReasonContext},
		{"an error that is a string", first + `data: {"error":"something broke"}` + "\n\n", Temporary, ReasonServer},
		{"an error in a field of its own", first + `error: {"code":400,"message":"the request exceeds the available context size"}` + "\n\n", Rejected, ReasonContext},
		{"aborted", first + second + `data: {"choices":[{"delta":{},"finish_reason":"abort"}]}` + "\n\n" + done, Temporary, ReasonAborted},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := failure(t, connect(t, Endpoint{URL: serve(t, streams(c.body)), Stream: true}), ask())
			if e.Class != c.class || e.Reason != c.reason || e.Status != 200 {
				t.Errorf("%v %s, status %d: %v; want %v %s, status 200", e.Class, e.Reason, e.Status, e, c.class, c.reason)
			}
		})
	}
}

// However the network splits a stream, its events are the same.
func TestFraming(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	body := "data: a\ndata: b\n\n: c\n\nevent: d\ndata:e\r\n\r\nretry: 5\n\ndata: " + long + "\n\n\n\ndata\n\ndata: cut off"
	want := []string{"a\nb", "e", long, ""}
	for name, reader := range map[string]io.Reader{
		"whole": strings.NewReader(body), "byte by byte": iotest.OneByteReader(strings.NewReader(body)), "in halves": iotest.HalfReader(strings.NewReader(body)),
	} {
		var got []string
		err := serverSent(reader, func(event []byte) (bool, error) {
			got = append(got, string(event))
			return true, nil
		})
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v, events differ (-want +got):\n%s", name, err, d)
		}
	}
}

// Silence ends a stream as it ends a body; comments, which a server sends while it waits, are no silence. What comes behind the
// last event is not waited for, but for a moment.
func TestStreamTimeouts(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(net.Conn)
		after  time.Duration
		reason string // "": a reply
	}{
		{"an event, then nothing", func(c net.Conn) { io.WriteString(c, first) }, 2 * time.Minute, ReasonIdle},
		{"comments while it thinks", func(c net.Conn) {
			for range 4 {
				io.WriteString(c, ": keep-alive\n\n")
				time.Sleep(119 * time.Second)
			}
			io.WriteString(c, first+second+third+done)
		}, 476*time.Second + endWait, ""},
		{"the connection stays open behind the end", func(c net.Conn) { io.WriteString(c, first+second+third+done) }, endWait, ""},
		{"a stream that never ends", func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, second); err != nil {
					return
				}
				time.Sleep(time.Minute)
			}
		}, 10 * time.Minute, ReasonTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				client := pipe(t, Endpoint{Stream: true}, func(conn net.Conn) {
					conn.Read(make([]byte, 64<<10))
					io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
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
						t.Errorf("Chat = %+v, %v; want a reply", reply, err)
					}
					return
				}
				if e, ok := err.(*Error); !ok || e.Class != Temporary || e.Reason != c.reason {
					t.Errorf("Chat = %v; want temporary %s", err, c.reason)
				}
			})
		})
	}
}

// A connection whose stream was read to its last event serves the next call, though the end of the body comes a little later.
func TestStreamsKeepTheirConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connections := 0
		client := pipe(t, Endpoint{Stream: true}, func(conn net.Conn) {
			connections++
			defer conn.Close()
			for in := bufio.NewReader(conn); ; {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				io.Copy(io.Discard, r.Body)
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
				events := first + second + third + counts + done
				fmt.Fprintf(conn, "%x\r\n%s\r\n", len(events), events)
				time.Sleep(time.Millisecond)
				io.WriteString(conn, "0\r\n\r\n")
			}
		})
		for range 5 {
			if reply, err := client.Chat(t.Context(), ask()); err != nil || reply.Text != "Four." {
				t.Fatalf("Chat = %+v, %v; want the answer", reply, err)
			}
		}
		if connections != 1 {
			t.Errorf("5 calls came over %d connections; want 1", connections)
		}
	})
}

// A call that was ended from outside after a long silence is told what helps, unless that is done already.
func TestALongSilenceSuggestsAStream(t *testing.T) {
	for _, c := range []struct {
		name   string
		stream bool
		silent time.Duration
		answer string
		hint   bool
	}{
		{"cut after a minute", false, time.Minute, "", true},
		{"a gateway that gave up", false, time.Minute, "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n", true},
		{"Cloudflare gave up", false, 100 * time.Second, "HTTP/1.1 524 Timeout\r\nContent-Length: 0\r\n\r\n", true},
		{"cut at once", false, 0, "", false},
		{"another failure", false, time.Minute, "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", false},
		{"a stream that was cut", true, time.Minute, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := pipe(t, Endpoint{Stream: c.stream}, func(conn net.Conn) {
					conn.Read(make([]byte, 64<<10))
					time.Sleep(c.silent)
					io.WriteString(conn, c.answer)
					conn.Close()
				})
				if e := failure(t, client, ask()); strings.Contains(e.Error(), "write stream: true") != c.hint {
					t.Errorf("%v; want advice: %v", e, c.hint)
				}
			})
		})
	}
}

// A stream may not fill the memory, neither with one event nor with many.
func TestStreamsAreBounded(t *testing.T) {
	endless := io.LimitReader(endlessX{}, 2*maxBody)
	if err := serverSent(endless, func([]byte) (bool, error) { return true, nil }); err != errTooLarge {
		t.Errorf("an event without end: %v; want %v", err, errTooLarge)
	}
	var g gathering
	g.text.WriteString(strings.Repeat("x", maxBody))
	c := &client{speaks: &openAI{}, line: &line{mask: newMask(Endpoint{}, &url.URL{})}}
	if more, err := c.gather(&g, []byte(`{"choices":[{"delta":{"content":"x"}}]}`)); more || err != errTooLarge {
		t.Errorf("one letter too many: %v, %v; want %v", more, err, errTooLarge)
	}
}

// endlessX is a text without end or line break.
type endlessX struct{}

func (endlessX) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// FuzzStream reads any stream without panic, and the same however it arrives.
func FuzzStream(f *testing.F) {
	for _, s := range []string{first + second + third + counts + done, ": c\r\ndata:{\r\n\r\n", "error: {}\n\n", "data\n\ndata: [DONE]\n\n", `data: {"choices":[{"error":1}]}` + "\n\n"} {
		f.Add(s)
	}
	c := &client{speaks: &openAI{}, line: &line{mask: newMask(Endpoint{}, &url.URL{})}}
	f.Fuzz(func(t *testing.T, body string) {
		read := func(r io.Reader) (envelope, string) {
			var g gathering
			err := serverSent(r, func(event []byte) (bool, error) { return c.gather(&g, event) })
			return g.gathered(), fmt.Sprint(err)
		}
		whole, err := read(strings.NewReader(body))
		pieces, errPieces := read(iotest.OneByteReader(strings.NewReader(body)))
		if !reflect.DeepEqual(whole, pieces) || err != errPieces {
			t.Errorf("%q: read whole %+v, %s; in pieces %+v, %s", body, whole, err, pieces, errPieces)
		}
	})
}
