package fakellm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t testing.TB, o Options) *Server {
	t.Helper()
	s := New(o)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

type chatReply struct {
	Choices []struct {
		Message struct{ Content string }
		Finish  string `json:"finish_reason"`
	}
	Usage struct {
		Input  int64 `json:"prompt_tokens"`
		Output int64 `json:"completion_tokens"`
	}
	Error struct{ Message, Type, Code string }
}

func post(t testing.TB, s *Server, body string) (int, http.Header, []byte, error) {
	t.Helper()
	r, err := http.Post(s.URL()+"/chat/completions", "application/json", strings.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r.StatusCode, r.Header, b, err
}

// ask returns the text of a reply that must be there.
func ask(t testing.TB, s *Server, body string) chatReply {
	t.Helper()
	status, _, b, err := post(t, s, body)
	if err != nil || status != http.StatusOK {
		t.Fatalf("POST %s: %d %s %v", body, status, b, err)
	}
	var r chatReply
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return r
}

func question(model, text string) string {
	return fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":%q}]}`, model, text)
}

func TestSameRequestSameAnswerFromAnyServer(t *testing.T) {
	a, b := start(t, Options{Seed: 1}), start(t, Options{Seed: 2})
	first := ask(t, a, question("m", "Why?")).Choices[0].Message.Content
	if second := ask(t, b, question("m", "Why?")).Choices[0].Message.Content; second != first {
		t.Errorf("two servers answer one request\n%s\n%s", first, second)
	}
	if n := len(first); n < 1990 || n > 2100 {
		t.Errorf("an answer has %d bytes; want about 2,000", n)
	}
	if other := ask(t, a, question("m", "How?")).Choices[0].Message.Content; other == first {
		t.Error("two prompts have one answer")
	}
}

func TestReplyIsTracedToItsCall(t *testing.T) {
	s := start(t, Options{})
	r := ask(t, s, question("m", "Why?"))
	text := r.Choices[0].Message.Content
	if err := s.WaitIdle(t.Context()); err != nil { // the client may read the reply before the server has counted it
		t.Fatal(err)
	}
	c, ok := s.Stats(true).Calls[Tag(text)]
	if !ok {
		t.Fatalf("no call is named %q", Tag(text))
	}
	want := Call{Model: "m", Arrivals: 1, Replies: 1, Input: r.Usage.Input, Output: r.Usage.Output, Checksum: Checksum(text)}
	if c != want {
		t.Errorf("call = %+v; want %+v", c, want)
	}
	if Tag("## no reply of ours") != "" {
		t.Error("a foreign text has a tag")
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		body    string
		status  int
		says    string
	}{
		{"a wrong key is refused", Options{Key: "secret"}, question("m", "x"), 401, "API key"},
		{"an unknown model is named", Options{Models: []string{"a"}}, question("b", "x"), 404, "`b`"},
		{"a broken model always fails", Options{BrokenModel: "b"}, question("b", "x"), 500, "crashed"},
		{"a model that is loading says so", Options{Loading: 1}, question("m", "x"), 503, "Loading model"},
		{"a prompt beyond the context is told the limit", Options{MaxChars: 8}, question("m", "123456789"), 400, "context_length_exceeded"},
		{"no json_schema is an error that names the field", Options{NoSchema: true},
			`{"model":"m","messages":[],"response_format":{"type":"json_schema"}}`, 400, "response_format"},
		{"no json_object neither", Options{NoObject: true},
			`{"model":"m","messages":[],"response_format":{"type":"json_object"}}`, 400, "response_format"},
		{"no stream", Options{Taste: Taste{NoStream: true}}, `{"model":"m","messages":[],"stream":true}`, 400, "stream"},
		{"a field it does not know", Options{Taste: Taste{Unknown: []string{"seed"}}}, `{"model":"m","messages":[],"seed":1}`, 400, "'seed'"},
		{"a field by its older name", Options{Taste: Taste{Renames: true}}, `{"model":"m","messages":[],"max_tokens":1}`, 400, "Use 'max_completion_tokens'"},
		{"a body that is no JSON", Options{}, `{`, 400, "no chat request"},
		{"all calls too many", Options{Faults: Faults{TooMany: 1}}, question("m", "x"), 429, "rate_limit_exceeded"},
		{"all calls fail", Options{Faults: Faults{Internal: 1}}, question("m", "x"), 500, "server_error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, tt.options)
			status, _, body, err := post(t, s, tt.body)
			if err != nil || status != tt.status || !strings.Contains(string(body), tt.says) {
				t.Errorf("POST = %d %s %v; want %d and %q", status, body, err, tt.status, tt.says)
			}
			if n := s.Stats(false).Replies; n != 0 {
				t.Errorf("%d replies are counted; a refusal is none", n)
			}
		})
	}
}

func TestLoadingEnds(t *testing.T) {
	s := start(t, Options{Loading: 2})
	var got []int
	for range 3 {
		status, _, _, err := post(t, s, question("m", "x"))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, status)
	}
	if want := "[503 503 200]"; fmt.Sprint(got) != want {
		t.Errorf("statuses = %v; want %s", got, want)
	}
}

func TestBodiesThatEndTooSoon(t *testing.T) {
	s := start(t, Options{Faults: Faults{Cut: 1}})
	if _, _, body, err := post(t, s, question("m", "x")); err == nil {
		t.Errorf("a cut body was read without an error: %s", body)
	}
	s.SetFaults(Faults{Malformed: 1})
	if _, _, body, err := post(t, s, question("m", "x")); err != nil || json.Valid(body) {
		t.Errorf("malformed body = %s, %v; want broken JSON", body, err)
	}
	s.SetFaults(Faults{})
	ask(t, s, question("m", "x"))
}

func TestRetryAfterIsTold(t *testing.T) {
	s := start(t, Options{Faults: Faults{TooMany: 1, RetryAfter: 250 * time.Millisecond}})
	_, h, _, err := post(t, s, question("m", "x"))
	if err != nil || h.Get("Retry-After") != "0.25" {
		t.Errorf("Retry-After = %q, %v; want 0.25", h.Get("Retry-After"), err)
	}
}

func TestFaultsAreRepeatableAndAsFrequentAsAsked(t *testing.T) {
	f := Faults{TooMany: 0.1, Internal: 0.2, Cut: 0.05, Malformed: 0.05}
	const n = 20000
	var count [5]int
	for i := range n {
		key := Key{byte(i), byte(i >> 8)}
		one := f.draw(dice(7, key, 0))
		if again := f.draw(dice(7, key, 0)); again != one {
			t.Fatalf("request %d: fault %d, then %d", i, one, again)
		}
		count[one]++
	}
	for i, want := range []float64{0.6, 0.1, 0.2, 0.05, 0.05} {
		if got := float64(count[i]) / n; got < want-0.02 || got > want+0.02 {
			t.Errorf("fault %d has a share of %.3f; want %.2f", i, got, want)
		}
	}
}

func TestLatencyHasItsMean(t *testing.T) {
	l := Latency{Mean: 100 * time.Millisecond, Sigma: 0.5}
	var sum time.Duration
	const n = 20000
	for i := range n {
		sum += l.draw(dice(3, Key{byte(i), byte(i >> 8)}, 0))
	}
	if mean := sum / n; mean < 97*time.Millisecond || mean > 103*time.Millisecond {
		t.Errorf("mean of %d draws = %v; want 100ms", n, mean)
	}
}

func TestLatencyHoldsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Latency: Latency{Mean: time.Minute}})
		before := time.Now()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(question("m", "x"))))
		if took := time.Since(before); w.Code != 200 || took != time.Minute {
			t.Errorf("status %d after %v; want 200 after 1m", w.Code, took)
		}
	})
}

func TestCallsWaitForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Slots: 2, Latency: Latency{Mean: time.Second}})
		before := time.Now()
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(question("m", fmt.Sprint(i)))))
				if w.Code != 200 {
					t.Errorf("call %d = %d; want 200", i, w.Code)
				}
			})
		}
		wg.Wait()
		if took := time.Since(before); took != 3*time.Second {
			t.Errorf("six calls of a second over two slots took %v; want 3s", took)
		}
	})
}

func TestCallWithoutASlotIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Slots: 1, Refuse: true, Latency: Latency{Mean: time.Second}})
		codes := make(chan int, 2)
		for i := range 2 {
			go func() {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(question("m", fmt.Sprint(i)))))
				codes <- w.Code
			}()
		}
		if first, second := <-codes, <-codes; first != 429 || second != 200 {
			t.Errorf("two calls for one slot = %d, then %d; want 429 at once and 200 later", first, second)
		}
	})
}

func TestClientThatLeavesIsCounted(t *testing.T) {
	arrived := make(chan int64, 1)
	s := start(t, Options{Latency: Latency{Mean: time.Hour}, OnArrive: func(n int64) { arrived <- n }})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	r, err := http.NewRequestWithContext(ctx, "POST", s.URL()+"/chat/completions", strings.NewReader(question("m", "x")))
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := http.DefaultClient.Do(r); err == nil {
		reply.Body.Close()
		t.Fatal("a call of an hour was answered")
	}
	if err := s.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Stats(true).Calls {
		if c.Arrivals != 1 || c.Aborted != 1 || c.Replies != 0 {
			t.Errorf("call = %+v; want one arrival, aborted", c)
		}
	}
}

func TestHooksAndCounts(t *testing.T) {
	var arrived, replied []int64
	s := start(t, Options{OnArrive: func(n int64) { arrived = append(arrived, n) }, OnReplied: func(n int64) { replied = append(replied, n) }})
	for range 2 {
		ask(t, s, question("a", "x"))
	}
	ask(t, s, question("b", "x"))
	if err := s.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(arrived, replied) != "[1 2 3] [1 2 3]" {
		t.Errorf("hooks saw %v arrive and %v replied", arrived, replied)
	}
	st := s.Stats(true)
	if st.Arrivals != 3 || st.Replies != 3 || st.Distinct != 2 || st.Models["a"].Replies != 2 || st.Peak != 1 {
		t.Errorf("stats = %+v", st)
	}
	if st.Input != 3*st.Models["b"].Input || st.Output != st.Models["a"].Output+st.Models["b"].Output {
		t.Errorf("tokens do not add up: %+v", st)
	}
}

func TestMaxTokensCutsAnAnswer(t *testing.T) {
	s := start(t, Options{})
	r := ask(t, s, `{"model":"m","max_tokens":20,"messages":[{"content":"x"}]}`)
	if c := r.Choices[0]; c.Finish != "length" || len(c.Message.Content) != 80 || r.Usage.Output != 20 {
		t.Errorf("finish %s, %d bytes, %d tokens; want length, 80, 20", c.Finish, len(c.Message.Content), r.Usage.Output)
	}
}

func TestControl(t *testing.T) {
	s := start(t, Options{Models: []string{"a", "b"}})
	base := strings.TrimSuffix(s.URL(), "/v1")
	call := func(method, path, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(reply.Body); err != nil {
			t.Fatal(err)
		}
		return reply.StatusCode, b.String()
	}

	waited := make(chan string)
	go func() {
		_, stats := call("GET", "/_/wait?served=1", "")
		waited <- stats
	}()
	ask(t, s, question("a", "x"))
	if stats := <-waited; !strings.Contains(stats, `"replies":1`) {
		t.Errorf("wait = %s; want one reply", stats)
	}
	if code, _ := call("POST", "/_/faults", `{"internal": 1}`); code != 204 {
		t.Errorf("POST faults = %d; want 204", code)
	}
	if code, _, _, err := post(t, s, question("a", "y")); err != nil || code != 500 {
		t.Errorf("with all calls failing POST = %d %v; want 500", code, err)
	}
	if code, _ := call("POST", "/_/faults", `{"interal": 1}`); code != 400 {
		t.Errorf("a misspelt fault = %d; want 400", code)
	}
	if code, _ := call("GET", "/_/wait", ""); code != 400 {
		t.Errorf("wait without a number = %d; want 400", code)
	}
	if _, list := call("GET", "/v1/models", ""); !strings.Contains(list, `"id":"b"`) {
		t.Errorf("models = %s", list)
	}
	call("POST", "/_/reset", "")
	if st := s.Stats(false); st.Arrivals != 0 || st.Distinct != 0 {
		t.Errorf("stats after a reset = %+v", st)
	}
}
