// Package prices knows what models cost: from public price lists in three formats, one file each, and from a small table of
// its own. It opens no file and calls nobody.
package prices

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Price is in US dollars per million tokens.
type Price struct {
	Input  float64  `json:"input"`
	Output float64  `json:"output"`           // reasoning included
	Cached *float64 `json:"cached,omitempty"` // of input that the server had read before; nil: as Input
}

// Entry is the price of one provider's model.
type Entry struct {
	Provider string `json:"provider"` // as models.dev calls it: openai, anthropic, google, openrouter …
	Model    string `json:"model"`    // as the provider's API calls it
	Price
}

// mostPerMillion is far above what any model costs: beyond it a list was read in the wrong unit.
const mostPerMillion = 100_000

// check says what is wrong with a price; "": nothing.
func (p Price) check() string {
	numbers := []float64{p.Input, p.Output}
	if p.Cached != nil {
		numbers = append(numbers, *p.Cached)
	}
	for _, n := range numbers {
		switch {
		case math.IsNaN(n) || math.IsInf(n, 0):
			return "its price is no number"
		case n < 0:
			return "its price is less than nothing, which lists write where it is not fixed"
		case n > mostPerMillion:
			return fmt.Sprintf("its price would be $%g a million tokens: the list is not in the unit of its format", n)
		}
	}
	return ""
}

// perMillion makes dollars per token dollars per million tokens, without the dust of the multiplication.
func perMillion(perToken float64) float64 {
	exact, err := strconv.ParseFloat(strconv.FormatFloat(perToken*1e6, 'g', 12, 64), 64)
	if err != nil {
		return math.NaN()
	}
	return exact
}

// sorted orders entries by provider and model.
func sorted(entries []Entry) []Entry {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Provider, b.Provider), strings.Compare(a.Model, b.Model))
	})
	return entries
}
