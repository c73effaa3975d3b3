package providers

import (
	"context"
	"math/bits"
	"strings"
	"sync"
)

// rooms are the contexts of the models of one Ollama server.
type rooms struct {
	mu sync.Mutex
	by map[string]*room
}

// room is what is known of the context that a model has on its server.
type room struct {
	asking sync.Mutex // held while the server is asked

	mu      sync.Mutex
	shown   bool
	limit   int     // tokens that the model was trained for; 0: unknown
	now     int     // context of our calls, where we set it: it grows and never shrinks, since each change loads the model anew
	size    int     // context that the server chose by itself; 0: not found out
	fits    int     // tokens of prompt that are known to fit into that
	ratio   float64 // tokens to rough ones, at most, of prompts that were read whole
	samples int     // of them
}

func (s *rooms) of(model string) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[string]*room{}
	}
	m := s.by[model]
	if m == nil {
		m = &room{fits: leastProbed}
		s.by[model] = m
	}
	return m
}

const (
	leastCtx   = 4096 // and the least step
	answerRoom = 2048 // for an answer that params do not limit
	// leastProbed is a prompt that fits into every context: nobody sets fewer tokens.
	leastProbed = 256
)

// learn asks once what the server knows of the model.
func (m *room) learn(ctx context.Context, server *Ollama, model string) error {
	m.asking.Lock()
	defer m.asking.Unlock()
	m.mu.Lock()
	shown := m.shown
	m.mu.Unlock()
	if shown {
		return nil
	}
	about, err := server.Show(ctx, model)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown, m.limit = true, about.Context
	m.now = m.capped(about.NumCtx)
	return nil
}

// capped is n, or all that the model can have.
func (m *room) capped(n int) int {
	if m.limit > 0 {
		return min(n, m.limit)
	}
	return n
}

// sized is the context for r: the one it states; else a power of two that holds prompt and answer.
func (m *room) sized(r *Request) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.NumCtx > 0 {
		return m.capped(r.NumCtx)
	}
	m.now = max(m.now, m.capped(step(roughTokens(r)+answerTokens(r))))
	return m.now
}

// grow enlarges the context that turned out to be too small; false: it is as large as the model allows, or nobody knows how large
// that is.
func (m *room) grow(from int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now <= from && m.limit > 0 { // else another call has done so since
		m.now = m.capped(2 * from)
	}
	return m.now > from
}

// step is the context of at least n tokens.
func step(n int) int { return max(leastCtx, 1<<bits.Len(uint(max(n, 1)-1))) }

// answerTokens is how long the answer to r may become.
func answerTokens(r *Request) int {
	if n := LongestAnswer(r); n > 0 {
		return int(min(n, mostTokens))
	}
	return answerRoom
}

// roughTokens is how many tokens the prompt of r may have, a third to a half more than most tokenizers make of prose.
func roughTokens(r *Request) int {
	const perMessage, sixth = 8, 6
	sixths := 0
	for _, m := range r.Messages {
		for _, c := range []byte(m.Content) {
			switch {
			case c >= 0x80, strings.IndexByte(punctuation, c) >= 0:
				sixths += 3 // a character of three bytes is often one token and seldom two
			case '0' <= c && c <= '9':
				sixths += 6
			default:
				sixths += 2
			}
		}
	}
	return sixths/sixth + perMessage*len(r.Messages)
}

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n\t"
