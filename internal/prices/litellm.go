package prices

import (
	"encoding/json"
	"strings"
)

// liteLLM is LiteLLM's model_prices_and_context_window.json: models with prices in US dollars per token. sample_spec in it
// explains the fields, and is no model.
var liteLLM = format{
	name: "LiteLLM",
	fits: func(top map[string]json.RawMessage) bool {
		for _, model := range top {
			if object(model, "litellm_provider") {
				return true
			}
		}
		return false
	},
	read: readLiteLLM,
}

func readLiteLLM(top map[string]json.RawMessage, in *Imported) error {
	return inOrder(top, func(name string, raw json.RawMessage) error {
		if name == "sample_spec" {
			return nil
		}
		var m struct {
			Provider  string   `json:"litellm_provider"`
			Mode      string   `json:"mode"`
			Input     *float64 `json:"input_cost_per_token"`
			Output    *float64 `json:"output_cost_per_token"`
			Reasoning *float64 `json:"output_cost_per_reasoning_token"`
			CacheRead *float64 `json:"cache_read_input_token_cost"`
		}
		if err := decode(name, raw, &m); err != nil {
			return err
		}
		e := Entry{Provider: canonical(m.Provider), Model: strings.TrimPrefix(name, m.Provider+"/")}
		switch {
		case m.Mode != "" && m.Mode != "chat" && m.Mode != "completion" && m.Mode != "responses":
		case m.Input == nil && m.Output == nil:
		case m.Input == nil || m.Output == nil:
			in.leaveOut(e, "it has a price of input or of output only")
		case m.Reasoning != nil && *m.Reasoning != *m.Output:
			in.leaveOut(e, "reasoning has a price of its own")
		default:
			e.Price = Price{Input: perMillion(*m.Input), Output: perMillion(*m.Output)}
			if m.CacheRead != nil {
				cached := perMillion(*m.CacheRead)
				e.Cached = &cached
			}
			in.add(e)
		}
		return nil
	})
}
