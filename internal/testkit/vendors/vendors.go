// Package vendors has model servers that speak the protocols of Anthropic, Google and Azure, written from the vendors' public
// documentation and apart from the client that is tested against them. They are strict where the vendors are: what is documented
// as an error is one here. Each peculiarity names its source.
//
// What they say comes from another handler that speaks OpenAI's protocol, such as fakellm's server, so that the same question
// gets the same answer whatever protocol it comes in, and is counted in one place.
package vendors

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
)

// Server is a vendor's server in front of a model.
type Server struct {
	// Model answers POST /v1/chat/completions.
	Model http.Handler
	// Key is what calls must carry, in the vendor's own header.
	Key string
	// Overloaded is how many of the first calls are turned away in the vendor's way.
	Overloaded int64
	// Cut ends streams in the middle.
	Cut    bool
	turned atomic.Int64
}

// New returns a vendor's handler: anthropic, gemini or azure. Any other is nil.
func New(vendor string, s *Server) http.Handler {
	switch vendor {
	case "anthropic":
		return &Anthropic{s}
	case "gemini":
		return &Gemini{s}
	case "azure":
		return &Azure{s}
	}
	return nil
}

// overloaded reports whether a call is among the first that are turned away.
func (s *Server) overloaded() bool { return s.turned.Add(1) <= s.Overloaded }

// message is one turn, without what vendors make of its role.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// question is what the model is asked, whatever the protocol.
type question struct {
	model     string
	messages  []message
	maxTokens int
	schema    json.RawMessage // nil: text
}

// answer is what the model says, or why it does not.
type answer struct {
	status        int // 200, or what else the model's server says
	header        http.Header
	complaint     string
	text, finish  string
	input, output int
}

// ask puts a question to the model behind.
func (s *Server) ask(r *http.Request, q question) answer {
	body := map[string]any{"model": q.model, "messages": q.messages}
	if q.maxTokens > 0 {
		body["max_tokens"] = q.maxTokens
	}
	if q.schema != nil {
		body["response_format"] = map[string]any{"type": "json_schema", "json_schema": map[string]any{"schema": q.schema}}
	}
	b, _ := json.Marshal(body) // texts and numbers: cannot fail
	inner := httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/v1/chat/completions", bytes.NewReader(b))
	w := httptest.NewRecorder()
	s.Model.ServeHTTP(w, inner)
	var reply struct {
		Choices []struct {
			Message struct{ Content string }
			Finish  string `json:"finish_reason"`
		}
		Usage struct {
			Input  int `json:"prompt_tokens"`
			Output int `json:"completion_tokens"`
		}
		Error struct{ Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || w.Code == http.StatusOK && len(reply.Choices) == 0 {
		return answer{status: http.StatusInternalServerError, complaint: "the model behind cannot be read"}
	}
	a := answer{status: w.Code, header: w.Header(), complaint: reply.Error.Message, input: reply.Usage.Input, output: reply.Usage.Output}
	if len(reply.Choices) > 0 {
		a.text, a.finish = reply.Choices[0].Message.Content, reply.Choices[0].Finish
	}
	return a
}

// halves are a text in two pieces, as a stream would have it.
func halves(text string) []string {
	runes := []rune(text)
	return []string{string(runes[:len(runes)/2]), string(runes[len(runes)/2:])}
}

// send writes a body of JSON.
func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

// events writes server-sent events.
type events struct{ w http.ResponseWriter }

func stream(w http.ResponseWriter) events {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	return events{w}
}

// event writes one; a name of "" is left out.
func (e events) event(name string, v any) {
	b, _ := json.Marshal(v) // built here: cannot fail
	if name != "" {
		_, _ = io.WriteString(e.w, "event: "+name+"\n")
	}
	_, _ = io.WriteString(e.w, "data: "+string(b)+"\n\n")
	_ = http.NewResponseController(e.w).Flush()
}

// cut ends a connection inside a stream.
func (e events) cut() { panic(http.ErrAbortHandler) }

// strings the vendors' filters act on, put into prompts by tests.
const (
	// Blocked in a prompt has it refused.
	Blocked = "[[blocked]]"
	// Unsafe in a prompt has its answer withheld.
	Unsafe = "[[unsafe]]"
)

func (q *question) holds(marker string) bool {
	for _, m := range q.messages {
		if strings.Contains(m.Content, marker) {
			return true
		}
	}
	return false
}
