package prices

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// openRouter is what OpenRouter answers under /api/v1/models: a list of models with prices as texts, in US dollars per token.
// It writes -1 where the price depends on what a request is routed to.
var openRouter = format{
	name: "OpenRouter",
	fits: func(top map[string]json.RawMessage) bool {
		var list []json.RawMessage
		return json.Unmarshal(top["data"], &list) == nil && len(list) > 0 && object(list[0], "pricing")
	},
	read: readOpenRouter,
}

// dollars is a price as OpenRouter writes it: a text, or now and then a number.
type dollars struct {
	value float64
	there bool
}

func (d *dollars) UnmarshalJSON(b []byte) error {
	text := string(b)
	if text == "null" {
		return nil
	}
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("%q is no price", text)
	}
	*d = dollars{v, true}
	return nil
}

func readOpenRouter(top map[string]json.RawMessage, in *Imported) error {
	var list []json.RawMessage
	if err := decode("data", top["data"], &list); err != nil {
		return err
	}
	for i, raw := range list {
		var m struct {
			ID      string `json:"id"`
			Pricing struct {
				Prompt     dollars `json:"prompt"`
				Completion dollars `json:"completion"`
				Request    dollars `json:"request"`
				Reasoning  dollars `json:"internal_reasoning"`
				CacheRead  dollars `json:"input_cache_read"`
			} `json:"pricing"`
		}
		if err := decode(fmt.Sprintf("model %d of data", i+1), raw, &m); err != nil {
			return err
		}
		e, p := Entry{Provider: "openrouter", Model: m.ID}, m.Pricing
		switch {
		case !p.Prompt.there || !p.Completion.there:
			in.leaveOut(e, "it has a price of input or of output only, or none")
		case p.Request.value > 0:
			in.leaveOut(e, "each request has a price of its own")
		case p.Reasoning.value > 0 && p.Reasoning.value != p.Completion.value:
			in.leaveOut(e, "reasoning has a price of its own")
		default:
			e.Price = Price{Input: perMillion(p.Prompt.value), Output: perMillion(p.Completion.value)}
			if p.CacheRead.value > 0 {
				cached := perMillion(p.CacheRead.value)
				e.Cached = &cached
			}
			in.add(e)
		}
	}
	return nil
}
