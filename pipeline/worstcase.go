package pipeline

import (
	"cmp"
	"sync"
	"unicode/utf8"

	"openarena/configs"
	"openarena/providers"
)

const (
	// unboundedOutput is how many tokens an answer is reckoned to have at most where nothing bounds it, until some have come.
	unboundedOutput = 4096
	// enoughSeen is how many answers have to have come until the longest of them stands for those to come.
	enoughSeen = 20
	// perMessage is what servers put around each message, in tokens.
	perMessage = 8
)

// reckoner says what a call of one model may take at worst. It learns from what calls took.
type reckoner struct {
	price    *configs.Price // nil: unknown
	unstated int64          // tokens of an answer at most, where params do not say; 0: not known

	mu      sync.Mutex
	ratio   float64 // of tokens that servers counted to those reckoned, the largest seen; 1 to begin with
	longest int64   // answer so far
	seen    int64
	dearest float64 // call so far whose provider told the price, where the price is unknown
}

// hold is what was reserved for a call.
type hold struct {
	reckoned      int64 // tokens of the prompt, before what was learnt
	input, output int64
	worst         amount
}

// reckon is what a call may take at worst.
func (r *reckoner) reckon(q *providers.Request) hold {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := hold{reckoned: promptTokens(q.Messages)}
	h.input = int64(float64(h.reckoned)*max(1, r.ratio) + 0.5)
	h.output = r.longest
	if limit := cmp.Or(providers.LongestAnswer(q), r.unstated); limit > 0 {
		h.output = max(h.output, limit)
	} else if r.seen < enoughSeen {
		h.output = max(h.output, unboundedOutput)
	}
	h.worst = amount{calls: 1, tokens: h.input + h.output, cost: r.dearest}
	if r.price != nil {
		h.worst.cost = max(h.worst.cost, tokenCost(*r.price, providers.Usage{Input: h.input, Output: h.output}))
	}
	return h
}

// took is what a call took that brought a reply.
func (r *reckoner) took(h hold, u providers.Usage) amount {
	var s Spent
	s.add(u)
	a := amount{calls: 1, tokens: u.Input + u.Output}
	if cost := s.cost(configs.Model{Price: r.price}); cost != nil {
		a.cost = *cost
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen++
	r.longest = max(r.longest, u.Output)
	if h.reckoned > 0 {
		r.ratio = max(r.ratio, float64(u.Input)/float64(h.reckoned))
	}
	if u.Cost != nil {
		r.dearest = max(r.dearest, a.cost)
	}
	return a
}

// promptTokens is how many tokens messages may have: a third of what is written in ASCII, and one for every other letter.
func promptTokens(messages []providers.Message) (n int64) {
	for _, m := range messages {
		letters := utf8.RuneCountInString(m.Content)
		plain := 0
		for i := range len(m.Content) {
			if m.Content[i] < utf8.RuneSelf {
				plain++
			}
		}
		n += int64(plain+2)/3 + int64(letters-plain) + perMessage
	}
	return n
}
