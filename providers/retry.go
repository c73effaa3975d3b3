package providers

import "time"

// Retry has a model that rests be probed at once. It reports whether there is anything to probe: a model that is well needs
// none, a dead one gets none.
func (b *Breaker) Retry() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open || b.dead || b.probing {
		return false
	}
	b.next = time.Now()
	return true
}

// Retry ends a pause that the server asked for. It reports whether there was one.
func (g *Gate) Retry() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !time.Now().Before(g.until) {
		return false
	}
	g.until = time.Time{}
	g.admit()
	return true
}
