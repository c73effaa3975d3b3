package providers

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openarena/internal/testkit/fakeollama"
)

// startOllama starts a fake Ollama and returns it with a client of its own protocol.
func startOllama(t *testing.T, o fakeollama.Options, e Endpoint) (*fakeollama.Server, Client) {
	t.Helper()
	s := fakeollama.New(o)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	e.URL, e.Kind = s.URL()+"/api/chat", "ollama"
	return s, connect(t, e)
}

// canned answers /api/show, and every chat with the same; it keeps the last body of one.
type canned struct {
	status int
	kind   string
	body   string
	sent   atomic.Value
}

func (c *canned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/show" {
		io.WriteString(w, `{"model_info":{"general.architecture":"llama","llama.context_length":32768}}`)
		return
	}
	b, _ := io.ReadAll(r.Body)
	c.sent.Store(string(b))
	w.Header().Set("Content-Type", c.kind)
	w.WriteHeader(c.status)
	io.WriteString(w, c.body)
}

// native is a client whose server says body.
func native(t *testing.T, status int, body string, stream bool) (Client, *canned) {
	t.Helper()
	c := &canned{status: status, kind: "application/json", body: body}
	if stream {
		c.kind = "application/x-ndjson"
	}
	url := strings.TrimSuffix(serve(t, c.ServeHTTP), "/v1/chat/completions") + "/api/chat"
	return connect(t, Endpoint{URL: url, Kind: "ollama", Stream: stream}), c
}

const ollamaDone = `{"model":"m","message":{"role":"assistant","content":"Four."},"done":true,"done_reason":"stop","prompt_eval_count":11,"eval_count":7}`

func TestOllamaRequests(t *testing.T) {
	for _, c := range []struct {
		name   string
		params map[string]any
		format *Format
		keep   string
		want   string // between messages and the rest
	}{
		{"nothing", nil, nil, "", `"options":{"num_ctx":4096}`},
		{"names of OpenAI become those of Ollama", map[string]any{"max_tokens": int64(5), "temperature": 0.5, "seed": int64(7), "stop": "x"}, nil, "",
			`"options":{"num_ctx":4096,"num_predict":5,"seed":7,"stop":["x"],"temperature":0.5}`},
		{"a list of stops stays one", map[string]any{"stop": []any{"x", "y"}}, nil, "", `"options":{"num_ctx":4096,"stop":["x","y"]}`},
		{"options of its own come last", map[string]any{"top_k": int64(3), "options": map[string]any{"top_k": int64(4), "dry": true}}, nil, "",
			`"options":{"dry":true,"num_ctx":4096,"top_k":4}`},
		{"a schema", nil, &Format{Kind: "json_schema", Name: "v", Schema: json.RawMessage(`{"type":"object"}`)}, "",
			`"format":{"type":"object"},"options":{"num_ctx":4096}`},
		{"JSON without one", nil, &Format{Kind: "json_object"}, "", `"format":"json","options":{"num_ctx":4096}`},
		{"keep_alive", nil, nil, "10m0s", `"keep_alive":"10m0s","options":{"num_ctx":4096}`},
		{"thinking", map[string]any{"think": true}, nil, "", `"options":{"num_ctx":4096},"think":true`},
		{"no effort is no thinking", map[string]any{"reasoning_effort": "none"}, nil, "", `"options":{"num_ctx":4096},"think":false`},
		{"an effort is a level", map[string]any{"reasoning_effort": "high"}, nil, "", `"options":{"num_ctx":4096},"think":"high"`},
		{"room for a long answer", map[string]any{"max_tokens": int64(9000)}, nil, "", `"options":{"num_ctx":16384,"num_predict":9000}`},
		{"never more than the model has", map[string]any{"max_tokens": int64(100_000)}, nil, "", `"options":{"num_ctx":32768,"num_predict":100000}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, server := native(t, 200, ollamaDone, false)
			r := ask()
			r.Params, r.Format, r.KeepAlive = c.params, c.format, c.keep
			if _, err := client.Chat(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			var got, want map[string]any
			full := `{"model":"m","messages":[{"role":"user","content":"What is two and two?"}],"stream":false,"truncate":false,"shift":false,` + c.want + `}`
			if err := json.Unmarshal([]byte(full), &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(server.sent.Load().(string)), &got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("the body differs (-want +got):\n%s", d)
			}
		})
	}
}

// What Ollama would ignore without a word is said to be unsupported, and nothing is sent.
func TestOllamaForeignParameters(t *testing.T) {
	client, server := native(t, 200, ollamaDone, false)
	r := ask()
	r.Params = map[string]any{"temperature": 0.5, "logit_bias": map[string]any{"5": int64(1)}}
	e := failure(t, client, r)
	if e.Class != Unsupported || e.Param != "logit_bias" || server.sent.Load() != nil {
		t.Errorf("%v %s %q, sent %v; want unsupported logit_bias, and nothing sent", e.Class, e.Reason, e.Param, server.sent.Load())
	}
}

func TestOllamaReplies(t *testing.T) {
	usage := Usage{Input: 11, Output: 7}
	four := Reply{Text: "Four.", Finish: FinishStop, Model: "m", Usage: usage}
	thought := four
	thought.Reasoning = "2+2"
	for _, c := range []struct {
		name, body string
		stream     bool
		want       Reply
	}{
		{"whole", ollamaDone, false, four},
		{"thinking in a field of its own", strings.Replace(ollamaDone, `"content"`, `"thinking":"2+2","content"`, 1), false, thought},
		{"cut at num_predict", strings.Replace(ollamaDone, `"stop"`, `"length"`, 1), false, Reply{Text: "Four.", Finish: FinishLength, Model: "m", Usage: usage}},
		{"no counts", `{"model":"m","message":{"content":"Four."},"done":true,"done_reason":"stop"}`, false,
			Reply{Text: "Four.", Finish: FinishStop, Model: "m", Usage: Usage{Input: 5, Output: 2, Estimated: true}}},
		{"in lines", `{"model":"m","message":{"content":"","thinking":"2+"},"done":false}` + "\n" + `{"message":{"thinking":"2"},"done":false}` + "\n" +
			`{"message":{"content":"Fo"},"done":false}` + "\n" + strings.Replace(ollamaDone, "Four.", "ur.", 1) + "\n", true, thought},
		{"an answer that outgrew the context lost its beginning", `{"model":"m","message":{"content":"Four."},"done":true,"done_reason":"stop","prompt_eval_count":11,"eval_count":4090}`, false,
			Reply{Text: "Four.", Finish: FinishLength, Model: "m", Usage: Usage{Input: 11, Output: 4090}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, _ := native(t, 200, c.body, c.stream)
			got, err := client.Chat(t.Context(), ask())
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

func TestOllamaFailures(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		stream bool
		class  Class
		reason string
	}{
		{"a flat error", 404, `{"error":"model \"m\" not found, try pulling it first"}`, false, Refused, ReasonModel},
		{"the model crashed", 500, `{"error":"llama runner process has terminated: exit status 2"}`, false, Temporary, ReasonServer},
		{"too many wait", 503, `{"error":"server busy, please try again.  maximum pending requests exceeded"}`, false, Overloaded, ReasonOverloaded},
		{"an error in a 200, in the middle of the lines", 200, `{"message":{"content":"Fo"},"done":false}` + "\n" + `{"error":"an error was encountered while running the model"}` + "\n", true, Temporary, ReasonServer},
		{"lines that end before the answer", 200, `{"message":{"content":"Fo"},"done":false}` + "\n", true, Temporary, ReasonCut},
		{"a reply that is not done", 200, `{"message":{"content":"Fo"},"done":false}`, false, Temporary, ReasonMalformed},
		{"a page", 200, `<html>`, false, Temporary, ReasonMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, _ := native(t, c.status, c.body, c.stream)
			if e := failure(t, client, ask()); e.Class != c.class || e.Reason != c.reason || e.Status != c.status {
				t.Errorf("%v %s, status %d: %v; want %v %s, status %d", e.Class, e.Reason, e.Status, e, c.class, c.reason, c.status)
			}
		})
	}
}

// A prompt that needs more has the model loaded once more; what follows finds room enough, however short it is.
func TestOllamaContextGrowsInSteps(t *testing.T) {
	s, client := startOllama(t, fakeollama.Options{Models: []string{"m"}, Trained: 32768}, Endpoint{})
	for _, chars := range []int{10, 9_000, 20, 500, 30_000, 10, 29_000, 9_000} {
		r := ask()
		r.Params = map[string]any{"max_tokens": int64(1000)}
		r.Messages[0].Content = proseOf(chars)
		if _, err := client.Chat(t.Context(), r); err != nil {
			t.Fatalf("%d characters: %v", chars, err)
		}
	}
	if d := cmp.Diff([]int{4096, 8192, 16384}, s.Stats().Contexts); d != "" {
		t.Errorf("contexts that were loaded differ (-want +got):\n%s", d)
	}
}

func TestOllamaAddresses(t *testing.T) {
	for url, want := range map[string]string{
		"http://127.0.0.1:11434/v1/chat/completions": "http://localhost:11434",
		"http://localhost:11434/api/chat":            "http://localhost:11434",
		"http://localhost:11434":                     "http://localhost:11434",
		"http://[::1]:11434/v1":                      "http://localhost:11434",
		"https://gpu.lan/ollama/api/chat":            "https://gpu.lan:443/ollama",
	} {
		o, err := NewOllama(Endpoint{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Address(); got != want {
			t.Errorf("Address of %s = %s; want %s", url, got, want)
		}
	}
	for model, want := range map[string]string{
		"llama3.2": "llama3.2:latest", "Llama3.2:1B": "llama3.2:1b", "http://127.0.0.1:5000/library/x": "127.0.0.1:5000/library/x:latest", "hf.co/a/b:Q4": "hf.co/a/b:q4",
	} {
		if got := OllamaName(model); got != want {
			t.Errorf("OllamaName(%q) = %q; want %q", model, got, want)
		}
	}
}

func TestOllamaServer(t *testing.T) {
	s, _ := startOllama(t, fakeollama.Options{Models: []string{"there:1b"}, Trained: 8192}, Endpoint{})
	o, err := NewOllama(Endpoint{URL: s.URL() + "/v1/chat/completions"})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := o.Version(t.Context()); v != "0.0.0" || err != nil {
		t.Errorf("Version = %q, %v; want 0.0.0", v, err)
	}
	if m, err := o.Show(t.Context(), "there:1b"); m.Context != 8192 || err != nil {
		t.Errorf("Show = %+v, %v; want a context of 8192", m, err)
	}
	for model, want := range map[string]bool{"there:1b": true, "there": false} {
		if got, err := o.Has(t.Context(), model); got != want || err != nil {
			t.Errorf("Has(%q) = %v, %v; want %v", model, got, err, want)
		}
	}
	other, err := NewOllama(Endpoint{URL: serve(t, says(200, `{"data":[]}`))})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := other.Version(t.Context()); err == nil {
		t.Errorf("Version of another server = %q; want an error", v)
	}
	names, err := connect(t, Endpoint{URL: s.URL() + "/api/chat", Kind: "ollama"}).(Lister).Models(t.Context())
	if fmt.Sprint(names) != "[there:1b]" || err != nil {
		t.Errorf("Models = %v, %v; want [there:1b]", names, err)
	}
}
