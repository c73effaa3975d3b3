package providers

import (
	"cmp"
	"context"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// openAI speaks to every server with OpenAI's chat completions: Ollama, vLLM, llama.cpp, LM Studio, OpenRouter …
type openAI struct {
	line   *line
	models catalogue
}

var _ Client = (*openAI)(nil)

func newOpenAI(e Endpoint) (Client, error) {
	l, err := newLine(e, nil)
	if err != nil {
		return nil, err
	}
	return &openAI{line: l, models: catalogue{line: l}}, nil
}

// Chat implements Client.
func (c *openAI) Chat(ctx context.Context, r *Request) (*Reply, error) {
	body, err := encode(r)
	if err != nil {
		return nil, c.line.fail(Error{Class: Rejected, Reason: ReasonInvalid, Hint: "correct params of the model"}, "%v", err)
	}
	start := time.Now()
	a, err := c.line.call(ctx, http.MethodPost, c.line.url, body)
	if err != nil {
		return nil, err
	}
	defer a.free()
	took := time.Since(start)
	if a.status < 200 || a.status > 299 {
		return nil, c.refused(ctx, r, a, a.status, c.line.said(a))
	}
	reply, err := c.reply(ctx, r, a)
	if err != nil {
		return nil, err
	}
	reply.Took = took
	return reply, nil
}

// reply reads the body of a 200, which may still be an error, a page or half an answer.
func (c *openAI) reply(ctx context.Context, r *Request, a *answer) (*Reply, error) {
	body := a.body.Bytes()
	if media := a.header.Get("Content-Type"); !mayBeJSON(media) {
		return nil, c.malformed(a, "content type %s", media)
	}
	e, repaired, err := decode(body)
	if err != nil {
		return nil, c.malformed(a, "%v", err)
	}
	if e.failed || !e.chosen {
		source := body
		if e.trouble != nil {
			source = e.trouble
		}
		if f, ok := readFault(source); ok {
			return nil, c.refused(ctx, r, a, f.insideStatus(), f)
		}
		return nil, c.malformed(a, "it has no choices")
	}
	switch strings.ToLower(e.finish) {
	case "abort", "error":
		return nil, c.line.fail(Error{Reason: ReasonAborted, Status: a.status}, "the server gave up in the middle of the reply")
	}
	reply := e.reply()
	reply.Repaired = repaired
	reply.RequestID = c.line.mask.hide(cut(cmp.Or(a.header.Get("X-Request-Id"), a.header.Get("X-Generation-Id"), e.id), 128))
	if reply.Model != r.Model { // it is stored, and is what the server likes to call it
		reply.Model = c.line.mask.hide(reply.Model)
	}
	if reply.Usage.Input == 0 && reply.Usage.Output == 0 {
		reply.Usage = estimate(r, &e)
	}
	return reply, nil
}

// reply tells text from reasoning.
func (e *envelope) reply() *Reply {
	r := &Reply{Refusal: e.refusal, Finish: Finished(e.finish), Model: e.model, Usage: e.usage, Reasoning: e.reasoning, Top: e.top}
	if r.Refusal != "" {
		r.Finish = FinishRefusal
	}
	var thoughts string
	if r.Text, thoughts = splitThink(e.content); thoughts != "" {
		r.Reasoning = joinThoughts(e.reasoning, thoughts)
	}
	return r
}

// mayBeJSON reports whether a body of this type is worth decoding. Servers that name no type, or plain text, send JSON.
func mayBeJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = strings.ToLower(strings.TrimSpace(contentType))
	}
	switch media {
	case "", "text/plain", "application/octet-stream", "application/x-ndjson":
		return true
	}
	return strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
}

// malformed is an answer that cannot be read: most often a proxy's page, or a body that a crash cut off.
func (c *openAI) malformed(a *answer, format string, args ...any) error {
	return c.line.fail(Error{Reason: ReasonMalformed, Status: a.status, Hint: "if this persists, check the url"},
		"the answer is not a completion: %s: %s", fmt.Sprintf(format, args...), quote(c.line.mask.excerpt(a.body.String())))
}

// refused makes the error of a server that said no, with advice if it is the model that it does not know.
func (c *openAI) refused(ctx context.Context, r *Request, a *answer, status int, f fault) error {
	e := c.line.refusal(a, status, f, optional(r))
	if e.Reason == ReasonModel {
		e.Hint = c.line.mask.clean(c.models.hint(ctx, r.Model))
	}
	return e
}

// estimate counts a quarter of the characters as tokens.
func estimate(r *Request, e *envelope) Usage {
	input := 0
	for _, m := range r.Messages {
		input += utf8.RuneCountInString(m.Content)
	}
	reasoning := utf8.RuneCountInString(e.reasoning)
	output := utf8.RuneCountInString(e.content) + reasoning
	quarter := func(n int) int64 { return int64(n+3) / 4 }
	return Usage{Input: quarter(input), Output: quarter(output), Reasoning: quarter(reasoning), Estimated: true}
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
