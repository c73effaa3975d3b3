package telemetry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"openarena/pipeline"
	"openarena/providers"
	"openarena/store"
)

// scrape is what metrics answer.
func scrape(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v\n%s", url, resp.Status, err, text)
	}
	return string(text)
}

func serve(t *testing.T, m *Metrics, address string) *Server {
	t.Helper()
	s, err := m.Serve(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); http.DefaultClient.CloseIdleConnections() })
	return s
}

func TestMetrics(t *testing.T) {
	usd, until := 0.25, time.Now().Add(time.Hour)
	progress := pipeline.Progress{
		CostUSD: &usd, Input: 30, Output: 40, Generate: pipeline.StageProgress{Wanted: 10, Done: 3, Failed: 1},
		Endpoints: []pipeline.EndpointState{
			{Name: "gpu", InFlight: 3, Limit: 16, Queue: 7}, {Name: "api.test", InFlight: 1, Limit: 4, Held: true},
			{Name: "api.test", InFlight: 2, Limit: 4, PausedUntil: &until}, // of another key
		},
	}
	begun := false
	m := NewMetrics("v1", "abc", func() (pipeline.Progress, bool) { return progress, begun })
	s := serve(t, m, ":0")
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		t.Errorf("without a host it listens at %s; want the loopback", s.URL)
	}
	if text := scrape(t, s.URL); strings.Contains(text, "openarena_endpoint") || !strings.Contains(text, `openarena_build_info{commit="abc",version="v1"} 1`) {
		t.Errorf("before the run has begun:\n%s", text)
	}
	begun = true
	m.Called(anyCall())
	m.Called(anyCall())
	m.Called(judgeCall())
	m.Called(failedCall(&providers.Error{Class: providers.Overloaded, Reason: providers.ReasonRateLimit, Err: errors.New("busy")}))
	m.Called(failedCall(errors.New("the run gave it up")))
	m.Committed(store.Commit{Batches: 5, Took: 4 * time.Millisecond, Sync: 3 * time.Millisecond})
	const alpha = `gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="alpha-1",`
	text := scrape(t, s.URL)
	for _, want := range []string{
		`openarena_calls_total{class="ok",endpoint="gpu",model="Alpha",reason="",role="contestant"} 2`,
		`openarena_calls_total{class="ok",endpoint="gpu",model="Judge",reason="",role="judge"} 1`,
		`openarena_calls_total{class="overloaded",endpoint="gpu",model="Alpha",reason="rate_limit",role="contestant"} 1`,
		`openarena_calls_total{class="canceled",endpoint="gpu",model="Alpha",reason="",role="contestant"} 1`,
		`gen_ai_client_operation_duration_seconds_bucket{error_type="",` + alpha + `server_address="gpu.test",server_port="8000",le="1.28"} 0`,
		`gen_ai_client_operation_duration_seconds_bucket{error_type="",` + alpha + `server_address="gpu.test",server_port="8000",le="2.56"} 2`,
		`gen_ai_client_operation_duration_seconds_count{error_type="rate_limit",` + alpha + `server_address="gpu.test",server_port="8000"} 1`,
		`gen_ai_client_operation_duration_seconds_count{error_type="canceled",` + alpha + `server_address="gpu.test",server_port="8000"} 1`,
		`gen_ai_client_token_usage_sum{` + alpha + `gen_ai_token_type="output",server_address="gpu.test",server_port="8000"} 40`,
		`gen_ai_client_token_usage_bucket{` + alpha + `gen_ai_token_type="input",server_address="gpu.test",server_port="8000",le="16"} 2`,
		`openarena_endpoint_in_flight{endpoint="gpu"} 3`, `openarena_endpoint_limit{endpoint="gpu"} 16`, `openarena_endpoint_queue{endpoint="gpu"} 7`,
		`openarena_endpoint_paused{endpoint="gpu"} 0`, `openarena_endpoint_paused{endpoint="api.test"} 1`, `openarena_endpoint_in_flight{endpoint="api.test"} 3`,
		`openarena_items{stage="generate",state="wanted"} 10`, `openarena_tokens_total{type="input"} 30`, `openarena_cost_usd 0.25`,
		`openarena_store_commits_total 1`, `openarena_store_batches_total 5`, `openarena_store_sync_duration_seconds_bucket{le="0.004"} 1`,
		`openarena_store_commit_duration_seconds_sum 0.004`, "go_goroutines ",
	} {
		if !strings.Contains(text, want+"\n") && !strings.Contains(text, "\n"+want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	if strings.Contains(text, secretText) {
		t.Error("a text is among the metrics")
	}
	progress.CostUSD = nil
	if text := scrape(t, s.URL); strings.Contains(text, "openarena_cost_usd ") {
		t.Error("a cost that is not known is told")
	}
}

// What names models and endpoints may be anything, and of anything there may be many.
func TestLabels(t *testing.T) {
	m := NewMetrics("v1", "abc", func() (p pipeline.Progress, ok bool) {
		p.Endpoints = []pipeline.EndpointState{{Name: "a\x1b[31m\xff\"\n" + strings.Repeat("long", 100)}, {Name: "a\x1b[31m\xff\"\n" + strings.Repeat("long", 200)}}
		return p, true
	})
	for i := range 3000 {
		c := failedCall(&providers.Error{Reason: fmt.Sprint("reason ", i), Err: errors.New("x")})
		c.Model, c.ModelID, c.Endpoint, c.Host = fmt.Sprint("\x1b]0;title\x07\xff", i), fmt.Sprint("id", i), fmt.Sprint("e", i), fmt.Sprint("h", i)
		m.Called(c)
	}
	text := scrape(t, serve(t, m, "127.0.0.1:0").URL)
	if n := strings.Count(text, "openarena_calls_total{"); n > 1500 {
		t.Errorf("3,000 models make %d series; want a bound", n)
	}
	if !strings.Contains(text, `endpoint="other",model="other",reason="other"`) {
		t.Error("what is beyond the bound is not told as other")
	}
	for _, r := range text {
		if r < ' ' && r != '\n' || r == '\ufffd' {
			t.Fatalf("%U is in the text", r)
		}
	}
	if longest := 600; strings.Contains(text, strings.Repeat("long", longest/4)) {
		t.Error("a label has no bound")
	}
}

func TestServeRefuses(t *testing.T) {
	m := NewMetrics("v1", "abc", func() (p pipeline.Progress, ok bool) { return p, false })
	taken := serve(t, m, "127.0.0.1:0")
	for _, c := range []struct{ why, address, says string }{
		{"no port", "localhost", `"localhost" is no HOST:PORT; give 127.0.0.1:9464`},
		{"nothing", "", "is no HOST:PORT"},
		{"a port that is none", ":port", "cannot be listened at"},
		{"a port that is taken", strings.TrimSuffix(strings.TrimPrefix(taken.URL, "http://"), "/metrics"), "give another port, or 0 for any that is free"},
		{"a host of somebody else", "192.0.2.1:0", "cannot be listened at"},
	} {
		if s, err := m.Serve(c.address); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: Serve(%q) = %v; want an error that says %q", c.why, c.address, err, c.says)
			if s != nil {
				s.Close()
			}
		}
	}
}
