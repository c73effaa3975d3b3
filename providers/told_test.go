package providers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestToldCost(t *testing.T) {
	const unknown = -1
	for _, test := range []struct {
		why, usage, header string
		want               int64
	}{
		{"OpenRouter's own figure", `"cost":0.00014`, "", 140_000},
		{"free of charge is a figure", `"cost":0`, "", 0},
		{"nothing is told", `"is_byok":false`, "", unknown},
		{"null", `"cost":null`, "", unknown},
		{"in quotes", `"cost":"0.5"`, "", unknown},
		{"an object", `"cost":{"total":0.5}`, "", unknown},
		{"less than nothing", `"cost":-0.5`, "", unknown},
		{"more than any call costs", `"cost":1e9`, "", unknown},
		{"no number at all", `"cost":1e999`, "", unknown},
		{"LiteLLM's header", `"is_byok":false`, "2.85e-05", 28_500},
		{"a header that is no number", `"is_byok":false`, "NaN", unknown},
		{"a header that says nothing", `"is_byok":false`, "None", unknown},
		{"both: the body's", `"cost":0.25`, "7", 250_000_000},
	} {
		t.Run(test.why, func(t *testing.T) {
			body := strings.Replace(completionOf("Four."), `"total_tokens":18`, `"total_tokens":18,`+test.usage, 1)
			c := connect(t, Endpoint{URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
				if test.header != "" {
					w.Header().Set("x-litellm-response-cost", test.header)
				}
				says(http.StatusOK, body)(w, r)
			})})
			reply, err := c.Chat(t.Context(), ask())
			if err != nil {
				t.Fatal(err)
			}
			got := int64(unknown)
			if reply.Usage.Cost != nil {
				got = *reply.Usage.Cost
			}
			if got != test.want || reply.Usage.Input != 11 {
				t.Errorf("cost %s and %q is read as %s; want %d", test.usage, test.header, fmt.Sprint(got), test.want)
			}
		})
	}
}
