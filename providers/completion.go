package providers

import (
	"bytes"
	"encoding/json"
	"strings"

	gojson "github.com/goccy/go-json"
)

// completion is the body of a reply, as far as we read it. Almost every server sends plain strings and whole numbers,
// which completion[string, int64] reads quickly; completion[text, count] also reads all the other shapes there are.
type completion[T ~string, N ~int64] struct {
	ID      T               `json:"id"`
	Model   T               `json:"model"`
	Choices []choice[T]     `json:"choices"`
	Usage   *tokens[N]      `json:"usage"`
	Error   json.RawMessage `json:"error"`
	Sign    T               `json:"system_fingerprint"`
}

type choice[T ~string] struct {
	Message  *message[T]     `json:"message"`
	Delta    *message[T]     `json:"delta"` // of a stream
	Finish   T               `json:"finish_reason"`
	Error    json.RawMessage `json:"error"`    // OpenRouter: a provider that failed in the middle
	Logprobs json.RawMessage `json:"logprobs"` // of many shapes
}

type message[T ~string] struct {
	Content          T `json:"content"`
	Refusal          T `json:"refusal"`
	ReasoningContent T `json:"reasoning_content"`
	Reasoning        T `json:"reasoning"` // vLLM's later name for the same
}

type tokens[N ~int64] struct {
	Prompt     N `json:"prompt_tokens"`
	Completion N `json:"completion_tokens"`
	Total      N `json:"total_tokens"`
	PromptSpec struct {
		Cached N `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionSpec struct {
		Reasoning N `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
	CacheHit N               `json:"prompt_cache_hit_tokens"` // DeepSeek
	Cost     json.RawMessage `json:"cost"`                    // OpenRouter: US dollars
}

// envelope is a decoded reply, whichever way it was read.
type envelope struct {
	id, model string
	chosen    bool // there is a first choice with a message
	finish    string
	content   string
	refusal   string
	reasoning string
	top       []Alternative
	usage     Usage  // zero: the server sent none that can be right
	ollama    bool   // an Ollama server signed it
	repaired  bool   // the body was not valid Unicode
	cost      []byte // what the server says that the call cost, as it wrote it
	failed    bool   // there is an error in it
	trouble   []byte // that error, where it is not the whole body
	said      *fault // that error, where the protocol read it itself
}

// decode reads a body that must hold one JSON value and nothing after it. repaired says that it was not valid Unicode.
func decode(body []byte) (e envelope, repaired bool, err error) {
	repaired = !wellFormed(body)
	// The fast decoder takes a zero byte for the end, and what it makes of broken Unicode is its own affair.
	if !repaired && bytes.IndexByte(body, 0) < 0 {
		var fast completion[string, int64]
		if gojson.Unmarshal(body, &fast) == nil {
			return unpack(&fast), false, nil
		}
	}
	var slow completion[text, count]
	if err := json.Unmarshal(body, &slow); err != nil {
		return envelope{}, repaired, err
	}
	return unpack(&slow), repaired, nil
}

// unpack copies what is kept, so that a short text does not hold a long body in memory.
func unpack[T ~string, N ~int64](c *completion[T, N]) envelope {
	e := envelope{id: strings.Clone(string(c.ID)), model: strings.Clone(string(c.Model)), failed: present(c.Error), ollama: c.Sign == ollamaFingerprint}
	if c.Usage != nil {
		e.usage, e.cost = c.Usage.usage(), bytes.Clone(c.Usage.Cost)
	}
	if len(c.Choices) == 0 {
		return e
	}
	first := &c.Choices[0]
	if present(first.Error) && !e.failed {
		e.failed, e.trouble = true, bytes.Clone(first.Error)
	}
	e.finish = strings.Clone(string(first.Finish))
	e.top = leading(first.Logprobs)
	m := first.Message
	if m == nil {
		m = first.Delta
	}
	if m != nil {
		e.chosen = true
		e.content = strings.Clone(string(m.Content))
		e.refusal = strings.Clone(string(m.Refusal))
		e.reasoning = strings.Clone(string(m.ReasoningContent))
		if e.reasoning == "" {
			e.reasoning = strings.Clone(string(m.Reasoning))
		}
	}
	return e
}

// mostTokens is above what any single call can use. A server that counts more has counted nothing.
const mostTokens = 100_000_000

// usage is what the server counted; zero where a count is nonsense, since the others then cannot be trusted either.
func (t *tokens[N]) usage() Usage {
	if max(t.Prompt, t.Completion, t.Total, t.PromptSpec.Cached, t.CompletionSpec.Reasoning, t.CacheHit) > mostTokens {
		return Usage{}
	}
	at := func(n N) int64 { return max(0, int64(n)) }
	return Usage{
		Input:  at(t.Prompt),
		Cached: max(at(t.PromptSpec.Cached), at(t.CacheHit)),
		// Some servers leave reasoning out of completion_tokens, but not out of the total.
		Output:    max(at(t.Completion), at(t.Total)-at(t.Prompt)),
		Reasoning: at(t.CompletionSpec.Reasoning),
	}
}

// present reports whether an error field says anything.
func present(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "false", `""`, "{}", "[]":
		return false
	}
	return true
}

// finishes maps what servers say to the Finish constants.
var finishes = map[string]string{
	"stop": FinishStop, "eos": FinishStop, "eos_token": FinishStop, "stop_sequence": FinishStop, "end_turn": FinishStop,
	"length": FinishLength, "max_tokens": FinishLength, "max_output_tokens": FinishLength, "model_length": FinishLength,
	"model_context_window_exceeded": FinishLength,
	"content_filter":                FinishFiltered, "safety": FinishFiltered, "recitation": FinishFiltered, "prohibited_content": FinishFiltered,
	"blocklist": FinishFiltered, "spii": FinishFiltered,
	"refusal": FinishRefusal,
}

// Finished is the Finish constant for what a server said of the end of a reply.
func Finished(server string) string {
	if f, ok := finishes[strings.ToLower(server)]; ok {
		return f
	}
	return FinishUnknown
}
