package pipeline

import (
	"openarena/configs"
	"openarena/providers"
)

// Tokens are what the books hold of calls that brought a reply.
type Tokens struct {
	Input     int64 `json:"input"`     // cached ones included
	Cached    int64 `json:"cached"`    // of the input, what the server had read before
	Output    int64 `json:"output"`    // reasoning included
	Reasoning int64 `json:"reasoning"` // of the output
	// EstimatedCalls are those whose server counted nothing: of them the tokens are a quarter of the characters.
	EstimatedCalls int64 `json:"estimated_calls"`
}

func (t *Tokens) add(u Tokens) {
	t.Input += u.Input
	t.Cached += u.Cached
	t.Output += u.Output
	t.Reasoning += u.Reasoning
	t.EstimatedCalls += u.EstimatedCalls
}

func (s Spent) tokens() Tokens {
	return Tokens{s.Usage.Input, s.Usage.Cached, s.Usage.Output, s.Usage.Reasoning, s.Estimated}
}

// cost is what was spent, in US dollars: what providers told themselves, and the tokens of all other calls at today's
// price. nil if there are such and the price is unknown. What failed is not in it.
func (s Spent) cost(m configs.Model) *float64 {
	told := float64(s.Told.Cost) / providers.BillionthsOfADollar
	if s.Calls == s.Told.Calls {
		return &told
	}
	if m.Price == nil {
		return nil
	}
	u, t := s.Usage, s.Told.Usage
	usd := told + tokenCost(*m.Price, providers.Usage{Input: u.Input - t.Input, Cached: u.Cached - t.Cached, Output: u.Output - t.Output})
	return &usd
}

// tokenCost is what tokens cost, in US dollars.
func tokenCost(p configs.Price, u providers.Usage) float64 {
	cached := p.Input
	if p.Cached != nil {
		cached = *p.Cached
	}
	return (float64(u.Input-u.Cached)*p.Input + float64(u.Cached)*cached + float64(u.Output)*p.Output) / 1e6
}
