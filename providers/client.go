package providers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// client speaks one protocol over one line.
type client struct {
	line   *line
	kind   kind
	speaks protocol
	stream bool
	models catalogue
	rooms  rooms // of Ollama's models, where its server speaks as OpenAI's
}

var _ interface {
	Client
	Lister
} = (*client)(nil)

func newClient(e Endpoint, k kind, dial dialFunc) (*client, error) {
	e.Auth = cmp.Or(e.Auth, k.auth)
	l, err := newLine(e, dial)
	if err != nil {
		return nil, err
	}
	for name, value := range k.header {
		if l.header.Get(name) == "" { // the endpoint's own wins
			l.header.Set(name, value)
		}
	}
	p, err := k.speak(e, l.url)
	if err != nil {
		return nil, fmt.Errorf("endpoint %s: %w", l.name, err)
	}
	return &client{line: l, kind: k, speaks: p, stream: e.Stream, models: catalogue{line: l, speaks: p, kind: k}}, nil
}

// Chat implements Client.
func (c *client) Chat(ctx context.Context, r *Request) (*Reply, error) {
	reply, ollama, err := c.chat(ctx, r)
	if err == nil && ollama {
		err = c.whole(ctx, r, reply)
	}
	if err != nil {
		return nil, err
	}
	return reply, nil
}

// chat is Chat that takes every reply for whole, and says whether Ollama signed it.
func (c *client) chat(ctx context.Context, r *Request) (reply *Reply, ollama bool, err error) {
	p, err := c.speaks.build(r, c.stream)
	if err != nil {
		return nil, false, c.line.fail(Error{Class: Rejected, Reason: ReasonInvalid, Hint: "correct params of the model"}, "%v", err)
	}
	var g *gathering
	var events eventFunc
	if c.stream {
		g = new(gathering)
		events = func(event []byte) (bool, error) { return c.gather(g, event) }
	}
	start := time.Now()
	a, err := c.line.call(ctx, http.MethodPost, p, events)
	if err != nil {
		return nil, false, c.perhapsAProxy(err, start)
	}
	defer a.free()
	took := time.Since(start)
	if a.status < 200 || a.status > 299 {
		return nil, false, c.perhapsAProxy(c.refused(ctx, r, a, a.status, c.line.said(a)), start)
	}
	e, err := c.open(r, a, g)
	if err != nil {
		return nil, false, err
	}
	reply, err = c.reply(ctx, r, a, &e)
	if err != nil {
		return nil, false, err
	}
	reply.Took, reply.Rates = took, readRates(a.header, time.Now())
	return reply, e.ollama, nil
}

// longSilence is after what time proxies begin to take a call for dead: nginx and others wait a minute, Cloudflare 100 seconds.
const longSilence = 29 * time.Second

// perhapsAProxy adds what helps where something between here and the server may have ended a call that was silent for long.
func (c *client) perhapsAProxy(err error, start time.Time) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || c.stream || time.Since(start) < longSilence {
		return err
	}
	if e.Reason == ReasonCut || e.Status == http.StatusGatewayTimeout || e.Status == 524 {
		if e.Hint != "" {
			e.Hint += "; "
		}
		e.Hint += "if a proxy between here and the server ends calls that are silent for long, write stream: true"
	}
	return e
}

// gather adds an event; false: it was the last one.
func (c *client) gather(g *gathering, event []byte) (bool, error) {
	g.repaired = g.repaired || !wellFormed(event)
	if err := c.speaks.fold(g, event); err != nil {
		return false, &unreadable{err, c.line.mask.excerpt(string(event))}
	}
	if g.size() > maxBody {
		return false, errTooLarge
	}
	return !g.over && !g.failed, nil
}

// open reads what came, whole or in pieces. It may still be a page or half an answer.
func (c *client) open(r *Request, a *answer, g *gathering) (envelope, error) {
	if a.streamed {
		if !g.whole && !g.failed {
			return envelope{}, c.line.fail(Error{Reason: ReasonCut, Status: a.status}, "the stream ended before the answer did")
		}
		return g.gathered(), nil
	}
	if says, ok := page(a.body.Bytes()); ok {
		return envelope{}, c.line.fail(Error{Reason: ReasonMalformed, Status: a.status, Hint: c.line.pageHint(a.status)},
			"the answer is a web page, %s", quote(c.line.mask.excerpt(says)))
	}
	if media := a.header.Get("Content-Type"); !mayBeJSON(media) {
		return envelope{}, c.malformed(a, fmt.Sprintf("content type %s", media))
	}
	e, err := c.speaks.read(r, a.body.Bytes())
	if err != nil {
		return envelope{}, c.malformed(a, err.Error())
	}
	return e, nil
}

// reply makes the Reply of an envelope, which may still hold an error.
func (c *client) reply(ctx context.Context, r *Request, a *answer, e *envelope) (*Reply, error) {
	if e.failed || !e.chosen {
		if f, ok := e.failure(a); ok {
			return nil, c.refused(ctx, r, a, f.insideStatus(), f)
		}
		return nil, c.malformed(a, "it has no answer")
	}
	switch strings.ToLower(e.finish) {
	case "abort", "error":
		return nil, c.line.fail(Error{Reason: ReasonAborted, Status: a.status}, "the server gave up in the middle of the reply")
	}
	reply := e.reply()
	reply.RequestID = c.line.mask.hide(cut(cmp.Or(requestID(a.header), e.id), 128))
	if reply.Model != r.Model { // it is stored, and is what the server likes to call it
		reply.Model = c.line.mask.hide(cut(reply.Model, 256))
	}
	if reply.Usage.Input == 0 && reply.Usage.Output == 0 {
		reply.Usage = estimate(r, e)
	}
	reply.Usage.Cost = toldCost(e.cost, a.header)
	return reply, nil
}

// requestID is under which name a provider's support finds the call.
func requestID(h http.Header) string {
	return cmp.Or(h.Get("X-Request-Id"), h.Get("Request-Id"), h.Get("X-Generation-Id"), h.Get("Apim-Request-Id"))
}

// failure is what the server says about a success that is none; false if it says nothing.
func (e *envelope) failure(a *answer) (fault, bool) {
	switch {
	case e.said != nil:
		return *e.said, true
	case e.trouble != nil:
		return readFault(e.trouble)
	case a.streamed:
		return fault{}, false
	}
	return readFault(a.body.Bytes())
}

// reply tells text from reasoning.
func (e *envelope) reply() *Reply {
	r := &Reply{Refusal: e.refusal, Finish: Finished(e.finish), Model: e.model, Usage: e.usage, Reasoning: e.reasoning, Top: e.top,
		Repaired: e.repaired}
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
	switch media := mediaType(contentType); media {
	case "", "text/plain", "application/octet-stream", "application/x-ndjson":
		return true
	default:
		return strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
	}
}

func mediaType(contentType string) string {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = strings.ToLower(strings.TrimSpace(contentType))
	}
	return media
}

// malformed is an answer that cannot be read: most often a proxy's page, or a body that a crash cut off.
func (c *client) malformed(a *answer, why string) error {
	text := why
	if !a.streamed {
		text += ": " + quote(c.line.mask.excerpt(a.body.String()))
	}
	return c.line.fail(Error{Reason: ReasonMalformed, Status: a.status, Hint: "if this persists, check the url"}, "the answer is not a completion: %s", text)
}

// refused makes the error of a server that said no, with advice if it is the model that it does not know.
func (c *client) refused(ctx context.Context, r *Request, a *answer, status int, f fault) error {
	e := c.line.refusal(a, status, f, c.optional(r))
	if ours, ok := c.kind.spells[strings.ToLower(e.Param)]; ok {
		e.Param = ours
		e.Hint = c.line.hint(e)
	}
	if e.Reason == ReasonModel {
		e.Hint = c.line.mask.clean(c.models.hint(ctx, r.Model))
	}
	return e
}

// optional are the fields that r could do without, under all names that the server may call them.
func (c *client) optional(r *Request) []string {
	fields := optional(r, c.stream)
	for theirs, ours := range c.kind.spells {
		for _, f := range fields {
			if f == ours {
				fields = append(fields, theirs)
				break
			}
		}
	}
	return fields
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
