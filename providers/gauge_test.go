package providers

import (
	"strings"
	"testing"
)

func TestGauge(t *testing.T) {
	ask := func(n int, params map[string]any) *Request {
		return &Request{Messages: []Message{{Role: "user", Content: strings.Repeat("word", n)}}, Params: params}
	}
	var g Gauge
	if prompt, answer := g.Guess(ask(750, nil)); prompt < 1000 || prompt > 1010 || answer != firstOutput {
		t.Errorf("at first = %d, %d; want a third of the bytes and the answer that is taken for the longest", prompt, answer)
	}
	for _, n := range []int{400, 750, 1000} { // a token in four bytes, and some for the form
		g.Learn(ask(n, nil), Usage{Input: int64(n) + 3, Output: 200})
	}
	if prompt, answer := g.Guess(ask(500, nil)); prompt < 503 || prompt > 530 || answer != 200 {
		t.Errorf("later = %d, %d; want a little above 503, and the longest answer seen", prompt, answer)
	}
	g.Learn(ask(100, nil), Usage{}) // tells nothing
	for name, value := range map[string]any{"max_tokens": int64(77), "max_completion_tokens": 77.0, "num_predict": 77} {
		if _, answer := g.Guess(ask(1, map[string]any{name: value})); answer != 77 {
			t.Errorf("with %s the longest answer has %d tokens; want 77", name, answer)
		}
	}
	if got := LongestAnswer(ask(1, map[string]any{"max_tokens": -1.0})); got != 0 {
		t.Errorf("max_tokens: -1 = %d; want 0: no limit", got)
	}
	if prompt, _ := g.Guess(&Request{}); prompt != 0 {
		t.Errorf("no messages = %d tokens; want 0", prompt)
	}
}
