package providers

import (
	"context"
	"errors"
	"fmt"
)

// ollamaClient is a client of Ollama's own protocol: it sizes the context of each call, and lets no answer pass to a prompt
// that did not fit.
type ollamaClient struct {
	*client
	server *Ollama
	rooms  rooms
}

func newOllamaClient(c *client) Client {
	return &ollamaClient{client: c, server: &Ollama{line: c.line}}
}

// Chat implements Client.
func (c *ollamaClient) Chat(ctx context.Context, r *Request) (*Reply, error) {
	if name := foreign(r); name != "" {
		e := Error{Class: Unsupported, Reason: ReasonUnsupported, Param: name}
		e.Hint = c.line.hint(&e)
		return nil, c.line.fail(e, "Ollama does not know the parameter %s", quote(name))
	}
	m := c.rooms.of(r.Model)
	if err := m.learn(ctx, c.server, r.Model); err != nil {
		return nil, c.unknown(ctx, r, err)
	}
	q := *r
	q.NumCtx = m.sized(r)
	reply, err := c.client.Chat(ctx, &q)
	if err != nil {
		if e, ok := errors.AsType[*Error](err); ok && e.Reason == ReasonContext {
			return nil, c.tooSmall(m, r, &q, e.Status)
		}
		return nil, err
	}
	if reply.Usage.Estimated {
		return reply, nil
	}
	cut, err := m.cutIn(ctx, &q, int(reply.Usage.Input), q.NumCtx, c.measure)
	if err != nil {
		return nil, err
	}
	if cut {
		return nil, c.tooSmall(m, r, &q, 200)
	}
	if reply.Finish == FinishStop && int(reply.Usage.Input+reply.Usage.Output) > q.NumCtx {
		reply.Finish = FinishLength // an older server went on and forgot the beginning
	}
	return reply, nil
}

// unknown adds to an error of the first look at a model what a call would have added.
func (c *ollamaClient) unknown(ctx context.Context, r *Request, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Reason == ReasonModel {
		e.Hint = c.line.mask.clean(c.models.hint(ctx, r.Model))
	}
	return err
}

// tooSmall is the error of a prompt that did not fit: the same call is due again where the context has grown.
func (c *ollamaClient) tooSmall(m *room, r, q *Request, status int) error {
	if r.NumCtx == 0 && m.grow(q.NumCtx) {
		return c.line.fail(Error{Class: Unsupported, Reason: ReasonUnsupported, Param: ParamContext, Status: status},
			"the prompt does not fit into %d tokens", q.NumCtx)
	}
	e := Error{Class: Rejected, Reason: ReasonPromptCut, Status: status, Hint: "shorten the prompt, or use a model with a larger context"}
	if r.NumCtx > 0 && q.NumCtx == r.NumCtx {
		e.Hint = "raise num_ctx, or write num_ctx: auto"
	}
	return c.line.fail(e, "the prompt does not fit into the %d tokens of context of %s: the server read a part of it only", q.NumCtx, quote(r.Model))
}

// ParamContext is the Param of an Unsupported error when a context was too small, and is larger from now on.
const ParamContext = "num_ctx"

// measure counts tokens.
func (c *client) measure(ctx context.Context, r *Request, times int) (int, error) {
	reply, _, err := c.chat(ctx, repeated(r, times))
	if err != nil {
		return 0, err
	}
	if reply.Usage.Estimated {
		return 0, c.line.fail(Error{Reason: ReasonMalformed, Status: 200}, "the server stopped counting tokens")
	}
	return int(reply.Usage.Input), nil
}

// ollamaFingerprint is how Ollama signs replies of its OpenAI-compatible API.
// Source: openai/openai.go in its repository
const ollamaFingerprint = "fp_ollama"

// whole fails where an Ollama server behind its OpenAI-compatible address read only a part of the prompt.
func (c *client) whole(ctx context.Context, r *Request, reply *Reply) error {
	if reply.Usage.Estimated {
		return nil
	}
	m := c.rooms.of(r.Model)
	cut, err := m.cutSomewhere(ctx, r, int(reply.Usage.Input), c.measure)
	if err != nil || !cut {
		return err
	}
	size := ""
	if m.size > 0 {
		size = fmt.Sprintf("%d tokens of ", m.size)
	}
	return c.line.fail(Error{Class: Rejected, Reason: ReasonPromptCut, Status: 200,
		Hint: "write kind: ollama with an address that ends in /api/chat, where num_ctx grows with the prompt, or raise OLLAMA_CONTEXT_LENGTH on the server"},
		"the prompt does not fit into the %scontext of %s: the server read a part of it only", size, quote(r.Model))
}
