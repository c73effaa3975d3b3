package providers

import (
	"encoding/json"
	"strings"
)

// Alternative is a token that might have stood in a place, with the logarithm of its probability.
type Alternative struct {
	Token   string  `json:"token"`
	Logprob float64 `json:"logprob"`
}

// leading reads what a server says of the first token of a reply that is no white space: all alternatives, or the token
// alone. It is nil where there is nothing, or nothing in this shape: no reply fails for it.
func leading(raw json.RawMessage) []Alternative {
	var said struct {
		Content []struct {
			Alternative
			Top []Alternative `json:"top_logprobs"`
		} `json:"content"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &said) != nil {
		return nil
	}
	for _, token := range said.Content {
		if strings.TrimSpace(token.Token) == "" && len(said.Content) > 1 {
			continue
		}
		top := token.Top
		if len(top) == 0 {
			top = []Alternative{token.Alternative}
		}
		for i := range top {
			top[i].Logprob = min(0, max(-9999, top[i].Logprob)) // some servers say more than certain
		}
		return top
	}
	return nil
}
