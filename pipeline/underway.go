package pipeline

import "sync"

// Underway is how far a part is that is being worked on: what its last survey counted and what has come since.
type Underway struct {
	Part
	Wanted, Done, Failed int64
}

// Underway are the parts that are worked on right now and were looked at once, however their work goes on.
func (r *Runner) Underway() (all []Underway) {
	r.service.mu.Lock()
	defer r.service.mu.Unlock()
	for _, st := range r.service.stints {
		if u, known := st.count.now(); known && st.callee != nil {
			u.Part = st.part
			all = append(all, u)
		}
	}
	return all
}

// running is the count of a part while it is worked on.
type running struct {
	mu     sync.Mutex
	known  bool // it was surveyed
	base   Underway
	done   int64 // since the survey of base began, or the one at hand
	failed int64
}

// surveying is told that a survey begins: it counts what is done until now, and what it finds missing comes on top.
func (c *running) surveying() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base.Done, c.base.Failed = c.base.Done+c.done, c.base.Failed+c.failed
	c.done, c.failed = 0, 0
}

func (c *running) surveyed(r PartResult) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.base = true, Underway{Wanted: r.Wanted, Done: r.Done, Failed: r.Failed}
}

// add counts a task that was done or failed; again: a survey has counted it as failed.
func (c *running) add(done, again bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case done && again:
		c.done, c.failed = c.done+1, c.failed-1
	case done:
		c.done++
	case !again:
		c.failed++
	}
}

func (c *running) now() (u Underway, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u = c.base
	u.Done, u.Failed = u.Done+c.done, u.Failed+c.failed
	return u, c.known
}
