package providers

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReplies(t *testing.T) {
	usage := Usage{Input: 11, Output: 7}
	const plain = `"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}`
	for _, c := range []struct {
		name string
		body string
		want Reply
	}{
		{"the usual reply", completionOf("Four."),
			Reply{Text: "Four.", Finish: FinishStop, Model: "m-1", RequestID: "c-1", Usage: usage}},
		{"content is null and the refusal has a field of its own",
			`{"choices":[{"message":{"content":null,"refusal":"I will not."},"finish_reason":"stop"}],` + plain,
			Reply{Refusal: "I will not.", Finish: FinishRefusal, Usage: usage}},
		{"content is a list of parts", `{"choices":[{"message":{"content":[{"type":"text","text":"Fo"},{"type":"text","text":"ur."}]},"finish_reason":"eos"}],` + plain,
			Reply{Text: "Four.", Finish: FinishStop, Usage: usage}},
		{"a part of the content is thinking", `{"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Four."}]},"finish_reason":"stop"}],` + plain,
			Reply{Text: "Four.", Reasoning: "hm", Finish: FinishStop, Usage: usage}},
		{"reasoning under its older name", `{"choices":[{"message":{"content":"Four.","reasoning_content":"2+2"},"finish_reason":"length"}],` + plain,
			Reply{Text: "Four.", Reasoning: "2+2", Finish: FinishLength, Usage: usage}},
		{"reasoning under its newer name", `{"choices":[{"message":{"content":"Four.","reasoning":"2+2"},"finish_reason":"tool_calls"}],` + plain,
			Reply{Text: "Four.", Reasoning: "2+2", Finish: FinishUnknown, Usage: usage}},
		{"a think block is moved out of the content", completionOf("<think>2+2\n</think>\n\nFour."),
			Reply{Text: "Four.", Reasoning: "2+2", Finish: FinishStop, Model: "m-1", RequestID: "c-1", Usage: usage}},
		{"no finish reason", `{"choices":[{"message":{"content":"Four."},"finish_reason":null}],` + plain,
			Reply{Text: "Four.", Finish: FinishUnknown, Usage: usage}},
		{"filtered, empty", `{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}],` + plain,
			Reply{Finish: FinishFiltered, Usage: usage}},
		{"an empty error beside the choices is none", `{"error":null,"choices":[{"message":{"content":"Four."},"error":null,"finish_reason":"stop"}],` + plain,
			Reply{Text: "Four.", Finish: FinishStop, Usage: usage}},
		{"cached and reasoning tokens", `{"choices":[{"message":{"content":"Four."},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":40}}}`,
			Reply{Text: "Four.", Finish: FinishStop, Usage: Usage{Input: 100, Cached: 64, Output: 50, Reasoning: 40}}},
		{"reasoning tokens that only the total counts", `{"choices":[{"message":{"content":"Four."},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":150,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":40}}}`,
			Reply{Text: "Four.", Finish: FinishStop, Usage: Usage{Input: 100, Output: 50, Reasoning: 40}}},
		{"counts with fractions and in quotes", `{"id":5,"choices":[{"message":{"content":"Four."},"finish_reason":"stop"}],"usage":{"prompt_tokens":11.0,"completion_tokens":"7"}}`,
			Reply{Text: "Four.", Finish: FinishStop, RequestID: "5", Usage: usage}},
		{"no usage: a quarter of the characters, rounded up", `{"choices":[{"message":{"content":"Four.","reasoning":"2+2=4"},"finish_reason":"stop"}]}`,
			Reply{Text: "Four.", Reasoning: "2+2=4", Finish: FinishStop, Usage: Usage{Input: 5, Output: 3, Reasoning: 2, Estimated: true}}},
		{"a count that no call can reach: as if there were no usage", `{"choices":[{"message":{"content":"Four."},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":1000000000000000000}}`,
			Reply{Text: "Four.", Finish: FinishStop, Usage: Usage{Input: 5, Output: 2, Estimated: true}}},
		{"a hundred million tokens are much, but may be", `{"choices":[{"message":{"content":"Four."},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":100000000}}`,
			Reply{Text: "Four.", Finish: FinishStop, Usage: Usage{Input: 11, Output: 100_000_000}}},
		{"blank lines while the server thinks", "\n\n\n" + completionOf("Four.") + "\n",
			Reply{Text: "Four.", Finish: FinishStop, Model: "m-1", RequestID: "c-1", Usage: usage}},
		{"a lone surrogate is replaced and said", `{"choices":[{"message":{"content":"Four\ud83d."},"finish_reason":"stop"}],` + plain,
			Reply{Text: "Four\ufffd.", Finish: FinishStop, Usage: usage, Repaired: true}},
		{"a pair of surrogates is an emoji", `{"choices":[{"message":{"content":"Four\ud83d\ude00"},"finish_reason":"stop"}],` + plain,
			Reply{Text: "Four😀", Finish: FinishStop, Usage: usage}},
		{"invalid UTF-8 is replaced and said", `{"choices":[{"message":{"content":"Four` + "\xff" + `."},"finish_reason":"stop"}],` + plain,
			Reply{Text: "Four\ufffd.", Finish: FinishStop, Usage: usage, Repaired: true}},
		{"an escaped zero is a character like any other", `{"choices":[{"message":{"content":"a\u0000b"},"finish_reason":"stop"}],` + plain,
			Reply{Text: "a\x00b", Finish: FinishStop, Usage: usage}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := connect(t, Endpoint{URL: serve(t, says(200, c.body))}).Chat(t.Context(), ask())
			if err != nil {
				t.Fatal(err)
			}
			if got.Took <= 0 {
				t.Errorf("the reply took %v", got.Took)
			}
			got.Took = 0
			if d := cmp.Diff(&c.want, got); d != "" {
				t.Errorf("reply differs (-want +got):\n%s", d)
			}
		})
	}
}

func TestUnreadableReplies(t *testing.T) {
	long := strings.Repeat("ä\x1b[31m", 200)
	for _, c := range []struct {
		name, media, body string
		reason            string
		says              string // part of the error
	}{
		{"a page", "text/html", "<html>\n<body>Bad \x1b]0;gateway</body>", ReasonMalformed, `the answer is a web page, "Bad \x1b]0;gateway"; that is a web page: url must be`},
		{"a page with a title", "text/html", "\n<!DOCTYPE html>\n<html><head><meta x><title>\nSign in &amp; go</title></head>", ReasonMalformed, `a web page, "Sign in & go"`},
		{"a page that says to be JSON", "application/json", "<html><h1>Hello</h1>", ReasonMalformed, `a web page, "Hello"`},
		{"a completion said to be a page", "text/html", completionOf("Four."), ReasonMalformed, "content type text/html"},
		{"an event stream that nobody asked for", "text/event-stream", "data: {}\n\n", ReasonMalformed, "text/event-stream"},
		{"a truncated body", "application/json", completionOf("Four.")[:80], ReasonMalformed, "unexpected end of JSON input"},
		{"junk after the value", "application/json", completionOf("Four.") + `{"more":1}`, ReasonMalformed, "after top-level value"},
		{"nothing at all", "application/json", "", ReasonMalformed, "unexpected end of JSON input"},
		{"no choices", "application/json", `{"id":"x","choices":[]}`, ReasonMalformed, "it has no answer"},
		{"a choice without a message", "application/json", `{"choices":[{}]}`, ReasonMalformed, "it has no answer"},
		{"another kind of value", "application/json", `"hello"`, ReasonMalformed, "cannot unmarshal"},
		{"a long body is cut", "application/json", long, ReasonMalformed, "…"},
		{"a reply that the server broke off", "application/json",
			`{"choices":[{"message":{"content":"Fo"},"finish_reason":"abort"}]}`, ReasonAborted, "gave up"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.media)
				io.WriteString(w, c.body)
			})
			e := failure(t, connect(t, Endpoint{URL: url}), ask())
			if e.Class != Temporary || e.Reason != c.reason || !strings.Contains(e.Error(), c.says) {
				t.Errorf("error = %v %s, %q; want temporary %s, naming %q", e.Class, e.Reason, e, c.reason, c.says)
			}
			if len(e.Error()) > 2*maxExcerpt+100 || strings.ContainsAny(e.Error(), "\x1b\n") {
				t.Errorf("the error is too long or holds control characters: %q", e.Error())
			}
		})
	}
}

// A body cut at any byte is an error, never a shorter answer.
func TestEveryCutIsNoticed(t *testing.T) {
	body := completionOf("Four \"and\" a bit, 😀 and \\ more.")
	for n := range len(body) {
		if e, _, err := decode([]byte(body[:n])); err == nil {
			t.Fatalf("decode(first %d of %d bytes) = %+v; want an error", n, len(body), e)
		}
	}
}

func TestErrorsInsideA200(t *testing.T) {
	for _, c := range []struct {
		name, body string
		class      Class
		reason     string
	}{
		{"OpenRouter: code is a number", `{"error":{"code":429,"message":"Rate limit exceeded"}}`, Overloaded, ReasonRateLimit},
		{"code is a number in quotes", `{"error":{"code":"503","message":"busy"}}`, Temporary, ReasonServer},
		{"code is a word", `{"error":{"code":"insufficient_quota","message":"no"}}`, Refused, ReasonQuota},
		{"error is a string", `{"error":"something broke"}`, Temporary, ReasonServer},
		{"only the type says it", `{"error":{"type":"authentication_error","message":"no"}}`, Refused, ReasonBadKey},
		{"flat", `{"object":"error","message":"This model's maximum context length is 4096 tokens","code":400}`, Rejected, ReasonContext},
		{"beside choices", `{"error":{"code":402,"message":"no credit"},"choices":[{"message":{"content":"x"}}]}`, Refused, ReasonQuota},
		{"in the choice", `{"choices":[{"message":{"content":"x"},"finish_reason":"error","error":{"code":502,"message":"provider died"}}]}`, Temporary, ReasonServer},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := failure(t, connect(t, Endpoint{URL: serve(t, says(200, c.body))}), ask())
			if e.Class != c.class || e.Reason != c.reason || e.Status != 200 {
				t.Errorf("%s gives %v %s, status %d; want %v %s, status 200", c.body, e.Class, e.Reason, e.Status, c.class, c.reason)
			}
		})
	}
}

func TestRequestBody(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Request
		want string
	}{
		{"nothing but the question", Request{Model: "m", Messages: []Message{{"user", "<a> & b"}}},
			`{"messages":[{"role":"user","content":"<a> & b"}],"model":"m","stream":false}`},
		{"params in the order of their names, at every depth",
			Request{Model: "m", Params: map[string]any{"top_p": 0.5, "max_tokens": int64(1024), "extra": map[string]any{"b": 1, "a": []any{nil, true}}}},
			`{"extra":{"a":[null,true],"b":1},"max_tokens":1024,"messages":null,"model":"m","stream":false,"top_p":0.5}`},
		{"an object is asked for", Request{Model: "m", Format: &Format{Kind: "json_object"}},
			`{"messages":null,"model":"m","response_format":{"type":"json_object"},"stream":false}`},
		{"a schema is asked for, in place of what params say",
			Request{Model: "m", Params: map[string]any{"response_format": 1}, Format: &Format{Kind: "json_schema", Name: "v", Schema: json.RawMessage(`{"type":"object"}`)}},
			`{"messages":null,"model":"m","response_format":{"type":"json_schema","json_schema":{"name":"v","strict":true,"schema":{"type":"object"}}},"stream":false}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 20 { // map order differs from run to run
				got, err := encode(&c.r, false)
				if err != nil || string(got) != c.want {
					t.Fatalf("encode = %s, %v\nwant     %s", got, err, c.want)
				}
			}
		})
	}
	for _, field := range []string{"model", "messages", "stream"} {
		url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
		r := ask()
		r.Params = map[string]any{field: true}
		if e := failure(t, connect(t, Endpoint{URL: url}), r); e.Class != Rejected || !strings.Contains(e.Error(), field) {
			t.Errorf("params with %s: %v; want it rejected", field, e)
		}
	}
}

func TestAuthentication(t *testing.T) {
	for _, c := range []struct {
		name string
		e    Endpoint
		want map[string]string
	}{
		{"bearer is the default", Endpoint{Key: key("sk-1")}, map[string]string{"Authorization": "Bearer sk-1"}},
		{"a header of its own", Endpoint{Key: key("sk-1"), Auth: "api-key"}, map[string]string{"Api-Key": "sk-1", "Authorization": ""}},
		{"none sends no key", Endpoint{Key: key("sk-1"), Auth: "none"}, map[string]string{"Authorization": ""}},
		{"no key", Endpoint{}, map[string]string{"Authorization": ""}},
		{"further headers", Endpoint{Headers: map[string]string{"x-team": "eval"}}, map[string]string{"X-Team": "eval", "Content-Type": "application/json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got http.Header
			c.e.URL = serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = r.Header
				io.WriteString(w, completionOf("Four."))
			})
			if _, err := connect(t, c.e).Chat(t.Context(), ask()); err != nil {
				t.Fatal(err)
			}
			for name, want := range c.want {
				if got.Get(name) != want {
					t.Errorf("%s: %q; want %q", name, got.Get(name), want)
				}
			}
		})
	}
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name string
		e    Endpoint
		says string
	}{
		{"an unknown kind names the known ones", Endpoint{URL: "http://h/v1", Kind: "carrier-pigeon"}, "openai"},
		{"no scheme", Endpoint{URL: "localhost:8000/v1"}, "not an address"},
		{"no host", Endpoint{URL: "http:///v1"}, "not an address"},
		{"an address that does not parse", Endpoint{URL: "http://h/%zz?key=sk-CANARY12345"}, "not an address"},
		{"a key with a line break", Endpoint{URL: "http://h/v1", Key: key("sk-CANARY12345\n")}, "line break"},
		{"a header name with a space", Endpoint{URL: "http://h/v1", Headers: map[string]string{"X Team": "sk-CANARY12345"}}, "X Team"},
		{"auth that is no header name", Endpoint{URL: "http://h/v1", Key: key("sk-CANARY12345"), Auth: "a b"}, "auth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(c.e)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("New = %v; want an error with %q and without the key", err, c.says)
			}
		})
	}
}

func TestCancelReturnsTheContextsError(t *testing.T) {
	reached := make(chan struct{})
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then does the server notice a client that leaves
		close(reached)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-reached
		cancel()
	}()
	c := connect(t, Endpoint{URL: url})
	if _, err := c.Chat(ctx, ask()); !errors.Is(err, context.Canceled) {
		t.Errorf("Chat during the cancel = %v; want context.Canceled", err)
	}
	if _, err := c.Chat(ctx, ask()); err != context.Canceled {
		t.Errorf("Chat after the cancel = %v; want context.Canceled", err)
	}
}

// A small compressed body may unpack to any size.
func TestLargeBodiesAreCut(t *testing.T) {
	block := make([]byte, 1<<20)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(block)
	z.Close()
	for encoding, piece := range map[string][]byte{"identity": block, "gzip": packed.Bytes()} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", encoding)
			for range 4 * maxBody / len(block) { // gzip is a sequence of members
				if _, err := w.Write(piece); err != nil {
					return // the client has had enough
				}
			}
		})
		if e := failure(t, connect(t, Endpoint{URL: url}), ask()); e.Class != Temporary || e.Reason != ReasonTooLarge {
			t.Errorf("%s: %v %s; want temporary %s", encoding, e.Class, e.Reason, ReasonTooLarge)
		}
	}
}

func TestConnectionsAreKept(t *testing.T) {
	seen := map[string]bool{}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen[r.RemoteAddr] = true
		io.WriteString(w, completionOf("Four."))
	})
	c := connect(t, Endpoint{URL: url})
	for range 5 {
		if _, err := c.Chat(t.Context(), ask()); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 1 {
		t.Errorf("5 calls came over %d connections; want 1", len(seen))
	}
}
