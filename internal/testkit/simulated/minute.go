package simulated

import (
	"slices"
	"sync"
	"time"
)

// Minute is the limits of an endpoint as processes share them: it hands out blocks of requests and tokens. It is what the
// database of a fleet does, in a few lines of another language, to be compared with.
type Minute struct {
	mu       sync.Mutex
	RPM, TPM int64 // 0: none
	grants   []grant
}

type grant struct{ slot, requests, tokens int64 }

const (
	perSecond = 4                                     // slots
	useFor    = 5                                     // slots in which a block may be used, that of its grant included
	counts    = useFor + perSecond*60 + perSecond*1/2 // slots after which none of its calls is within a minute of a new one
)

// Given is a block, or without requests how long it takes until there may be one.
type Given struct {
	Slot, Requests, Tokens int64
	Use, Again             time.Duration
}

// Back is what of a block was not used.
type Back struct{ Slot, Requests, Tokens int64 }

// Take hands out a block of at most so many requests and tokens; with less than least tokens it would be of no use.
func (m *Minute) Take(now time.Time, requests, tokens, least int64, back ...Back) Given {
	m.mu.Lock()
	defer m.mu.Unlock()
	nanos := now.UnixNano()
	slot := nanos / (int64(time.Second) / perSecond)
	for _, b := range back {
		for i := range m.grants {
			if g := &m.grants[i]; g.slot == b.Slot {
				g.requests, g.tokens = max(0, g.requests-b.Requests), max(0, g.tokens-b.Tokens)
			}
		}
	}
	m.grants = slices.DeleteFunc(m.grants, func(g grant) bool { return g.slot <= slot-counts })
	if requests == 0 {
		return Given{}
	}
	var r, t int64
	for _, g := range m.grants {
		r, t = r+g.requests, t+g.tokens
	}
	fits := func(r, t int64) bool {
		return (m.RPM == 0 || r < m.RPM) && (m.TPM == 0 || t+least <= m.TPM || r == 0)
	}
	end := func(slot int64) time.Duration { return time.Duration(slot*(int64(time.Second)/perSecond) - nanos) }
	if !fits(r, t) {
		for _, g := range m.grants {
			if r, t = r-g.requests, t-g.tokens; fits(r, t) {
				return Given{Again: end(g.slot + counts)}
			}
		}
		return Given{Again: time.Second}
	}
	if m.RPM > 0 {
		requests = min(requests, m.RPM-r)
	}
	if m.TPM > 0 {
		tokens = max(least, min(tokens, m.TPM-t))
		if t+least > m.TPM {
			requests = 1
		}
	}
	if n := len(m.grants); n == 0 || m.grants[n-1].slot != slot {
		m.grants = append(m.grants, grant{slot: slot})
	}
	g := &m.grants[len(m.grants)-1]
	g.requests, g.tokens = g.requests+requests, g.tokens+tokens
	return Given{Slot: slot, Requests: requests, Tokens: tokens, Use: end(slot + useFor)}
}
