package providers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/vendors"
)

const vendorKey = "sk-vendor-0123456789"

// vendor is an endpoint of a kind at a server written for it.
func vendor(t *testing.T, kind string, change func(*vendors.Server)) Endpoint {
	t.Helper()
	s := &vendors.Server{Model: fakellm.New(fakellm.Options{AnswerBytes: 400}), Key: vendorKey}
	if change != nil {
		change(s)
	}
	path := map[string]string{"anthropic": "/v1/messages", "gemini": "/v1beta", "azure": "/openai/v1/chat/completions"}[kind]
	server := httptest.NewServer(vendors.New(kind, s))
	t.Cleanup(server.Close)
	return Endpoint{URL: server.URL + path, Kind: kind, Key: key(vendorKey)}
}

var vendorKinds = []string{"anthropic", "gemini", "azure"}

// question has what every protocol takes: a system message, turns of both sides, and the params that all have.
func question() *Request {
	return &Request{
		Model: "model-1",
		Messages: []Message{{"system", "Be terse."}, {"user", "What is two and two?"}, {"assistant", "Four."},
			{"user", "And three and three?"}},
		Params: map[string]any{"temperature": 0.5, "max_tokens": int64(64), "stop": "END"},
	}
}

// The same question gets the same answer in every protocol, whole or in pieces, with every token counted.
func TestVendorsAnswer(t *testing.T) {
	want, err := connect(t, Endpoint{URL: serve(t, fakellm.New(fakellm.Options{AnswerBytes: 400}).ServeHTTP)}).Chat(t.Context(), question())
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range vendorKinds {
		for _, stream := range []bool{false, true} {
			e := vendor(t, kind, nil)
			e.Stream = stream
			got, err := connect(t, e).Chat(t.Context(), question())
			if err != nil {
				t.Errorf("%s, stream %v: %v", kind, stream, err)
				continue
			}
			if len(got.Text) != len(want.Text) || got.Finish != FinishLength || got.Model != "model-1" || got.RequestID == "" {
				t.Errorf("%s, stream %v: %+v; want %d letters of model-1, cut at its length, with an id", kind, stream, got, len(want.Text))
			}
			u := got.Usage
			if u.Input != want.Usage.Input || u.Output != want.Usage.Output || u.Estimated || kind != "azure" && u.Cached != u.Input/2 {
				t.Errorf("%s, stream %v: usage %+v; want input and output of %+v, half of the input cached", kind, stream, u, want.Usage)
			}
		}
	}
}

// What a judge asks for arrives as each vendor wants it, and the reply follows it.
func TestVendorsFollowASchema(t *testing.T) {
	schema := json.RawMessage(`{"type":"object","properties":{"score_a":{"type":"integer"}},"required":["score_a"],"additionalProperties":false}`)
	for _, kind := range vendorKinds {
		r := question()
		r.Format = &Format{Kind: "json_schema", Name: "verdict", Schema: schema}
		r.Params["max_tokens"] = int64(500)
		reply, err := connect(t, vendor(t, kind, nil)).Chat(t.Context(), r)
		if err != nil || !json.Valid([]byte(reply.Text)) {
			t.Errorf("%s: %+v, %v; want an object", kind, reply, err)
		}
		r.Format = &Format{Kind: "json_object"}
		if _, err := connect(t, vendor(t, kind, nil)).Chat(t.Context(), r); err != nil {
			t.Errorf("%s, any object: %v", kind, err)
		}
	}
}

func TestVendorsThink(t *testing.T) {
	for _, c := range []struct {
		kind   string
		params map[string]any
	}{
		{"anthropic", map[string]any{"thinking": map[string]any{"type": "enabled", "budget_tokens": 1024}}},
		{"gemini", map[string]any{"thinkingConfig": map[string]any{"includeThoughts": true}}},
	} {
		for _, stream := range []bool{false, true} {
			e := vendor(t, c.kind, nil)
			e.Stream = stream
			r := question()
			r.Params = c.params
			got, err := connect(t, e).Chat(t.Context(), r)
			if err != nil || got.Reasoning != "Let me think." || strings.Contains(got.Text, "Let me") || got.Usage.Reasoning != 3 {
				t.Errorf("%s, stream %v: %+v, %v; want the thought apart, and 3 tokens of it", c.kind, stream, got, err)
			}
		}
	}
}

// What vendors refuse is sorted as everywhere.
func TestVendorsRefuse(t *testing.T) {
	with := func(name string, v any) func(*Request) {
		return func(r *Request) { r.Params[name] = v }
	}
	model := func(r *Request) { r.Model = "nope" }
	saying := func(s string) func(*Request) {
		return func(r *Request) { r.Messages[3].Content = s }
	}
	for _, c := range []struct {
		kind, why string
		key       string
		change    func(*Request)
		class     Class
		reason    string
		says      string
	}{
		{"anthropic", "a bad key", "sk-other-000000", nil, Refused, ReasonBadKey, "check api_key"},
		{"anthropic", "an unknown model", vendorKey, model, Refused, ReasonModel, "the server has claude-small-4, claude-large-4"},
		{"anthropic", "an unknown field", vendorKey, with("seed", 1), Unsupported, ReasonUnsupported, "leave seed out"},
		{"anthropic", "a value out of range", vendorKey, with("temperature", 1.5), Rejected, ReasonInvalid, "range: 0..1"},
		{"anthropic", "two of which it takes one", vendorKey, with("top_p", 0.5), Unsupported, ReasonUnsupported, "leave temperature out"},
		{"anthropic", "an empty prompt", vendorKey, saying(""), Rejected, ReasonInvalid, "non-empty content"},
		{"gemini", "a bad key", "sk-other-000000", nil, Refused, ReasonBadKey, "API key not valid"},
		{"gemini", "an unknown model", vendorKey, model, Refused, ReasonModel, "the server has gemini-small"},
		{"gemini", "an unknown field", vendorKey, with("logit_bias", 1), Unsupported, ReasonUnsupported, "leave logit_bias out"},
		{"gemini", "a blocked prompt", vendorKey, saying(vendors.Blocked), Rejected, ReasonFiltered, "PROHIBITED_CONTENT"},
		{"azure", "a bad key", "sk-other-000000", nil, Refused, ReasonBadKey, "check api_key"},
		{"azure", "an unknown deployment", vendorKey, model, Refused, ReasonModel, "model_id is the name of your deployment"},
		{"azure", "a blocked prompt", vendorKey, saying(vendors.Blocked), Rejected, ReasonFiltered, "content management policy"},
	} {
		for _, stream := range []bool{false, true} {
			e := vendor(t, c.kind, nil)
			e.Key, e.Stream = key(c.key), stream
			r := question()
			if c.change != nil {
				c.change(r)
			}
			got := failure(t, connect(t, e), r)
			if got.Class != c.class || got.Reason != c.reason || !strings.Contains(got.Error(), c.says) {
				t.Errorf("%s, %s, stream %v: %v %s, %q; want %v %s, naming %q", c.kind, c.why, stream, got.Class, got.Reason, got, c.class, c.reason, c.says)
			}
		}
	}
}

// An answer that is withheld is a reply all the same: it was paid for.
func TestVendorsWithhold(t *testing.T) {
	for kind, want := range map[string]string{"anthropic": FinishRefusal, "gemini": FinishFiltered, "azure": FinishFiltered} {
		for _, stream := range []bool{false, true} {
			e := vendor(t, kind, nil)
			e.Stream = stream
			r := question()
			r.Messages[3].Content = vendors.Unsafe
			got, err := connect(t, e).Chat(t.Context(), r)
			if err != nil || got.Text != "" || got.Finish != want || got.Usage.Input == 0 {
				t.Errorf("%s, stream %v: %+v, %v; want an empty reply that ended with %s", kind, stream, got, err, want)
			}
		}
	}
}

// A busy server says when to come back, if it says so at all, in its own way.
func TestVendorsAreBusy(t *testing.T) {
	for kind, after := range map[string]time.Duration{"anthropic": 0, "gemini": 50 * time.Millisecond, "azure": 0} {
		e := failure(t, connect(t, vendor(t, kind, func(s *vendors.Server) { s.Overloaded = 1 })), question())
		if e.Class != Overloaded || e.After != after {
			t.Errorf("%s: %v %s after %v; want overloaded after %v", kind, e.Class, e.Reason, e.After, after)
		}
	}
}

func TestVendorsStreamsAreCut(t *testing.T) {
	for _, kind := range vendorKinds {
		e := vendor(t, kind, func(s *vendors.Server) { s.Cut = true })
		e.Stream = true
		if got := failure(t, connect(t, e), question()); got.Class != Temporary || got.Reason != ReasonCut {
			t.Errorf("%s: %v %s, %v; want temporary %s", kind, got.Class, got.Reason, got, ReasonCut)
		}
	}
}

func TestVendorsListModels(t *testing.T) {
	for kind, want := range map[string][]string{"anthropic": {"claude-small-4", "claude-large-4"}, "gemini": {"gemini-small"}, "azure": nil} {
		got, err := connect(t, vendor(t, kind, nil)).(Lister).Models(t.Context())
		if !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%s: %v, %v; want %v", kind, got, err, want)
		}
	}
}

// A key may go another way than the kind's: proxies take a bearer's.
func TestAuthOverridesTheKinds(t *testing.T) {
	for _, kind := range vendorKinds {
		var got http.Header
		url := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r.Header })
		failure(t, connect(t, Endpoint{URL: url, Kind: kind, Key: key(vendorKey), Auth: "bearer", Headers: map[string]string{"Anthropic-Version": "2024-01-01"}}), ask())
		if got.Get("Authorization") != "Bearer "+vendorKey || got.Get(kinds[kind].auth) != "" || got.Get("Anthropic-Version") != "2024-01-01" {
			t.Errorf("%s: headers %v; want the key as a bearer's only, and headers of one's own", kind, got)
		}
	}
}

// Azure's older addresses have the deployment in their path: there already, or put there.
func TestAzureAddresses(t *testing.T) {
	base := vendor(t, "azure", nil)
	host := strings.TrimSuffix(base.URL, "/openai/v1/chat/completions")
	for _, path := range []string{"/openai/deployments?api-version=2024-10-21", "/openai/deployments/dep/chat/completions?api-version=2024-10-21"} {
		e := base
		e.URL = host + path
		if _, err := connect(t, e).Chat(t.Context(), question()); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestAnthropicBody(t *testing.T) {
	for _, c := range []struct {
		why  string
		r    Request
		want string
	}{
		{"max_tokens where none is set", Request{Model: "m", Messages: []Message{{"user", "a"}}},
			`{"max_tokens":8192,"messages":[{"role":"user","content":"a"}],"model":"m","stream":false}`},
		{"the newer name of max_tokens, a single stop, a schema beside other output", Request{Model: "m", Messages: []Message{{"system", "s"}, {"user", "a"}},
			Params: map[string]any{"max_completion_tokens": 5, "stop": "x", "output_config": map[string]any{"effort": "low"}},
			Format: &Format{Kind: "json_schema", Name: "v", Schema: json.RawMessage(`{"type":"object"}`)}},
			`{"max_tokens":5,"messages":[{"role":"user","content":"a"}],"model":"m","output_config":{"effort":"low","format":{"schema":{"type":"object"},"type":"json_schema"}},"stop_sequences":["x"],"stream":false,"system":"s"}`},
	} {
		got, err := (&anthropic{}).build(&c.r, false)
		if err != nil || cmp.Diff(c.want, string(got.body)) != "" {
			t.Errorf("%s: %s, %v\nwant %s", c.why, got.body, err, c.want)
		}
	}
}

func TestGeminiBody(t *testing.T) {
	r := question()
	r.Params["safetySettings"] = []any{}
	r.Params["generationConfig"] = map[string]any{"topK": 4}
	r.Format = &Format{Kind: "json_schema", Schema: json.RawMessage(`{"type":"object"}`)}
	got, err := (&gemini{url: connect(t, Endpoint{URL: "http://h/v1beta"}).(*client).line.url}).build(r, true)
	const want = `{"contents":[{"role":"user","parts":[{"text":"What is two and two?"}]},{"role":"model","parts":[{"text":"Four."}]},` +
		`{"role":"user","parts":[{"text":"And three and three?"}]}],"generationConfig":{"maxOutputTokens":64,"responseJsonSchema":{"type":"object"},` +
		`"responseMimeType":"application/json","stopSequences":["END"],"temperature":0.5,"topK":4},"safetySettings":[],"systemInstruction":{"parts":[{"text":"Be terse."}]}}`
	if err != nil || string(got.body) != want || got.url.String() != "http://h/v1beta/models/model-1:streamGenerateContent?alt=sse" {
		t.Errorf("%s\n%s, %v\nwant %s", got.url, got.body, err, want)
	}
}

// An error may come in the middle of a stream, as an event.
func TestVendorsFailInAStream(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		class      Class
		reason     string
	}{
		{"anthropic", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":1}}}\n\n" +
			"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n", Overloaded, ReasonOverloaded},
		{"gemini", "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Fo\"}]}}]}\n\n" +
			"data: {\"error\":{\"code\":503,\"message\":\"The model is overloaded.\",\"status\":\"UNAVAILABLE\"}}\n\n", Temporary, ReasonServer},
		{"gemini", "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n", Rejected, ReasonFiltered},
		{"azure", "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\ndata: {\"error\":{\"code\":\"content_filter\",\"message\":\"The response was filtered\",\"status\":400}}\n\n", Rejected, ReasonFiltered},
	} {
		e := failure(t, connect(t, Endpoint{URL: serve(t, streams(c.body)), Kind: c.kind, Stream: true}), question())
		if e.Class != c.class || e.Reason != c.reason {
			t.Errorf("%s: %v %s, %v; want %v %s", c.kind, e.Class, e.Reason, e, c.class, c.reason)
		}
	}
}
