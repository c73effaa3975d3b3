package providers

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
)

// BillionthsOfADollar is how many units of [Usage].Cost make one US dollar.
const BillionthsOfADollar = 1e9

// mostDollars is above what any single call can cost. A server that tells more has told nothing.
const mostDollars = 10_000

// costHeader is where a LiteLLM proxy tells what a call cost, in US dollars.
const costHeader = "X-Litellm-Response-Cost"

// toldCost is what a server says that a call cost: OpenRouter in usage.cost of the body, LiteLLM in a header. nil: it says
// nothing, or nothing that can be right.
func toldCost(body json.RawMessage, header http.Header) *int64 {
	for _, text := range [...]string{string(body), header.Get(costHeader)} {
		dollars, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(dollars) || dollars < 0 || dollars > mostDollars {
			continue
		}
		cost := int64(math.Round(dollars * BillionthsOfADollar))
		return &cost
	}
	return nil
}
