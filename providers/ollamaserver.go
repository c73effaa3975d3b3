package providers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Ollama is an Ollama server as the keeper of its models: which it has, what they are like, and how it gets others. Its
// methods may be called by many goroutines at once; their errors are *Error, or ctx's own.
type Ollama struct {
	line *line
}

// ollamaPort is where Ollama listens unless it is told otherwise.
const ollamaPort = "11434"

// lookTimeout is for questions that a server answers without a model. A busy one may take a while.
const lookTimeout = 15 * time.Second

// NewOllama returns the server that e leads to, by whichever of its addresses: /api/chat, /v1 or its root. It makes no call.
func NewOllama(e Endpoint) (*Ollama, error) {
	l, err := newLine(e, nil)
	if err != nil {
		return nil, err
	}
	return &Ollama{line: l}, nil
}

// MayBeOllama reports whether an endpoint is one of Ollama, or may be by its port: then Version tells.
func MayBeOllama(e Endpoint) bool {
	u, err := url.Parse(e.URL)
	return err == nil && (e.Kind == "ollama" || (e.Kind == "" || e.Kind == "openai") && u.Port() == ollamaPort)
}

// Address is the server's root, the same for all ways to write it.
func (o *Ollama) Address() string {
	u := ollamaPath(o.line.url, "")
	host := u.Hostname()
	if host == "127.0.0.1" || host == "::1" {
		host = "localhost"
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + host + ":" + port + strings.TrimSuffix(u.Path, "/api/")
}

// Version is what the server calls its version; an error if it is no Ollama.
func (o *Ollama) Version(ctx context.Context) (string, error) {
	var v struct {
		Version *text `json:"version"`
	}
	if err := o.ask(ctx, http.MethodGet, "version", nil, &v); err != nil {
		return "", err
	}
	if v.Version == nil {
		return "", o.line.fail(Error{Reason: ReasonMalformed, Status: http.StatusOK}, "the server is no Ollama")
	}
	return o.line.mask.excerpt(string(*v.Version)), nil
}

// OllamaModel is what an Ollama server knows of a model.
type OllamaModel struct {
	Context int // tokens that it was trained for, the most that a context can have; 0: not told
	NumCtx  int // the context that its own settings ask for; 0: they do not
}

// Show returns what the server knows of a model. Where it does not have it, the error's Reason is ReasonModel.
func (o *Ollama) Show(ctx context.Context, model string) (OllamaModel, error) {
	var shown struct {
		Parameters string                     `json:"parameters"`
		Info       map[string]json.RawMessage `json:"model_info"`
	}
	if err := o.ask(ctx, http.MethodPost, "show", map[string]string{"model": model}, &shown); err != nil {
		return OllamaModel{}, err
	}
	var m OllamaModel
	var family text
	_ = json.Unmarshal(shown.Info["general.architecture"], &family) // absent: ""
	var length count
	if json.Unmarshal(shown.Info[string(family)+".context_length"], &length) == nil && length > 0 && length < mostTokens {
		m.Context = int(length)
	}
	if found := numCtxLine.FindStringSubmatch(shown.Parameters); found != nil {
		m.NumCtx, _ = strconv.Atoi(found[1]) // digits, at most nine
	}
	return m, nil
}

var numCtxLine = regexp.MustCompile(`(?m)^num_ctx\s+(\d{1,9})\s*$`)

// Has reports whether the server has a model.
func (o *Ollama) Has(ctx context.Context, model string) (bool, error) {
	_, err := o.Show(ctx, model)
	if e, ok := err.(*Error); ok && e.Reason == ReasonModel {
		return false, nil
	}
	return err == nil, err
}

// OllamaName is a model's name in full: llama3.2 is llama3.2:latest, and a scheme says nothing.
func OllamaName(model string) string {
	if _, rest, ok := strings.Cut(model, "://"); ok {
		model = rest
	}
	if strings.LastIndexByte(model, ':') <= strings.LastIndexByte(model, '/') {
		model += ":latest"
	}
	return strings.ToLower(model)
}

// ask calls a path of the API and reads the reply into v.
func (o *Ollama) ask(ctx context.Context, method, path string, body, v any) error {
	p := posted{url: ollamaPath(o.line.url, path)}
	if body != nil {
		p.body, _ = json.Marshal(body) // strings and booleans: cannot fail
	}
	inner, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	a, err := o.line.call(inner, method, p, nil)
	if err != nil {
		if ctx.Err() == nil && inner.Err() != nil {
			return o.line.fail(Error{Reason: ReasonTimeout}, "no answer from /api/%s within %v", path, lookTimeout)
		}
		return err
	}
	defer a.free()
	if a.status != http.StatusOK {
		return o.line.refusal(a, a.status, o.line.said(a), nil)
	}
	if err := json.Unmarshal(a.body.Bytes(), v); err != nil {
		return o.line.fail(Error{Reason: ReasonMalformed, Status: a.status, Hint: "check the url"}, "the answer from /api/%s cannot be read: %v", path, err)
	}
	return nil
}
