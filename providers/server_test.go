package providers

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"openarena/internal/secret"
)

// serve starts a server with one handler for every path and returns its chat address.
func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/v1/chat/completions"
}

// says is a handler that gives every call the same body.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

func connect(t testing.TB, e Endpoint) Client {
	t.Helper()
	c, err := New(e)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask is a small request.
func ask() *Request {
	return &Request{Model: "m", Messages: []Message{{Role: "user", Content: "What is two and two?"}}}
}

// failure calls and returns the *Error that must come.
func failure(t testing.TB, c Client, r *Request) *Error {
	t.Helper()
	reply, err := c.Chat(t.Context(), r)
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("Chat = %+v, %v; want an *Error", reply, err)
	}
	return e
}

// completionOf is the body of a plain reply.
func completionOf(content string) string {
	b, _ := json.Marshal(content)
	return `{"id":"c-1","object":"chat.completion","created":1,"model":"m-1","choices":[{"index":0,"message":{"role":"assistant","content":` +
		string(b) + `},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}`
}

func key(s string) secret.String { return secret.New(s) }

// proseOf is text of n bytes as a model writes it: words, lines, quotes.
func proseOf(n int) string {
	return strings.Repeat("Two and two are \"four\",\nas every child knows. ", n/45+1)[:n]
}
