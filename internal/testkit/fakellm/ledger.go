package fakellm

import (
	"encoding/hex"
	"sync"
	"time"
)

// Call is what a server knows of one request, however often it was asked.
type Call struct {
	Model    string `json:"model"`
	Arrivals int    `json:"arrivals"` // times it was asked
	Replies  int    `json:"replies"`  // whole answers sent; a fault is none
	Aborted  int    `json:"aborted"`  // times the client was gone before it had an answer
	Input    int64  `json:"input"`    // tokens of one answer
	Output   int64  `json:"output"`
	Checksum uint32 `json:"checksum"` // CRC-32C of the answer's text; 0 before the first reply
}

// Sum adds up calls.
type Sum struct {
	Arrivals int64 `json:"arrivals"`
	Replies  int64 `json:"replies"`
	Input    int64 `json:"input"` // tokens of all replies, repeated ones as often as they were sent
	Output   int64 `json:"output"`
}

// Stats is what a server counted since start or reset. It is the other side's truth: what was asked and answered, whatever
// the client remembers.
type Stats struct {
	Sum
	Distinct int             `json:"distinct"` // requests that differ
	InFlight int             `json:"in_flight"`
	Peak     int             `json:"peak"`  // most in flight at once
	First    time.Time       `json:"first"` // when the first request arrived; zero if none did
	Held     time.Duration   `json:"held"`  // the latencies of all calls together; nanoseconds in JSON
	Models   map[string]Sum  `json:"models"`
	Calls    map[string]Call `json:"calls,omitempty"` // by name, see Tag; only where asked for
}

// ledger counts. It keeps some 100 bytes for each distinct request, and nothing of texts.
type ledger struct {
	mu       sync.Mutex
	changed  sync.Cond // a reply was sent, or a call ended
	calls    map[Key]*Call
	models   map[string]*Sum
	sum      Sum
	inFlight int
	peak     int
	first    time.Time
	worked   time.Duration
}

func newLedger() *ledger {
	l := &ledger{calls: map[Key]*Call{}, models: map[string]*Sum{}}
	l.changed.L = &l.mu
	return l
}

// arrive books a request. It returns how often it had been asked before, and the count of all requests so far.
func (l *ledger) arrive(k Key, model string) (asked uint32, n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.calls[k]
	if c == nil {
		c = &Call{Model: model}
		l.calls[k] = c
	}
	m := l.models[model]
	if m == nil {
		m = &Sum{}
		l.models[model] = m
	}
	if l.first.IsZero() {
		l.first = time.Now()
	}
	asked = uint32(c.Arrivals)
	c.Arrivals++
	m.Arrivals++
	l.sum.Arrivals++
	l.inFlight++
	l.peak = max(l.peak, l.inFlight)
	return asked, l.sum.Arrivals
}

// held books the latency of a call.
func (l *ledger) held(d time.Duration) {
	l.mu.Lock()
	l.worked += d
	l.mu.Unlock()
}

// replied books a whole answer and returns the count of all so far.
func (l *ledger) replied(k Key, model string, input, output int64, checksum uint32) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A reset may have come between arrival and reply; the reply then belongs to nobody.
	if c := l.calls[k]; c != nil {
		c.Replies++
		c.Input, c.Output, c.Checksum = input, output, checksum
		for _, s := range []*Sum{&l.sum, l.models[model]} {
			s.Replies++
			s.Input += input
			s.Output += output
		}
	}
	l.changed.Broadcast()
	return l.sum.Replies
}

// aborted books a call whose client is gone.
func (l *ledger) aborted(k Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.calls[k]; c != nil {
		c.Aborted++
	}
}

// leave ends a call, however it went.
func (l *ledger) leave() {
	l.mu.Lock()
	l.inFlight--
	l.changed.Broadcast()
	l.mu.Unlock()
}

// reset forgets everything but the calls in flight.
func (l *ledger) reset() {
	l.mu.Lock()
	l.calls, l.models, l.sum, l.peak = map[Key]*Call{}, map[string]*Sum{}, Sum{}, l.inFlight
	l.first, l.worked = time.Time{}, 0
	l.mu.Unlock()
}

// stats returns a copy; with calls also what is known of each request.
func (l *ledger) stats(calls bool) Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Stats{Sum: l.sum, Distinct: len(l.calls), InFlight: l.inFlight, Peak: l.peak, First: l.first, Held: l.worked, Models: make(map[string]Sum, len(l.models))}
	for name, m := range l.models {
		s.Models[name] = *m
	}
	if calls {
		s.Calls = make(map[string]Call, len(l.calls))
		for k, c := range l.calls {
			s.Calls[hex.EncodeToString(k[:8])] = *c
		}
	}
	return s
}

// wait blocks until enough returns true or stop is closed, and reports which. enough is called with the lock held.
func (l *ledger) wait(stop <-chan struct{}, enough func() bool) bool {
	over := make(chan struct{})
	defer close(over)
	stopped := false
	go func() {
		select {
		case <-stop:
			l.mu.Lock()
			stopped = true
			l.changed.Broadcast()
			l.mu.Unlock()
		case <-over:
		}
	}()
	l.mu.Lock()
	defer l.mu.Unlock()
	for !enough() && !stopped {
		l.changed.Wait()
	}
	return enough()
}
