package pipeline

import (
	"bytes"
	"sync"
)

// claims are the judgments that are queued or flying in this run, or that failed for now: those are the next run's.
type claims struct {
	mu  sync.Mutex
	set map[VerdictKey]struct{}
}

func newClaims() *claims { return &claims{set: map[VerdictKey]struct{}{}} }

func (c *claims) take(k VerdictKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.set[k]; taken {
		return false
	}
	c.set[k] = struct{}{}
	return true
}

func (c *claims) release(k VerdictKey) {
	c.mu.Lock()
	delete(c.set, k)
	c.mu.Unlock()
}

// gap is where judgments found no room in the queue. It keeps the outermost prompts only: whatever their number, what
// lies between is found again by a walk, and the next gap begins about where this one ends.
type gap struct {
	mu   sync.Mutex
	span span
	open bool
}

func (g *gap) widen(h Hash) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open || bytes.Compare(h[:], g.span.from[:]) < 0 {
		g.span.from = h
	}
	if !g.open || bytes.Compare(h[:], g.span.to[:]) > 0 {
		g.span.to = h
	}
	g.open = true
}

// take empties the gap; false: nothing was in it.
func (g *gap) take() (span, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	open := g.open
	g.open = false
	return g.span, open
}
