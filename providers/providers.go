// Package providers talks to language models.
//
// A [Client] sends one [Request] and returns a [Reply] or an *[Error], whose class says what may be done next. One file
// per protocol registers itself under its kind. A [Gate] per address and key decides when a call may start; a [Breaker]
// per model decides whether it still makes sense. Nothing here repeats a call by itself: that is the caller's decision.
package providers

import (
	"context"
	"encoding/json"
	"time"

	"openarena/internal/secret"
)

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"` // system, user or assistant
	Content string `json:"content"`
}

// Request is one call.
type Request struct {
	Model    string
	Messages []Message
	Params   map[string]any // passed through into the body: temperature, max_tokens, seed …
	Format   *Format        // what the reply must look like; nil: text
	Adapt    Adaptation     // what this server is known not to take as Params have it

	// Ollama's own protocol only.
	NumCtx    int    // tokens of context; 0: as many as the prompt needs
	KeepAlive string // how long the model stays loaded, such as 10m0s; "": as the server likes
}

// Format asks for structured output. It is a hint: servers ignore it, so the reply is read with care all the same.
type Format struct {
	Kind   string          // "json_schema" or "json_object"
	Name   string          // of the schema
	Schema json.RawMessage // for json_schema
}

// Why a reply ended.
const (
	FinishStop     = "stop"
	FinishLength   = "length"         // cut at max_tokens
	FinishFiltered = "content_filter" // withheld by the provider
	FinishRefusal  = "refusal"        // the model declined in a field of its own
	FinishUnknown  = "unknown"        // the server did not say, or said something else
)

// Reply is a finished answer: text as the server sent it, reasoning kept apart.
type Reply struct {
	Text      string // may be empty
	Reasoning string // reasoning fields and <think> blocks
	Refusal   string // the server's refusal text; Text is then usually empty
	Finish    string // one of the Finish constants
	Model     string // as the server names it
	RequestID string
	Took      time.Duration // from the request to the end of the reply
	Usage     Usage
	Rates     Rates         // what the headers say of limits
	Top       []Alternative // to the first token of Text; nil unless params asked for logprobs and the server tells them
	Repaired  bool          // the body held invalid UTF-8 or a lone surrogate, replaced by U+FFFD
}

// Usage is what a call cost, in tokens.
type Usage struct {
	Input     int64 // prompt, cached part included
	Cached    int64
	Output    int64 // completion, reasoning included
	Reasoning int64
	Estimated bool // the server sent no usage: a quarter of the characters
	// Cost is what the provider says that the call cost, in billionths of a US dollar; nil where it says nothing.
	Cost *int64
}

// Client sends one request. Its errors are *Error, or ctx's own.
type Client interface {
	Chat(ctx context.Context, r *Request) (*Reply, error)
}

// Endpoint is where and how to call. The zero value of each field is its default.
type Endpoint struct {
	Name        string // shown in errors; "": the host of URL
	URL         string
	Kind        string        // "": openai
	Key         secret.String // sent as Auth says; empty: none
	Auth        string        // "": as the kind does it; bearer; none; or the name of the header that carries the key
	Headers     map[string]string
	Timeout     time.Duration // one whole call; 0: 10 minutes
	IdleTimeout time.Duration // silence after the first byte of the body; 0: 2 minutes
	Connections int           // kept open, at least 1024
	Stream      bool          // replies come in events, so that no proxy takes a long thought for a dead connection
}
