package web

import "testing"

func TestProse(t *testing.T) {
	for text, want := range map[string]string{
		"so":                        "so",
		"`openarena run` starts it": "<code>openarena run</code> starts it",
		"`<b>` and <i>":             "<code>&lt;b&gt;</code> and &lt;i&gt;",
		"one ` alone <b>":           "one ` alone &lt;b&gt;",
		"`price:` or `prices`":      "<code>price:</code> or <code>prices</code>",
	} {
		if got := string(prose(text)); got != want {
			t.Errorf("%s: %s; want %s", text, got, want)
		}
	}
}
