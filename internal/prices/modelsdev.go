package prices

import "encoding/json"

// modelsDev is models.dev's api.json: providers, each with models, each with a cost in US dollars per million tokens.
var modelsDev = format{
	name: "models.dev",
	fits: func(top map[string]json.RawMessage) bool {
		for _, provider := range top {
			if object(provider, "models") {
				return true
			}
		}
		return false
	},
	read: readModelsDev,
}

func readModelsDev(top map[string]json.RawMessage, in *Imported) error {
	return inOrder(top, func(id string, raw json.RawMessage) error {
		var provider struct {
			Models map[string]json.RawMessage `json:"models"`
		}
		if err := decode(id, raw, &provider); err != nil {
			return err
		}
		return inOrder(provider.Models, func(model string, raw json.RawMessage) error {
			var m struct {
				Cost *struct {
					Input     *float64 `json:"input"`
					Output    *float64 `json:"output"`
					Reasoning *float64 `json:"reasoning"`
					CacheRead *float64 `json:"cache_read"`
				} `json:"cost"`
			}
			if err := decode(id+"/"+model, raw, &m); err != nil {
				return err
			}
			e := Entry{Provider: canonical(id), Model: model}
			switch c := m.Cost; {
			case c == nil || c.Input == nil && c.Output == nil:
			case c.Input == nil || c.Output == nil:
				in.leaveOut(e, "it has a price of input or of output only")
			case c.Reasoning != nil && *c.Reasoning != *c.Output:
				in.leaveOut(e, "reasoning has a price of its own")
			default:
				e.Price = Price{*c.Input, *c.Output, c.CacheRead}
				in.add(e)
			}
			return nil
		})
	})
}
