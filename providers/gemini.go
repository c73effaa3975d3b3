package providers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// gemini is Google's generateContent. Its address is that of the API, such as …/v1beta: the model is part of the path.
// Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/structured-output
type gemini struct {
	url *url.URL
}

var geminiKind = kind{
	auth: "x-goog-api-key",
	spells: map[string]string{
		"maxoutputtokens": "max_tokens", "max_output_tokens": "max_tokens", "stopsequences": "stop", "stop_sequences": "stop",
		"topp": "top_p", "topk": "top_k", "presencepenalty": "presence_penalty", "frequencypenalty": "frequency_penalty",
		"responsejsonschema": "response_format", "response_json_schema": "response_format", "responseschema": "response_format",
		"response_schema": "response_format", "responsemimetype": "response_format", "response_mime_type": "response_format",
		"json mode": "response_format",
	},
	speak: func(_ Endpoint, u *url.URL) (protocol, error) { return &gemini{url: u}, nil },
}

// geminiTop are the fields that stand beside generationConfig. All others of params go into it.
var geminiTop = []string{"safetySettings", "safety_settings", "tools", "toolConfig", "tool_config", "cachedContent", "cached_content",
	"labels", "serviceTier", "service_tier"}

// geminiNames are the fields of generationConfig that others have another name for.
var geminiNames = [][2]string{
	{"max_completion_tokens", "maxOutputTokens"}, {"max_tokens", "maxOutputTokens"}, {"top_p", "topP"}, {"top_k", "topK"},
	{"presence_penalty", "presencePenalty"}, {"frequency_penalty", "frequencyPenalty"},
}

type geminiPart struct {
	Text    text `json:"text"`
	Thought bool `json:"thought,omitempty"`
}

type geminiContent struct {
	Role  string       `json:"role,omitempty"`
	Parts []geminiPart `json:"parts"`
}

func (p *gemini) build(r *Request, stream bool) (posted, error) {
	config, err := fields(r, "model", "messages", "contents", "stream", "systemInstruction", "system_instruction")
	if err != nil {
		return posted{}, err
	}
	body := map[string]any{}
	for _, name := range geminiTop {
		if v, ok := config[name]; ok {
			body[name] = v
			delete(config, name)
		}
	}
	for _, n := range geminiNames {
		rename(config, n[0], n[1])
	}
	stopList(config, "stopSequences")
	if own, ok := config["generationConfig"].(map[string]any); ok {
		delete(config, "generationConfig")
		for name, v := range own {
			config[name] = v
		}
	}
	if r.Format != nil {
		delete(config, "response_format")
		config["responseMimeType"] = "application/json"
		if r.Format.Kind == "json_schema" {
			config["responseJsonSchema"] = r.Format.Schema
		}
	}
	if len(config) > 0 {
		body["generationConfig"] = config
	}
	var system []geminiPart
	contents := make([]geminiContent, 0, len(r.Messages))
	for _, m := range r.Messages {
		part := geminiPart{Text: text(m.Content)}
		switch m.Role {
		case "system":
			system = append(system, part)
		case "assistant":
			contents = append(contents, geminiContent{"model", []geminiPart{part}})
		default:
			contents = append(contents, geminiContent{m.Role, []geminiPart{part}})
		}
	}
	body["contents"] = contents
	if len(system) > 0 {
		body["systemInstruction"] = geminiContent{Parts: system}
	}
	b, err := marshal(body)
	return posted{url: p.method(r.Model, stream), body: b}, err
}

// method is the address of a model.
func (p *gemini) method(model string, stream bool) *url.URL {
	if !strings.Contains(model, "/") {
		model = "models/" + model
	}
	u := *p.url
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"/"+model+":generateContent", ""
	if stream {
		u.Path = strings.TrimSuffix(u.Path, ":generateContent") + ":streamGenerateContent"
		query := u.Query()
		query.Set("alt", "sse") // else it is one long list
		u.RawQuery = query.Encode()
	}
	return &u
}

type geminiReply struct {
	Candidates []struct {
		Content struct {
			Parts []geminiPart `json:"parts"`
		} `json:"content"`
		Finish text `json:"finishReason"`
	} `json:"candidates"`
	Feedback struct {
		Reason  text `json:"blockReason"`
		Message text `json:"blockReasonMessage"`
	} `json:"promptFeedback"`
	Usage struct {
		Prompt     count `json:"promptTokenCount"` // the cached ones among them
		Cached     count `json:"cachedContentTokenCount"`
		Candidates count `json:"candidatesTokenCount"`
		Thoughts   count `json:"thoughtsTokenCount"` // beside those of the candidates
	} `json:"usageMetadata"`
	Model text            `json:"modelVersion"`
	ID    text            `json:"responseId"`
	Error json.RawMessage `json:"error"`
}

func (p *gemini) read(_ *Request, body []byte) (e envelope, err error) {
	var r geminiReply
	if e.repaired, err = unmarshal(body, &r); err != nil {
		return e, err
	}
	var g gathering
	r.gather(&g)
	repaired := e.repaired
	e = g.gathered()
	e.repaired = repaired
	return e, nil
}

func (p *gemini) fold(g *gathering, event []byte) error {
	var r geminiReply
	if _, err := unmarshal(event, &r); err != nil {
		return err
	}
	if r.gather(g); g.failed && g.said == nil {
		g.trouble = bytes.Clone(event)
	}
	return nil
}

// gather adds a reply, or a piece of one, to what came before it.
func (r *geminiReply) gather(g *gathering) {
	if present(r.Error) {
		g.failed = true
		return
	}
	if r.ID != "" {
		g.id = string(r.ID)
	}
	if r.Model != "" {
		g.model = string(r.Model)
	}
	u := &r.Usage
	t := tokens[count]{Prompt: u.Prompt, Completion: u.Candidates + u.Thoughts}
	t.PromptSpec.Cached, t.CompletionSpec.Reasoning = u.Cached, u.Thoughts
	if usage := t.usage(); usage.Output > 0 || usage.Input > 0 {
		g.usage = usage
	}
	if len(r.Candidates) == 0 {
		if r.Feedback.Reason != "" && !g.chosen { // the prompt: nothing was answered
			g.failed = true
			g.said = &fault{status: 400, code: "content_filter", message: fmt.Sprintf("the prompt was blocked: %s %s", r.Feedback.Reason, r.Feedback.Message)}
		}
		return
	}
	c := &r.Candidates[0]
	g.chosen = true
	for _, part := range c.Content.Parts {
		if part.Thought {
			g.thoughts.WriteString(string(part.Text))
		} else {
			g.text.WriteString(string(part.Text))
		}
	}
	if c.Finish != "" {
		g.finish, g.whole = string(c.Finish), true
	}
}

func (p *gemini) listing() *url.URL {
	u := *p.url
	u.Path, u.RawPath, u.RawQuery = strings.TrimRight(u.Path, "/")+"/models", "", "pageSize=1000"
	return &u
}

func (p *gemini) names(body []byte) ([]string, error) {
	var list struct {
		Models []struct {
			Name    text     `json:"name"`
			Methods []string `json:"supportedGenerationMethods"`
		} `json:"models"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("the list of models cannot be read: %w", err)
	}
	var names []string
	for _, m := range list.Models {
		if len(m.Methods) == 0 || slices.Contains(m.Methods, "generateContent") {
			names = append(names, strings.TrimPrefix(string(m.Name), "models/"))
		}
	}
	return names, nil
}
