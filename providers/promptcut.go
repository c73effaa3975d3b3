package providers

import (
	"context"
	"strings"
)

// A prompt that does not fit into its context is cut by Ollama without a word: it keeps the end of the last message, and
// of those before it what still fits, and answers with a 200. Only the count of the prompt's tokens tells. Two things are
// exact, whatever the tokenizer: a prompt that was cut inside its last message has exactly as many tokens as the context,
// and a longer text would have no more.

// likely is how many tokens r has at most, by what was seen of the model.
func (m *room) likely(r *Request) int {
	const unseen, margin, enough = 1.6, 1.1, 8
	m.mu.Lock()
	defer m.mu.Unlock()
	ratio := unseen
	if m.samples >= enough {
		ratio = m.ratio * margin
	}
	return int(ratio * float64(roughTokens(r)))
}

// read notes a prompt that was read whole.
func (m *room) read(r *Request, counted int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.samples++
	m.ratio = max(m.ratio, float64(counted)/float64(max(1, roughTokens(r))))
}

// measure counts the tokens of all messages of a request, repeated so often, as one message, of which only the last one
// that fits can be cut.
type measure func(ctx context.Context, r *Request, times int) (int, error)

// cutIn reports whether the server read only a part of r's prompt, of which it counted so many tokens, in a context of that
// size. Messages that were left out altogether leave no trace but a smaller count; where there may be any, all of them are
// sent once more as one.
func (m *room) cutIn(ctx context.Context, r *Request, counted, size int, ask measure) (bool, error) {
	if counted >= size {
		return true, nil
	}
	if len(r.Messages) > 1 && m.likely(r) > size {
		all, err := ask(ctx, r, 1)
		if err != nil || all >= size {
			return err == nil, err
		}
	}
	m.read(r, counted)
	return false, nil
}

// cutSomewhere is cutIn for a context whose size only the server knows. A prompt that is larger than all that are known to
// fit is sent twice over: if that has no more tokens, the context was full. So a few calls that ask for one token find out
// the size, or that it is large enough.
func (m *room) cutSomewhere(ctx context.Context, r *Request, counted int, ask measure) (bool, error) {
	m.asking.Lock()
	defer m.asking.Unlock()
	m.mu.Lock()
	size, fits := m.size, m.fits
	m.mu.Unlock()
	switch {
	case size > 0:
		return m.cutIn(ctx, r, counted, size, ask)
	case len(r.Messages) == 1 && counted < fits, counted < fits && m.likely(r) <= fits:
		m.read(r, counted)
		return false, nil
	}
	once, templates := counted, 0
	if len(r.Messages) > 1 {
		all, err := ask(ctx, r, 1)
		if err != nil {
			return false, err
		}
		const perMessage = 5 // tokens that a template puts around it
		once, templates = all, perMessage*len(r.Messages)
	}
	twice, err := ask(ctx, r, 2)
	if err != nil {
		return false, err
	}
	m.found(once, twice, templates)
	if twice <= once+templates {
		return true, nil
	}
	m.read(r, counted)
	return false, nil
}

// found notes what two counts tell of the context.
func (m *room) found(once, twice, templates int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if twice <= once+templates {
		m.size = max(once, twice)
	}
	m.fits = max(m.fits, twice)
}

// repeated is r as one message, which asks for a single token. What a server remembers of r does not help it: counts of
// some leave out what they remember.
func repeated(r *Request, times int) *Request {
	var all strings.Builder
	for _, m := range r.Messages {
		all.WriteString(m.Content)
		all.WriteByte('\n')
	}
	return &Request{
		Model: r.Model, NumCtx: r.NumCtx, KeepAlive: r.KeepAlive, Params: map[string]any{"max_tokens": int64(1)},
		Messages: []Message{{Role: "user", Content: "= " + strings.Repeat(all.String(), times)}},
	}
}
