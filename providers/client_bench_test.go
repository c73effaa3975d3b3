package providers

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lean is a server that costs as little as one can: it reads as much as is announced and writes the same bytes to every request.
func lean(b *testing.B, body string) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Skipf("no loopback here: %v", err)
	}
	b.Cleanup(func() { l.Close() })
	reply := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerAll(conn, reply)
		}
	}()
	return "http://" + l.Addr().String() + "/v1/chat/completions"
}

func answerAll(conn net.Conn, reply []byte) {
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 4096)
	for {
		length := 0
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) <= 2 {
				break
			}
			if n, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				length, _ = strconv.Atoi(strings.TrimSpace(string(n)))
			}
		}
		if _, err := in.Discard(length); err != nil {
			return
		}
		if _, err := conn.Write(reply); err != nil {
			return
		}
	}
}

// BenchmarkInFlight compares calls at 1,000 in flight with a loop around net/http that has the same decoder, in turns. The loop
// makes its bodies by hand, and knows neither time limits nor errors.
func BenchmarkInFlight(b *testing.B) {
	const slots, calls = 1000, 4000
	url := lean(b, completionOf(proseOf(2000)))
	ours := connect(b, Endpoint{URL: url, Connections: slots})
	question := func(i int64) *Request {
		return &Request{Model: "m", Messages: []Message{{"user", fmt.Sprintf("Question %d: what is %d times %d, and why?", i, 3*i, 7*i)}},
			Params: map[string]any{"temperature": 0.7, "max_tokens": 512}}
	}
	bare := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: slots}}
	sides := []func(int64) error{
		func(i int64) error {
			_, err := ours.Chat(b.Context(), question(i))
			return err
		},
		func(i int64) error { return bareCall(b.Context(), bare, url, i) },
	}
	var took [2]time.Duration
	for side, call := range sides { // connections are opened before anything is measured
		took[side] = flight(b, slots, calls, call)
	}
	took = [2]time.Duration{}
	for range b.N {
		for side, call := range sides {
			took[side] += flight(b, slots, calls, call)
		}
	}
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "x-bare")
	b.ReportMetric(float64(b.N*calls)/took[0].Seconds(), "calls/s")
}

// flight makes calls, slots at once, and says how long they took.
func flight(b *testing.B, slots int, calls int64, call func(int64) error) time.Duration {
	var next atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for range slots {
		wg.Go(func() {
			for i := next.Add(1); i <= calls; i = next.Add(1) {
				if err := call(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
}

func bareCall(ctx context.Context, c *http.Client, url string, i int64) error {
	body := fmt.Appendf(nil, `{"max_tokens":512,"messages":[{"role":"user","content":"Question %d: what is %d times %d, and why?"}],"model":"m","stream":false,"temperature":0.7}`, i, 3*i, 7*i)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	_, _, err = decode(read)
	return err
}
