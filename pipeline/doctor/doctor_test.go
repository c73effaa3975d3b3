package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"openarena/internal/secret"
	"openarena/providers"
)

// asked is a request as a server sees it.
type asked struct {
	Model          string          `json:"model"`
	MaxTokens      *int            `json:"max_tokens"`
	Completion     *int            `json:"max_completion_tokens"`
	Temperature    *float64        `json:"temperature"`
	ResponseFormat json.RawMessage `json:"response_format"`
}

type server struct {
	list string // body of GET /models; "": 404
	chat func(w http.ResponseWriter, q asked)
}

func (s server) start(t *testing.T) string {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodGet {
			if s.list == "" {
				w.WriteHeader(http.StatusNotFound)
			}
			io.WriteString(w, s.list)
			return
		}
		var q asked
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		s.chat(w, q)
	}))
	t.Cleanup(h.Close)
	return h.URL + "/v1/chat/completions"
}

func replies(text string) func(http.ResponseWriter, asked) {
	return func(w http.ResponseWriter, _ asked) { reply(w, text) }
}

func reply(w io.Writer, text string) {
	said, _ := json.Marshal(text) // a string: cannot fail
	fmt.Fprintf(w, `{"choices":[{"message":{"content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2}}`, said)
}

func refuses(status int, body string) func(http.ResponseWriter, asked) {
	return func(w http.ResponseWriter, _ asked) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// pickyAbout refuses response_format of these kinds.
func pickyAbout(kinds ...string) func(http.ResponseWriter, asked) {
	return func(w http.ResponseWriter, q asked) {
		for _, k := range kinds {
			if strings.Contains(string(q.ResponseFormat), k) {
				refuses(400, `{"error":{"message":"response_format is not supported","param":"response_format"}}`)(w, q)
				return
			}
		}
		reply(w, `{"verdict": "A"}`)
	}
}

const lists = `{"data":[{"id":"llama3"},{"id":"mistral"}]}`

// lines are findings as a table shows them.
func lines(all []Finding) string {
	var b strings.Builder
	for _, f := range all {
		if f.Check == "connection" && f.State == OK || f.Check == "round trip" {
			continue // they tell times
		}
		fmt.Fprintf(&b, "%s %s %s: %s → %s\n", f.State, f.Check, f.Model, f.Says, f.Todo)
	}
	return b.String()
}

func TestExamine(t *testing.T) {
	contestant := Model{Name: "M", ID: "llama3", Params: map[string]any{"temperature": 0.5, "max_tokens": int64(4000)}}
	judge := Model{Name: "J", ID: "llama3", Judge: true, Rung: "auto"}
	for _, c := range []struct {
		why    string
		server server
		model  Model
		calls  int
		want   []string // parts of lines; a leading ! must not be there
	}{
		{"all is well", server{lists, replies("yes")}, contestant, 1, []string{"ok models : llama3, mistral", "ok key : accepted", "ok model M: answers in "}},
		{"no list is no fault", server{"", replies("yes")}, contestant, 1, []string{"skipped models : the server gives no list", "ok model M: answers"}},
		{"a key that is refused", server{lists, refuses(401, `{"error":"who?"}`)}, contestant, 1,
			[]string{"failed key : HTTP 401: who? → check api_key", "skipped model M: the key is refused", "!accepted"}},
		{"an unknown model", server{lists, refuses(404, `{"error":"model not found"}`)}, Model{Name: "M", ID: "lama3"}, 1,
			[]string{`failed model M: HTTP 404: model not found → check model_id: did you mean "llama3"?`}},
		{"a server that answers for any name", server{lists, replies("yes")}, Model{Name: "M", ID: "lama3"}, 1,
			[]string{"warning model M: the server does not list lama3, but answers in ", "→ did you mean llama3? correct model_id"}},
		{"a server that answers as another", server{lists, func(w http.ResponseWriter, _ asked) {
			io.WriteString(w, `{"model":"phi-4","choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}`)
		}}, contestant, 1, []string{`warning model M: answers in `, ` as "phi-4" → a server with one model may ignore the name`}},
		{"a busy server", server{lists, func(w http.ResponseWriter, q asked) {
			w.Header().Set("Retry-After", "20")
			refuses(429, `{"error":"slow down"}`)(w, q)
		}}, contestant, 1, []string{"warning model M: HTTP 429: slow down → a run waits for it: it asks for 20s"}},
		{"a model that is loaded", server{lists, refuses(503, `{"error":{"message":"Loading model","code":503}}`)}, contestant, 1,
			[]string{"warning model M: HTTP 503: Loading model → a run waits for it"}},
		{"an empty account", server{lists, refuses(402, `{"error":"pay first"}`)}, contestant, 1, []string{"failed model M: HTTP 402: pay first → add credit"}},
		{"a login page", server{lists, func(w http.ResponseWriter, _ asked) { io.WriteString(w, "<!doctype html><title>Sign in</title>") }}, contestant, 1,
			[]string{`failed model M: HTTP 200: the answer is a web page, "Sign in" → that is a web page: url must be`}},
		{"few tokens", server{lists, func(w http.ResponseWriter, q asked) {
			if q.MaxTokens == nil || *q.MaxTokens > few || q.Temperature == nil {
				t.Errorf("asked with %+v; want the model's own settings, and few tokens", q)
			}
			reply(w, "yes")
		}}, contestant, 1, []string{"ok model"}},
		{"a setting of another name", server{lists, func(w http.ResponseWriter, q asked) {
			if q.MaxTokens != nil {
				refuses(400, `{"error":{"message":"Use max_completion_tokens","param":"max_tokens"}}`)(w, q)
				return
			}
			reply(w, "yes")
		}}, contestant, 2, []string{"ok model M: answers in "}},
		{"an older name", server{lists, func(w http.ResponseWriter, q asked) {
			if q.MaxTokens == nil {
				refuses(400, `{"error":{"message":"Unknown field","param":"max_completion_tokens"}}`)(w, q)
				return
			}
			reply(w, "yes")
		}}, Model{Name: "M", ID: "llama3", Params: map[string]any{"max_completion_tokens": int64(4000)}}, 2, []string{"ok model M: answers in "}},
		{"a setting that is not known", server{lists, func(w http.ResponseWriter, q asked) {
			if q.Temperature != nil {
				refuses(400, `{"error":{"message":"no temperature here","param":"temperature"}}`)(w, q)
				return
			}
			reply(w, "yes")
		}}, contestant, 2, []string{"warning model M: answers in ", "the server does not know temperature → remove it from params"}},
		{"a server that refuses whatever it is asked", server{lists, refuses(400, `{"error":{"message":"max_tokens","param":"max_tokens"}}`)}, contestant, 2, []string{"failed model M: HTTP 400"}},
		{"limits", server{lists, func(w http.ResponseWriter, _ asked) {
			w.Header().Set("X-Ratelimit-Limit-Requests", "500")
			w.Header().Set("X-Ratelimit-Remaining-Requests", "499")
			reply(w, "yes")
		}}, contestant, 1, []string{"ok limits : 500 requests", "499 left"}},

		{"a schema", server{lists, replies(`{"verdict":"A"}`)}, judge, 1, []string{"ok judge J: answers in ", "; structured output: json_schema"}},
		{"a schema that is not kept to", server{lists, replies("Sure! A.")}, judge, 1, []string{"warning judge J: ", "json_schema is taken and not kept to"}},
		{"no providers.RungSchema", server{lists, pickyAbout(providers.RungSchema)}, judge, 2, []string{"ok judge J: ", "structured output: json_object"}},
		{"neither", server{lists, pickyAbout(providers.RungSchema, providers.RungObject)}, judge, 3, []string{"ok judge J: ", "structured output: none"}},
		{"no schema, which the file insists on", server{lists, pickyAbout(providers.RungSchema)}, Model{Name: "J", ID: "llama3", Judge: true, Rung: providers.RungSchema}, 1,
			[]string{"failed judge J: HTTP 400", "→ write structured: auto"}},
		{"text, as the file says", server{lists, func(w http.ResponseWriter, q asked) {
			if q.ResponseFormat != nil {
				t.Errorf("asked for %s; want no format", q.ResponseFormat)
			}
			reply(w, "yes")
		}}, Model{Name: "J", ID: "llama3", Judge: true, Rung: providers.RungText}, 1, []string{"ok judge J: answers in "}},
	} {
		t.Run(c.why, func(t *testing.T) {
			e := Endpoint{Endpoint: providers.Endpoint{Name: "local", URL: c.server.start(t), Key: secret.New("sk-0123456789abcdef")}, Models: []Model{c.model}}
			r := Examine(t.Context(), e, Options{})
			got := lines(r.Findings)
			for _, want := range c.want {
				if part, not := strings.CutPrefix(want, "!"); strings.Contains(got, part) == not {
					t.Errorf("the findings are\n%swant %q", got, want)
				}
			}
			if r.Calls != c.calls || r.RoundTrip <= 0 || r.Skew == nil || *r.Skew != 0 {
				t.Errorf("%d calls, round trip %v, skew %v; want %d calls, a time, no skew", r.Calls, r.RoundTrip, r.Skew, c.calls)
			}
		})
	}
}

// Without calls no model is asked, and a name that is not listed is a failure.
func TestExamineWithoutCalls(t *testing.T) {
	url := server{lists, func(http.ResponseWriter, asked) { t.Error("a model was asked") }}.start(t)
	e := Endpoint{Endpoint: providers.Endpoint{URL: url}, Models: []Model{{Name: "A", ID: "llama3:latest"}, {Name: "B", ID: "mistrel"}}}
	r := Examine(t.Context(), e, Options{NoCalls: true})
	got := lines(r.Findings)
	for _, want := range []string{"ok model A: the server lists llama3:latest", "failed model B: the server does not list mistrel → did you mean mistral?"} {
		if !strings.Contains(got, want) {
			t.Errorf("the findings are\n%swant %q", got, want)
		}
	}
	if r.Calls != 0 || e.Calls() != 2 {
		t.Errorf("%d calls of %d; want none of 2", r.Calls, e.Calls())
	}
}

// A model that plays and judges is asked as both, each name once.
func TestCalls(t *testing.T) {
	e := Endpoint{Models: []Model{{ID: "a"}, {ID: "a", Params: map[string]any{"seed": 1}}, {ID: "a", Judge: true, Rung: "auto"}, {ID: "a", Judge: true, Rung: providers.RungText}, {ID: "b"}}}
	if got := e.Calls(); got != 3 {
		t.Errorf("Calls() = %d; want 3", got)
	}
}

// An endpoint that does not answer ends with its patience, one whose context ends at once.
func TestExamineEnds(t *testing.T) {
	released := make(chan struct{})
	url := server{lists, func(http.ResponseWriter, asked) { <-released }}.start(t)
	defer close(released)
	e := Endpoint{Endpoint: providers.Endpoint{URL: url}, Models: []Model{{Name: "M", ID: "llama3"}}}
	if got := lines(Examine(t.Context(), e, Options{Patience: time.Millisecond}).Findings); !strings.Contains(got, "no complete answer within 1ms → a model that is being loaded") &&
		!strings.Contains(got, "failed model") {
		t.Errorf("the findings are\n%swant a time-out", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := Examine(ctx, e, Options{}); r.Calls != 0 {
		t.Errorf("%d calls after the end; want none", r.Calls)
	}
}

// An Ollama server tells its version; a model that it does not have is not asked for, since a run would pull it first.
func TestOllama(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.URL.Path == "/api/version":
			io.WriteString(w, `{"version":"0.6.5"}`)
		case r.URL.Path == "/api/tags":
			io.WriteString(w, `{"models":[{"name":"llama3:latest"}]}`)
		case r.URL.Path == "/api/show" && strings.Contains(string(body), "llama3"):
			io.WriteString(w, `{}`)
		case r.URL.Path == "/api/show":
			w.WriteHeader(404)
			io.WriteString(w, `{"error":"model 'x' not found"}`)
		case r.URL.Path == "/api/chat" && strings.Contains(string(body), "llama3"):
			io.WriteString(w, `{"message":{"role":"assistant","content":"yes"},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":1}`)
		default:
			t.Errorf("%s was called with %s", r.URL.Path, body)
		}
	}))
	t.Cleanup(s.Close)
	for pull, want := range map[string]string{
		"auto":  "warning model B: Ollama does not have qwen yet → a run pulls it first; or do it now: ollama pull qwen",
		"ask":   "warning model B: Ollama does not have qwen yet → a run asks whether to pull it",
		"never": "failed model B: Ollama does not have qwen yet → pull: never forbids a run to pull it: ollama pull qwen",
	} {
		e := Endpoint{Endpoint: providers.Endpoint{URL: s.URL, Kind: "ollama"}, Pull: pull, Models: []Model{{Name: "A", ID: "llama3"}, {Name: "B", ID: "qwen"}}}
		r := Examine(t.Context(), e, Options{})
		got := lines(r.Findings)
		for _, want := range []string{"ok ollama : version 0.6.5", "ok model A: answers in", want} {
			if !strings.Contains(got, want) {
				t.Errorf("the findings are\n%swant %q", got, want)
			}
		}
		if r.Calls != 1 {
			t.Errorf("%d calls; want 1", r.Calls)
		}
	}
}
