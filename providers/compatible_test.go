package providers

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCompatibleServers has one row for each way in which a server that calls itself compatible with OpenAI's differs, whole
// replies first: what it sends, and what is made of it.
func TestCompatibleServers(t *testing.T) {
	usage := Usage{Input: 11, Output: 7}
	const tail = `],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}`
	four := Reply{Text: "Four.", Finish: FinishStop, Model: "m-1", Usage: usage}
	with := func(change func(*Reply)) *Reply {
		r := four
		change(&r)
		return &r
	}
	for _, c := range []struct {
		server, why string
		status      int
		header      string // Name: value
		body        string
		want        *Reply // nil: an error of this class and reason
		class       Class
		reason      string
	}{
		{"vLLM", "reasoning under its newer name, null beside", 200, "", `{"model":"m-1","choices":[{"message":{"content":"Four.","reasoning":"2+2","reasoning_content":null,"tool_calls":[]},"finish_reason":"stop","stop_reason":null}` + tail,
			with(func(r *Reply) { r.Reasoning = "2+2" }), 0, ""},
		{"vLLM", "the request was aborted", 200, "", `{"choices":[{"message":{"content":"Fo"},"finish_reason":"abort"}` + tail, nil, Temporary, ReasonAborted},
		{"vLLM, older", "a flat error", 400, "", `{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}`, nil, Rejected, ReasonContext},
		{"vLLM, older", "an unknown model, flat", 404, "", `{"object":"error","message":"The model 'm' does not exist.","type":"NotFoundError","param":null,"code":404}`, nil, Refused, ReasonModel},
		{"SGLang", "a flat error inside a 200", 200, "", `{"object":"error","message":"The input (5000 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","code":400}`, nil, Rejected, ReasonContext},
		{"SGLang", "reasoning under its older name", 200, "", `{"model":"m-1","choices":[{"message":{"content":"Four.","reasoning_content":"2+2"},"finish_reason":"stop","matched_stop":2}` + tail,
			with(func(r *Reply) { r.Reasoning = "2+2" }), 0, ""},
		{"llama.cpp", "timings, and a model of its own name", 200, "", `{"model":"m-1","choices":[{"message":{"role":"assistant","content":"Four."},"finish_reason":"stop"}],"timings":{"prompt_n":1},"usage":{"prompt_tokens":11,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":5}}}`,
			with(func(r *Reply) { r.Usage.Cached = 5 }), 0, ""},
		{"llama.cpp", "the model is loading", 503, "", `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`, nil, Temporary, ReasonLoading},
		{"LM Studio", "an error that is a string", 400, "", `{"error":"Model does not exist. Available models: a, b"}`, nil, Refused, ReasonModel},
		{"LM Studio", "an error that is a string inside a 200", 200, "", `{"error":"Unexpected endpoint or method. (POST /v1/chat/completions)"}`, nil, Temporary, ReasonServer},
		{"TGI", "an error with a type beside it", 422, "", `{"error":"Input validation error: unknown field","error_type":"validation"}`, nil, Rejected, ReasonInvalid},
		{"TGI", "too many at once", 429, "", `{"error":"Model is overloaded","error_type":"overloaded"}`, nil, Overloaded, ReasonRateLimit},
		{"TGI", "eos_token", 200, "", `{"model":"m-1","choices":[{"message":{"content":"Four."},"finish_reason":"eos_token"}` + tail, &four, 0, ""},
		{"Together", "eos", 200, "", `{"model":"m-1","choices":[{"message":{"content":"Four."},"finish_reason":"eos","seed":5}` + tail, &four, 0, ""},
		{"OpenRouter", "an error inside a 200, its code a number", 200, "", `{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"upstream died"}}}`, nil, Temporary, ReasonServer},
		{"OpenRouter", "no credit", 402, "", `{"error":{"code":402,"message":"Insufficient credits"}}`, nil, Refused, ReasonQuota},
		{"OpenRouter", "a busy provider says when", 503, "Retry-After: 3", `{"error":{"code":503,"message":"No instances available"}}`, nil, Overloaded, ReasonOverloaded},
		{"OpenRouter", "an id in a header", 200, "X-Generation-Id: gen-1", `{"model":"m-1","choices":[{"message":{"content":"Four.","reasoning":null},"finish_reason":"stop","native_finish_reason":"STOP"}` + tail,
			with(func(r *Reply) { r.RequestID = "gen-1" }), 0, ""},
		{"Groq", "no capacity for flex", 498, "", `{"error":{"message":"over capacity, please try again","type":"capacity"}}`, nil, Overloaded, ReasonOverloaded},
		{"Groq", "a 429 that says when", 429, "Retry-After: 2", `{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}`, nil, Overloaded, ReasonRateLimit},
		{"LiteLLM", "the provider's error, packed", 400, "", `{"error":{"message":"litellm.ContextWindowExceededError: prompt is too long","type":null,"param":null,"code":"400"}}`, nil, Rejected, ReasonContext},
		{"LiteLLM", "a code in quotes", 429, "", `{"error":{"message":"litellm.RateLimitError: slow down","type":"throttling_error","param":null,"code":"429"}}`, nil, Overloaded, ReasonRateLimit},
		{"Ollama", "no finish reason, blanks behind an unfinished object", 200, "", `{"model":"m-1","choices":[{"message":{"content":"{\"a\":  "},"finish_reason":null}` + tail,
			with(func(r *Reply) { r.Text, r.Finish = `{"a":  `, FinishUnknown }), 0, ""},
		{"Mistral", "content in parts, one of them thinking", 200, "", `{"model":"m-1","choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"2+2"}]},{"type":"text","text":"Four."}]},"finish_reason":"stop"}` + tail,
			with(func(r *Reply) { r.Reasoning = "2+2" }), 0, ""},
		{"DeepSeek", "empty content, cached tokens under another name", 200, "", `{"model":"m-1","choices":[{"message":{"content":"","reasoning_content":"2+2"},"finish_reason":"length"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"prompt_cache_hit_tokens":3}}`,
			with(func(r *Reply) { r.Text, r.Reasoning, r.Finish, r.Usage.Cached = "", "2+2", FinishLength, 3 }), 0, ""},
		{"OpenAI", "a refusal in place of content", 200, "X-Request-Id: req_1", `{"model":"m-1","choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}` + tail,
			with(func(r *Reply) { r.Text, r.Refusal, r.Finish, r.RequestID = "", "No.", FinishRefusal, "req_1" }), 0, ""},
		{"OpenAI", "max_tokens, to a reasoning model", 400, "", `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}`, nil, Unsupported, ReasonUnsupported},
		{"OpenAI", "temperature, to a reasoning model", 400, "", `{"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}`, nil, Unsupported, ReasonUnsupported},
	} {
		t.Run(c.server+": "+c.why, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet { // no list of models
					http.NotFound(w, r)
					return
				}
				if name, value, ok := strings.Cut(c.header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			r := ask()
			r.Params = map[string]any{"max_tokens": 9, "temperature": 0.2}
			client := connect(t, Endpoint{URL: url})
			if c.want == nil {
				if e := failure(t, client, r); e.Class != c.class || e.Reason != c.reason {
					t.Errorf("%v %s, %v; want %v %s", e.Class, e.Reason, e, c.class, c.reason)
				}
				return
			}
			got, err := client.Chat(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			got.Took = 0
			if d := cmp.Diff(c.want, got, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Rates" }, cmp.Ignore())); d != "" {
				t.Errorf("reply differs (-want +got):\n%s", d)
			}
		})
	}
}

func TestAdaptation(t *testing.T) {
	refused := func(param string) *Error { return &Error{Class: Unsupported, Param: param} }
	var a Adaptation
	for _, step := range []struct {
		why   string
		e     *Error
		learn bool
		want  Adaptation
	}{
		{"a field is left out", refused("temperature"), true, Adaptation{"temperature": ""}},
		{"a length gets its other name", refused("max_tokens"), true, Adaptation{"temperature": "", "max_tokens": "max_completion_tokens"}},
		{"but is never left out", refused("max_completion_tokens"), false, Adaptation{"temperature": "", "max_tokens": "max_completion_tokens"}},
		{"what is left out already cannot be left out", refused("temperature"), false, Adaptation{"temperature": "", "max_tokens": "max_completion_tokens"}},
		{"another class teaches nothing", &Error{Class: Rejected, Param: "seed"}, false, Adaptation{"temperature": "", "max_tokens": "max_completion_tokens"}},
		{"nor does a refusal without a name", refused(""), false, Adaptation{"temperature": "", "max_tokens": "max_completion_tokens"}},
	} {
		before := len(a)
		next, learnt := a.Learn(step.e)
		if d := cmp.Diff(step.want, next); learnt != step.learn || d != "" || len(a) != before {
			t.Errorf("%s: Learn = %v (-want +got):\n%s", step.why, learnt, d)
		}
		a = next
	}
	r := &Request{Model: "m", Params: map[string]any{"temperature": 0.1, "max_tokens": 5, "seed": 1}, Adapt: a}
	for _, c := range []struct {
		stream bool
		adapt  Adaptation
		want   string
	}{
		{false, a, `{"max_completion_tokens":5,"messages":null,"model":"m","seed":1,"stream":false}`},
		{true, nil, `{"max_tokens":5,"messages":null,"model":"m","seed":1,"stream":true,"stream_options":{"include_usage":true},"temperature":0.1}`},
		{true, Adaptation{"stream_options": "", "seed": ""}, `{"max_tokens":5,"messages":null,"model":"m","stream":true,"temperature":0.1}`},
	} {
		r.Adapt = c.adapt
		if got, err := encode(r, c.stream); err != nil || string(got) != c.want {
			t.Errorf("adapted by %v: %s, %v; want %s", c.adapt, got, err, c.want)
		}
	}
}

// A server that does not know how to count in a stream names the field, wherever it puts its complaint.
func TestStreamOptionsAreOptional(t *testing.T) {
	for _, body := range []string{
		`{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","param":null,"code":null}`,
		`{"error":{"message":"Validation error at #/stream_options: Extra inputs are not permitted","type":"invalid_request_error","param":null,"code":null}}`,
	} {
		e := failure(t, connect(t, Endpoint{URL: serve(t, says(422, body)), Stream: true}), ask())
		if e.Class != Unsupported || e.Param != "stream_options" {
			t.Errorf("%s: %v, param %q; want stream_options to be what is unsupported", body, e.Class, e.Param)
		}
	}
}

// The names of the vendors lead back to those in params.
func TestFieldsOfOtherNames(t *testing.T) {
	for _, c := range []struct{ kind, body, want string }{
		{"gemini", `{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"frequencyPenalty\" at 'generation_config': Cannot find field.","status":"INVALID_ARGUMENT"}}`, "frequency_penalty"},
		{"gemini", `{"error":{"code":400,"message":"JSON mode is not enabled for models/gemini-old","status":"INVALID_ARGUMENT"}}`, "response_format"},
		{"anthropic", `{"type":"error","error":{"type":"invalid_request_error","message":"output_config: Extra inputs are not permitted"}}`, "response_format"},
		{"anthropic", `{"type":"error","error":{"type":"invalid_request_error","message":"stop_sequences: not supported by this model"}}`, "stop"},
	} {
		r := ask()
		r.Params = map[string]any{"frequency_penalty": 1, "stop": "x"}
		r.Format = &Format{Kind: "json_schema", Schema: json.RawMessage(`{}`)}
		e := failure(t, connect(t, Endpoint{URL: serve(t, says(400, c.body)), Kind: c.kind}), r)
		if e.Class != Unsupported || e.Param != c.want || !strings.Contains(e.Hint, c.want) {
			t.Errorf("%s: %s: %v, param %q, hint %q; want unsupported %s", c.kind, c.body, e.Class, e.Param, e.Hint, c.want)
		}
	}
}
