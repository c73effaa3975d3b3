package providers

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// openAI is OpenAI's chat completions, which most servers offer: Ollama, vLLM, llama.cpp, LM Studio, OpenRouter …
type openAI struct {
	url *url.URL
}

var openAIKind = kind{auth: "bearer", speak: func(_ Endpoint, u *url.URL) (protocol, error) { return &openAI{url: u}, nil }}

func (p *openAI) build(r *Request, stream bool) (posted, error) {
	body, err := encode(r, stream)
	return posted{url: p.url, body: body}, err
}

func (p *openAI) read(_ *Request, body []byte) (envelope, error) {
	e, repaired, err := decode(body)
	e.repaired = repaired
	return e, err
}

// fold reads one chunk. The last ones may have no choice, but the usage.
func (p *openAI) fold(g *gathering, event []byte) error {
	if string(event) == "[DONE]" {
		g.whole, g.over = true, true
		return nil
	}
	var c completion[text, count]
	if err := json.Unmarshal(event, &c); err != nil {
		return err
	}
	e := unpack(&c)
	if e.failed || !e.chosen && len(c.Choices) == 0 && c.Usage == nil && isFault(event) {
		g.failed, g.trouble = true, e.trouble
		if g.trouble == nil {
			g.trouble = append([]byte(nil), event...)
		}
		return nil
	}
	g.join(&e)
	return nil
}

// isFault reports whether an event without choices says that something failed.
func isFault(event []byte) bool {
	_, ok := readFault(event)
	return ok
}

// join adds what a chunk says to what those before it said.
func (g *gathering) join(e *envelope) {
	if e.id != "" {
		g.id = e.id
	}
	if e.model != "" {
		g.model = e.model
	}
	if e.usage != (Usage{}) {
		g.usage = e.usage
	}
	if e.cost != nil {
		g.cost = e.cost
	}
	if e.top != nil && g.top == nil {
		g.top = e.top
	}
	if e.finish != "" {
		g.finish, g.whole = e.finish, true
	}
	g.ollama = g.ollama || e.ollama
	g.chosen = g.chosen || e.chosen || e.finish != ""
	g.text.WriteString(e.content)
	g.thoughts.WriteString(e.reasoning)
	g.refused.WriteString(e.refusal)
}

// listing is beside the path of the completions.
func (p *openAI) listing() *url.URL {
	base, ok := strings.CutSuffix(p.url.Path, "/chat/completions")
	if !ok {
		return nil
	}
	u := *p.url
	u.Path, u.RawPath = base+"/models", ""
	return &u
}

func (p *openAI) names(body []byte) ([]string, error) {
	var list struct {
		Data []struct {
			ID text `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("the list of models cannot be read: %w", err)
	}
	names := make([]string, 0, len(list.Data))
	for _, m := range list.Data {
		names = append(names, string(m.ID))
	}
	return names, nil
}
