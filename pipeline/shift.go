package pipeline

// shift is whose turn it is on an endpoint that is an Ollama: a small GPU holds one model, and each change costs the time in
// which it could have answered many calls. So one model after the other is worked on, contestants and judges alike.
type shift struct {
	grouped bool
	model   string
	served  int            // tasks of this shift
	number  int            // of the shift, from 1
	last    map[string]int // in which shift each model was last
}

// longestShift is after how many tasks the next model is due. A change is then one of hundreds of calls, and yet no judge
// waits for ever.
const longestShift = 256

// best is the callee whose head is due, nil if nobody has work now. The caller holds the lock.
func (e *endpoint) best() (best *callee) {
	s := &e.shift
	over := s.grouped && s.served >= longestShift && e.waits(s.model)
	for _, c := range e.callees {
		if !c.ready() || over || s.grouped && c.model().ModelID != s.model {
			continue
		}
		if best == nil || c.before(best) {
			best = c
		}
	}
	return best
}

// waits reports whether another model than this one has work.
func (e *endpoint) waits(than string) bool {
	for _, c := range e.callees {
		if c.ready() && c.model().ModelID != than {
			return true
		}
	}
	return false
}

// change gives the turn to the model that has waited longest; false: nobody else has work, or calls of the present one are
// still under way, from which more of its work may come. The caller holds the lock.
func (e *endpoint) change() bool {
	s := &e.shift
	if !s.grouped {
		return false
	}
	next, found := "", false
	for _, c := range e.callees {
		model := c.model().ModelID
		if model == s.model && c.flying > 0 {
			return false
		}
		if c.ready() && model != s.model && (!found || s.last[model] < s.last[next]) {
			next, found = model, true
		}
	}
	if !found {
		return false
	}
	if s.last == nil {
		s.last = map[string]int{}
	}
	s.number++
	s.model, s.served = next, 0
	s.last[next] = s.number
	return true
}
