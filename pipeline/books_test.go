package pipeline

import (
	"math"
	"testing"

	"openarena/configs"
	"openarena/internal/testkit/fakellm"
	"openarena/providers"
	"openarena/store"
)

// billionths is a cost in billionths of a dollar.
func billionths(n int64) *int64 { return &n }

func TestCostOfWhatWasSpent(t *testing.T) {
	half := 0.5
	price := &configs.Price{Input: 1, Output: 10}
	call := providers.Usage{Input: 1_000_000, Cached: 400_000, Output: 100_000, Reasoning: 50_000}
	free := call
	free.Cost = billionths(0)
	dear := call
	dear.Cost = billionths(7 * providers.BillionthsOfADollar)
	for _, test := range []struct {
		why   string
		price *configs.Price
		calls []providers.Usage
		want  float64 // below 0: unknown
	}{
		{"nothing was spent, so that no price is needed", nil, nil, 0},
		{"tokens at a price", price, []providers.Usage{call}, 1 + 1},
		{"what was cached has a price of its own", &configs.Price{Input: 1, Output: 10, Cached: &half}, []providers.Usage{call}, 0.6 + 0.2 + 1},
		{"no price", nil, []providers.Usage{call}, -1},
		{"no price is needed where the provider tells", nil, []providers.Usage{dear, free}, 7},
		{"a provider's figure stands in place of tokens and price", price, []providers.Usage{dear, call}, 7 + 2},
		{"one call without a figure needs a price", nil, []providers.Usage{dear, call}, -1},
		{"free of charge", &configs.Price{}, []providers.Usage{call}, 0},
	} {
		db := newWorld(t, fakellm.Options{}, 1).open()
		id := ID{1}
		var now Spent
		for _, u := range test.calls {
			var b store.Batch
			book(&b, 'c', id, u)
			now.add(u)
			if _, err := db.Apply(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := readSpent(t.Context(), db, 'c', id)
		if err != nil {
			t.Fatal(err)
		}
		if kept != now {
			t.Errorf("%s: the books hold %+v; want %+v", test.why, kept, now)
		}
		got := -1.0
		if cost := kept.cost(configs.Model{Price: test.price}); cost != nil {
			got = *cost
		}
		if math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%s: cost %v; want %v", test.why, got, test.want)
		}
	}
}
