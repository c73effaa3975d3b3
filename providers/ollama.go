package providers

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// ollama is Ollama's own protocol. Unlike its OpenAI-compatible one it can size the context.
// Source: https://github.com/ollama/ollama/blob/main/docs/api.md
type ollama struct {
	chat, tags *url.URL
}

var ollamaKind = kind{auth: "bearer", speak: func(_ Endpoint, u *url.URL) (protocol, error) { return newOllama(u), nil }, wrap: newOllamaClient}

func newOllama(u *url.URL) *ollama {
	return &ollama{chat: ollamaPath(u, "chat"), tags: ollamaPath(u, "tags")}
}

// ollamaPath is a path of the API of the server that any of its addresses leads to, the OpenAI-compatible ones included.
func ollamaPath(u *url.URL, name string) *url.URL {
	base := strings.TrimRight(u.Path, "/")
	for _, end := range []string{"/chat/completions", "/v1", "/api/chat", "/api"} {
		base = strings.TrimSuffix(base, end)
	}
	there := *u
	there.Path, there.RawPath = base+"/api/"+name, ""
	return &there
}

// options are the parameters that Ollama takes below "options", by the names that params may use for them. What is not
// here is ignored by it without a word.
// Source: https://github.com/ollama/ollama/blob/main/docs/modelfile.mdx and api/types.go
var ollamaOptions = map[string]string{
	"max_tokens": "num_predict", "max_completion_tokens": "num_predict", "num_predict": "num_predict",
	"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "min_p": "min_p", "typical_p": "typical_p", "seed": "seed", "stop": "stop",
	"frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty", "repeat_penalty": "repeat_penalty",
	"repeat_last_n": "repeat_last_n", "mirostat": "mirostat", "mirostat_tau": "mirostat_tau", "mirostat_eta": "mirostat_eta",
	"num_keep": "num_keep", "num_batch": "num_batch", "num_gpu": "num_gpu", "main_gpu": "main_gpu", "num_thread": "num_thread", "use_mmap": "use_mmap",
}

// ollamaFields are those that it takes beside them.
var ollamaFields = []string{"think", "format", "options", "tools", "logprobs", "top_logprobs"}

// foreign is a parameter that Ollama does not know, the first by name; "" if it knows all.
func foreign(r *Request) string {
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		if _, sent := r.Adapt.name(name); !sent {
			continue
		}
		if ollamaOptions[name] == "" && name != "reasoning_effort" && !slices.Contains(ollamaFields, name) {
			return name
		}
	}
	return ""
}

// build makes the body of a call. The context is never cut and never shifted: a server that can says instead that it is too
// small. One that cannot is found out by its counts.
func (p *ollama) build(r *Request, stream bool) (posted, error) {
	params, err := fields(r, "model", "messages", "stream")
	if err != nil {
		return posted{}, err
	}
	options, err := optionsOf(params, r.NumCtx)
	if err != nil {
		return posted{}, err
	}
	body := map[string]any{
		"model": r.Model, "messages": r.Messages, "stream": stream, "options": options, "truncate": false, "shift": false,
	}
	for _, name := range ollamaFields {
		if v, ok := params[name]; ok && name != "options" {
			body[name] = v
		}
	}
	if effort, ok := params["reasoning_effort"]; ok && body["think"] == nil {
		body["think"] = thinkLevel(effort)
	}
	if r.KeepAlive != "" {
		body["keep_alive"] = r.KeepAlive
	}
	switch {
	case r.Format == nil:
	case r.Format.Kind == "json_schema":
		body["format"] = r.Format.Schema
	default:
		body["format"] = "json"
	}
	b, err := marshal(body)
	return posted{url: p.chat, body: b}, err
}

// optionsOf are the options of a call: params under their names there, and what params themselves hold as options.
func optionsOf(params map[string]any, numCtx int) (map[string]any, error) {
	options := map[string]any{}
	if numCtx > 0 {
		options["num_ctx"] = numCtx
	}
	for name, v := range params {
		theirs, ok := ollamaOptions[name]
		if !ok {
			continue
		}
		if one, ok := v.(string); ok && theirs == "stop" {
			v = []string{one} // it takes a list only
		}
		options[theirs] = v
	}
	switch own := params["options"].(type) {
	case nil:
	case map[string]any:
		maps.Copy(options, own)
	default:
		return nil, fmt.Errorf("options must be a table, such as {num_gpu: 0}")
	}
	return options, nil
}

// thinkLevel is what OpenAI's reasoning_effort means to Ollama.
func thinkLevel(effort any) any {
	if effort == "none" || effort == "minimal" {
		return false
	}
	return effort
}

// ollamaReply is a reply, or a line of a streamed one.
type ollamaReply struct {
	Model   text `json:"model"`
	Message *struct {
		Content  text `json:"content"`
		Thinking text `json:"thinking"`
	} `json:"message"`
	Done     bool            `json:"done"`
	Reason   text            `json:"done_reason"`
	Prompt   count           `json:"prompt_eval_count"`
	Answer   count           `json:"eval_count"`
	Logprobs json.RawMessage `json:"logprobs"`
	Error    json.RawMessage `json:"error"`
}

func (p *ollama) read(_ *Request, body []byte) (envelope, error) {
	var o ollamaReply
	repaired, err := unmarshal(body, &o)
	e := o.envelope()
	e.repaired = repaired
	if err == nil && e.chosen && !o.Done {
		return e, fmt.Errorf("it does not say that it is done")
	}
	return e, err
}

func (p *ollama) fold(g *gathering, event []byte) error {
	var o ollamaReply
	if err := json.Unmarshal(event, &o); err != nil {
		return err
	}
	if present(o.Error) {
		g.failed, g.trouble = true, append([]byte(nil), event...)
		return nil
	}
	e := o.envelope()
	if !o.Done {
		e.finish = ""
	}
	g.join(&e)
	g.whole, g.over = o.Done, o.Done
	return nil
}

func (o *ollamaReply) envelope() envelope {
	e := envelope{model: string(o.Model), finish: string(o.Reason), failed: present(o.Error), top: ollamaLeading(o.Logprobs)}
	counted := tokens[count]{Prompt: o.Prompt, Completion: o.Answer}
	e.usage = counted.usage()
	if o.Message != nil {
		e.chosen = true
		e.content, e.reasoning = string(o.Message.Content), string(o.Message.Thinking)
	}
	return e
}

// ollamaLeading reads the alternatives to the first token, in the same shape as OpenAI's, without the object around them.
func ollamaLeading(raw json.RawMessage) []Alternative {
	if !present(raw) {
		return nil
	}
	return leading(slices.Concat([]byte(`{"content":`), raw, []byte(`}`)))
}

func (p *ollama) listing() *url.URL { return p.tags }

func (p *ollama) names(body []byte) ([]string, error) {
	var list struct {
		Models []struct {
			Name text `json:"name"`
		} `json:"models"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("the list of models cannot be read: %w", err)
	}
	var names []string
	for _, m := range list.Models {
		names = append(names, string(m.Name))
	}
	return names, nil
}
