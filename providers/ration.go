package providers

import "time"

const (
	rationSpan = time.Minute
	// A server counts a call when it arrives, we when it is sent. A second on the way would let the next minute's call
	// arrive within this one's.
	rationMargin = 500 * time.Millisecond
)

// ration keeps to so many requests and tokens a minute: a log of what was admitted in the last minute, and sums over it.
// Any minute is kept, not only whole ones of the clock. Not safe for concurrent use; all of it is constant time but for
// wait when there is no room, which walks over what has to go first.
type ration struct {
	rpm, tpm int64 // 0: no limit
	entries  []grant
	first    uint64 // number of entries[0]
	requests int64
	tokens   int64
}

// grant is one admitted call, or several: of others that share the key, or from before there was a limit.
type grant struct {
	at       time.Time
	requests int64
	tokens   int64
}

// Ticket is an admitted call, to be handed back to the gate with its [Outcome].
type Ticket struct {
	number  uint64 // 0: nothing was counted
	busy    int    // calls in flight when it was sent
	slot    int64  // of the block that it was sent from; 0: none
	charged int64  // tokens of it
}

func (r *ration) limited() bool { return r.rpm > 0 || r.tpm > 0 }

// wait is how long a call of so many tokens has to wait; 0: it may go. One that takes more than a minute's tokens goes
// when nothing else was admitted for a minute: the server decides.
func (r *ration) wait(tokens int64, now time.Time) time.Duration {
	r.forget(now)
	requests, sum := r.requests, r.tokens
	fits := func() bool {
		return (r.rpm == 0 || requests < r.rpm) && (r.tpm == 0 || sum+tokens <= r.tpm || requests == 0)
	}
	if fits() {
		return 0
	}
	for _, e := range r.entries {
		requests -= e.requests
		sum -= e.tokens
		if fits() {
			return e.at.Add(rationSpan + rationMargin).Sub(now)
		}
	}
	return 0
}

// charge counts a call that starts now.
func (r *ration) charge(tokens int64, now time.Time) Ticket {
	if !r.limited() {
		return Ticket{}
	}
	return Ticket{number: r.add(grant{now, 1, tokens})}
}

// lump is how exactly calls are kept in mind while no limit is stated: a quarter of a second makes one entry.
const lump = 250 * time.Millisecond

// remember counts a call that starts now, without a limit, for one that is stated within the minute. It costs little, however many
// there are: they are counted together, and with all that they might take.
func (r *ration) remember(tokens int64, now time.Time) {
	r.forget(now)
	if n := len(r.entries); n == 0 || !now.Before(r.entries[n-1].at) {
		r.add(grant{at: now.Add(lump)})
	}
	last := &r.entries[len(r.entries)-1]
	last.requests++
	last.tokens += tokens
	r.requests++
	r.tokens += tokens
}

// add keeps an entry, and returns its number.
func (r *ration) add(g grant) uint64 {
	if r.first == 0 {
		r.first = 1
	}
	r.entries = append(r.entries, g)
	r.requests += g.requests
	r.tokens += g.tokens
	return r.first + uint64(len(r.entries)) - 1
}

// settle puts what a call took in the place of what it might have taken.
func (r *ration) settle(t Ticket, tokens int64) {
	if e := r.of(t); e != nil {
		r.tokens += tokens - e.tokens
		e.tokens = tokens
	}
}

// cancel takes back a call that was not made.
func (r *ration) cancel(t Ticket) {
	if e := r.of(t); e != nil {
		r.requests -= e.requests
		r.tokens -= e.tokens
		e.requests, e.tokens = 0, 0
	}
}

// of is what is kept of a call; nil: nothing any more.
func (r *ration) of(t Ticket) *grant {
	if t.number == 0 || t.number < r.first || t.number-r.first >= uint64(len(r.entries)) {
		return nil
	}
	return &r.entries[t.number-r.first]
}

// observe counts what the server counted and we did not: calls of others, or from before it told its limits.
func (r *ration) observe(requests, tokens int64, now time.Time) {
	r.forget(now)
	g := grant{now, max(0, requests-r.requests), max(0, tokens-r.tokens)}
	if !r.limited() || g.requests == 0 && g.tokens == 0 {
		return
	}
	r.add(g)
}

// forget drops what is older than a minute.
func (r *ration) forget(now time.Time) {
	gone := 0
	for gone < len(r.entries) && now.Sub(r.entries[gone].at) >= rationSpan+rationMargin {
		r.requests -= r.entries[gone].requests
		r.tokens -= r.entries[gone].tokens
		gone++
	}
	r.first += uint64(gone)
	r.entries = r.entries[gone:] // append moves the rest to the front when it runs out of room
}
