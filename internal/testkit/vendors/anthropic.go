package vendors

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Anthropic serves POST /v1/messages and GET /v1/models.
type Anthropic struct{ *Server }

// anthropicFields are those of a request that are known; any other is an error ("Extra inputs are not permitted").
// Source: https://platform.claude.com/docs/en/api/messages/create
var anthropicFields = []string{"model", "messages", "max_tokens", "system", "stream", "temperature", "top_p", "top_k", "stop_sequences",
	"metadata", "thinking", "tools", "tool_choice", "service_tier", "output_config"}

type anthropicRequest struct {
	Model       string    `json:"model"`
	Messages    []message `json:"messages"`
	MaxTokens   *int      `json:"max_tokens"`
	System      string    `json:"system"`
	Stream      bool      `json:"stream"`
	Temperature *float64  `json:"temperature"`
	TopP        *float64  `json:"top_p"`
	Thinking    struct {
		Type   string `json:"type"`
		Budget int    `json:"budget_tokens"`
	} `json:"thinking"`
	Output struct {
		Format *struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	} `json:"output_config"`
}

func (a *Anthropic) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Request-Id", "req_011CSHoEeqs5C35K2UUqR7Fy") // Source: …/docs/en/api/errors#request-id
	switch {
	// Source for the header: …/docs/en/api/overview#authentication
	case r.Header.Get("X-Api-Key") != a.Key || r.Header.Get("Authorization") != "":
		anthropicFail(w, http.StatusUnauthorized, "authentication_error", "invalid x-api-key")
	case r.Header.Get("Anthropic-Version") != "2023-06-01": // Source: …/docs/en/api/versioning
		anthropicFail(w, http.StatusBadRequest, "invalid_request_error", "anthropic-version: header is required")
	case r.Method == http.MethodGet && r.URL.Path == "/v1/models":
		// At most 20 a page unless limit asks for up to 1000. Source: …/docs/en/api/models/list
		data := []map[string]string{{"type": "model", "id": "claude-small-4"}, {"type": "model", "id": "claude-large-4"}}
		if r.URL.Query().Get("limit") == "" {
			data = data[:1]
		}
		send(w, http.StatusOK, map[string]any{"data": data, "has_more": false})
	case r.Method == http.MethodPost && r.URL.Path == "/v1/messages":
		a.messages(w, r)
	default:
		anthropicFail(w, http.StatusNotFound, "not_found_error", "Not Found")
	}
}

// anthropicFail writes an error. Source: …/docs/en/api/errors#error-shapes
func anthropicFail(w http.ResponseWriter, status int, kind, text string) {
	send(w, status, map[string]any{"type": "error", "error": map[string]string{"type": kind, "message": text}, "request_id": "req_011"})
}

func (a *Anthropic) messages(w http.ResponseWriter, r *http.Request) {
	var q anthropicRequest
	if why := readAnthropic(r, &q); why != "" {
		anthropicFail(w, http.StatusBadRequest, "invalid_request_error", why)
		return
	}
	if a.overloaded() { // Source: …/docs/en/api/errors#http-errors
		anthropicFail(w, 529, "overloaded_error", "Overloaded")
		return
	}
	if strings.Contains(q.Model, "nope") { // Source: …/docs/en/api/errors: not_found_error names the model
		anthropicFail(w, http.StatusNotFound, "not_found_error", "model: "+q.Model)
		return
	}
	ask := question{model: q.Model, messages: q.Messages, maxTokens: *q.MaxTokens}
	if q.System != "" {
		ask.messages = append([]message{{"system", q.System}}, ask.messages...)
	}
	if q.Output.Format != nil {
		ask.schema = q.Output.Format.Schema
	}
	said := a.ask(r, ask)
	if said.status != http.StatusOK {
		kind := map[int]string{429: "rate_limit_error", 401: "authentication_error", 404: "not_found_error", 400: "invalid_request_error"}[said.status]
		if after := said.header.Get("Retry-After"); after != "" { // Source: …/docs/en/api/rate-limits#response-headers
			w.Header().Set("Retry-After", after)
		}
		if kind == "" {
			kind = "api_error"
		}
		anthropicFail(w, said.status, kind, said.complaint)
		return
	}
	a.answer(w, &q, said, ask.holds(Unsafe))
}

// readAnthropic says what is wrong with a request; "" if nothing is.
func readAnthropic(r *http.Request, q *anthropicRequest) string {
	var known map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&known); err != nil {
		return "The request body is not valid JSON: " + err.Error()
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !slices.Contains(anthropicFields, name) {
			return name + ": Extra inputs are not permitted"
		}
	}
	whole, _ := json.Marshal(known) // it was read just now
	if err := json.Unmarshal(whole, q); err != nil {
		return err.Error()
	}
	switch {
	case q.MaxTokens == nil:
		return "max_tokens: Field required"
	case *q.MaxTokens < 1:
		return "max_tokens: Input should be greater than or equal to 1"
	case len(q.Messages) == 0:
		return "messages: at least one message is required"
	case q.Temperature != nil && (*q.Temperature < 0 || *q.Temperature > 1): // 0 to 1, where others go to 2
		return "temperature: range: 0..1"
	case q.Temperature != nil && q.TopP != nil: // of the models since Opus 4.1
		return "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
	case q.Thinking.Type == "enabled" && q.Thinking.Budget >= *q.MaxTokens: // Source: …/build-with-claude/extended-thinking
		return "`max_tokens` must be greater than `thinking.budget_tokens`"
	}
	for i, m := range q.Messages {
		if m.Role != "user" && m.Role != "assistant" { // the system's stands at the top
			return fmt.Sprintf(`messages.%d.role: Unexpected role "%s". The Messages API accepts a top-level `+"`system`"+` parameter`, i, m.Role)
		}
		if m.Content == "" {
			return fmt.Sprintf("messages.%d: user messages must have non-empty content", i)
		}
	}
	// Source: …/build-with-claude/structured-outputs#json-schema-limitations
	if f := q.Output.Format; f != nil && (f.Type != "json_schema" || !strings.Contains(string(f.Schema), `"additionalProperties":false`)) {
		return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
	}
	return ""
}

// answer sends a message: blocks of content, thinking before text, and tokens in three kinds: those read from the cache and
// those written to it are not among input_tokens. Source: …/build-with-claude/prompt-caching#tracking-cache-performance
func (a *Anthropic) answer(w http.ResponseWriter, q *anthropicRequest, said answer, unsafe bool) {
	stop := map[string]string{"stop": "end_turn", "length": "max_tokens"}[said.finish]
	text := said.text
	if unsafe { // Source: …/test-and-evaluate/strengthen-guardrails/handle-streaming-refusals
		stop, text = "refusal", ""
	}
	cached, written := said.input/2, said.input/4
	usage := map[string]any{"input_tokens": said.input - cached - written, "cache_read_input_tokens": cached, "cache_creation_input_tokens": written,
		"output_tokens": said.output}
	var blocks []map[string]any
	if q.Thinking.Type == "enabled" {
		blocks = append(blocks, map[string]any{"type": "thinking", "thinking": "Let me think.", "signature": "c2ln"},
			map[string]any{"type": "redacted_thinking", "data": "c2VjcmV0"})
		usage["output_tokens_details"] = map[string]any{"thinking_tokens": 3}
	}
	if text != "" {
		blocks = append(blocks, map[string]any{"type": "text", "text": text})
	}
	m := map[string]any{"id": "msg_01", "type": "message", "role": "assistant", "model": q.Model, "content": blocks,
		"stop_reason": stop, "stop_sequence": nil, "usage": usage}
	if q.Stream {
		a.stream(stream(w), m, blocks, usage, stop)
		return
	}
	send(w, http.StatusOK, m)
}

// stream sends the same in events. Source: …/build-with-claude/streaming#event-types
func (a *Anthropic) stream(to events, m map[string]any, blocks []map[string]any, usage map[string]any, stop string) {
	begin := maps.Clone(m)
	begin["content"], begin["stop_reason"] = []any{}, nil
	first := maps.Clone(usage)
	first["output_tokens"] = 1
	begin["usage"] = first
	to.event("message_start", map[string]any{"type": "message_start", "message": begin})
	for i, block := range blocks {
		kind := block["type"].(string)
		open := map[string]any{"type": kind, kind: ""}
		if kind == "redacted_thinking" {
			open = block
		}
		to.event("content_block_start", map[string]any{"type": "content_block_start", "index": i, "content_block": open})
		to.event("ping", map[string]any{"type": "ping"})
		if whole, ok := block[kind].(string); ok {
			for n, piece := range halves(whole) {
				if a.Cut && n > 0 {
					to.cut()
				}
				to.event("content_block_delta", map[string]any{"type": "content_block_delta", "index": i, "delta": map[string]any{"type": kind + "_delta", kind: piece}})
			}
		}
		if kind == "thinking" {
			to.event("content_block_delta", map[string]any{"type": "content_block_delta", "index": i, "delta": map[string]any{"type": "signature_delta", "signature": "c2ln"}})
		}
		to.event("content_block_stop", map[string]any{"type": "content_block_stop", "index": i})
	}
	to.event("an_event_of_tomorrow", map[string]any{"type": "an_event_of_tomorrow"}) // unknown ones may come: …/api/versioning
	// The usage here is cumulative, and has the input on some models only.
	last := map[string]any{"output_tokens": usage["output_tokens"]}
	if details, ok := usage["output_tokens_details"]; ok {
		last["output_tokens_details"] = details
	}
	to.event("message_delta", map[string]any{"type": "message_delta", "delta": map[string]any{"stop_reason": stop}, "usage": last})
	to.event("message_stop", map[string]any{"type": "message_stop"})
}
