package providers

import (
	"bytes"
	"net/url"
	"strings"
)

// anthropic is Anthropic's messages API.
// Sources: https://platform.claude.com/docs/en/api/messages, …/build-with-claude/streaming, …/build-with-claude/structured-outputs
type anthropic struct {
	url *url.URL
}

var anthropicKind = kind{
	auth:   "x-api-key",
	header: map[string]string{"anthropic-version": "2023-06-01"},
	spells: map[string]string{"stop_sequences": "stop", "output_config": "response_format", "output_format": "response_format"},
	speak:  func(_ Endpoint, u *url.URL) (protocol, error) { return &anthropic{url: u}, nil },
}

// anthropicMaxTokens is sent where params set no max_tokens, which is mandatory there. Every model served takes that much.
const anthropicMaxTokens = 8192

// UnstatedAnswer is how many tokens an answer may have at most where params do not say, at endpoints of a kind; 0: nobody knows.
func UnstatedAnswer(kind string) int64 {
	if kind == "anthropic" {
		return anthropicMaxTokens
	}
	return 0
}

func (p *anthropic) build(r *Request, stream bool) (posted, error) {
	body, err := fields(r, "model", "messages", "stream", "system")
	if err != nil {
		return posted{}, err
	}
	rename(body, "max_completion_tokens", "max_tokens")
	if body["max_tokens"] == nil {
		body["max_tokens"] = anthropicMaxTokens
	}
	stopList(body, "stop_sequences")
	var system []string
	turns := make([]Message, 0, len(r.Messages))
	for _, m := range r.Messages {
		if m.Role == "system" {
			system = append(system, m.Content)
			continue
		}
		turns = append(turns, m)
	}
	if len(system) > 0 {
		body["system"] = strings.Join(system, "\n\n")
	}
	if r.Format != nil {
		delete(body, "response_format")
		if r.Format.Kind == "json_schema" { // any object at all cannot be asked for: the prompt does
			config := map[string]any{"format": map[string]any{"type": "json_schema", "schema": r.Format.Schema}}
			if own, ok := body["output_config"].(map[string]any); ok {
				for name, v := range own {
					if name != "format" {
						config[name] = v
					}
				}
			}
			body["output_config"] = config
		}
	}
	body["model"], body["messages"], body["stream"] = r.Model, turns, stream
	b, err := marshal(body)
	return posted{url: p.url, body: b}, err
}

// anthropicUsage counts what was read from the cache, and what was written into it, beside input_tokens.
type anthropicUsage struct {
	Input      count `json:"input_tokens"`
	Output     count `json:"output_tokens"`
	Written    count `json:"cache_creation_input_tokens"`
	Cached     count `json:"cache_read_input_tokens"`
	OutputSpec struct {
		Thinking count `json:"thinking_tokens"`
	} `json:"output_tokens_details"`
}

func (u *anthropicUsage) usage() Usage {
	t := tokens[count]{Prompt: u.Input + u.Written + u.Cached, Completion: u.Output}
	t.PromptSpec.Cached, t.CompletionSpec.Reasoning = u.Cached, u.OutputSpec.Thinking
	return t.usage()
}

// anthropicBlock is a part of the content, or what is added to one.
type anthropicBlock struct {
	Type     string `json:"type"`
	Text     text   `json:"text"`
	Thinking text   `json:"thinking"`
}

type anthropicMessage struct {
	Type    string           `json:"type"`
	ID      text             `json:"id"`
	Model   text             `json:"model"`
	Content []anthropicBlock `json:"content"`
	Stop    text             `json:"stop_reason"`
	Usage   anthropicUsage   `json:"usage"`
}

func (p *anthropic) read(_ *Request, body []byte) (e envelope, err error) {
	var m anthropicMessage
	if e.repaired, err = unmarshal(body, &m); err != nil {
		return e, err
	}
	if m.Type != "message" {
		e.failed = m.Type == "error"
		return e, nil
	}
	e.id, e.model, e.finish, e.usage, e.chosen = string(m.ID), string(m.Model), string(m.Stop), m.Usage.usage(), true
	var answer, thoughts strings.Builder
	for _, b := range m.Content {
		answer.WriteString(string(b.Text))
		thoughts.WriteString(string(b.Thinking))
	}
	e.content, e.reasoning = answer.String(), thoughts.String()
	return e, nil
}

// anthropicEvent is one of a stream. Unknown types are to be passed over.
type anthropicEvent struct {
	Type    string           `json:"type"`
	Message anthropicMessage `json:"message"`       // message_start
	Block   anthropicBlock   `json:"content_block"` // content_block_start
	Delta   struct {
		anthropicBlock
		Stop text `json:"stop_reason"`
	} `json:"delta"` // content_block_delta, message_delta
	Usage anthropicUsage `json:"usage"` // message_delta: all so far
}

func (p *anthropic) fold(g *gathering, event []byte) error {
	var e anthropicEvent
	if _, err := unmarshal(event, &e); err != nil {
		return err
	}
	switch e.Type {
	case "error":
		g.failed, g.trouble = true, bytes.Clone(event)
	case "message_start":
		g.id, g.model, g.usage, g.chosen = string(e.Message.ID), string(e.Message.Model), e.Message.Usage.usage(), true
	case "content_block_start":
		g.text.WriteString(string(e.Block.Text))
		g.thoughts.WriteString(string(e.Block.Thinking))
	case "content_block_delta":
		g.text.WriteString(string(e.Delta.Text))
		g.thoughts.WriteString(string(e.Delta.Thinking))
	case "message_delta":
		if u := e.Usage.usage(); u.Input > 0 {
			g.usage = u
		} else {
			g.usage.Output, g.usage.Reasoning = u.Output, u.Reasoning
		}
		if e.Delta.Stop != "" {
			g.finish, g.whole = string(e.Delta.Stop), true
		}
	case "message_stop":
		g.whole, g.over = true, true
	}
	return nil
}

func (p *anthropic) listing() *url.URL {
	base, ok := strings.CutSuffix(p.url.Path, "/messages")
	if !ok {
		return nil
	}
	u := *p.url
	u.Path, u.RawPath, u.RawQuery = base+"/models", "", "limit=1000"
	return &u
}

func (p *anthropic) names(body []byte) ([]string, error) { return (*openAI)(nil).names(body) }

// rename gives a field the name that the server knows it by, unless that is set, too.
func rename(body map[string]any, from, to string) {
	v, ok := body[from]
	if !ok {
		return
	}
	delete(body, from)
	if _, taken := body[to]; !taken {
		body[to] = v
	}
}

// stopList renames stop, which may be one text, to a field that is always a list.
func stopList(body map[string]any, to string) {
	rename(body, "stop", to)
	if one, ok := body[to].(string); ok {
		body[to] = []string{one}
	}
}
