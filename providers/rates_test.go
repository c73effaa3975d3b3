package providers

import (
	"net/http"
	"testing"
	"time"
)

func TestReadRates(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		h    []string // name, value, name, value …
		want Rates
	}{
		{"none", []string{"Content-Type", "application/json", "X-Request-Limit", "5"}, Rates{}},
		{"OpenAI", []string{
			"x-ratelimit-limit-requests", "600", "x-ratelimit-remaining-requests", "599", "x-ratelimit-reset-requests", "100ms",
			"x-ratelimit-limit-tokens", "40000", "x-ratelimit-remaining-tokens", "39000", "x-ratelimit-reset-tokens", "1.5s",
		}, Rates{Requests: Rate{600, 599, 100 * time.Millisecond, 0}, Tokens: Rate{40000, 39000, 1500 * time.Millisecond, 0}}},
		{"Azure without a limit", []string{
			"x-ratelimit-limit-requests", "-1", "x-ratelimit-remaining-requests", "0", "x-ratelimit-limit-tokens", "0",
		}, Rates{}},
		{"Anthropic: parts of the tokens do not count", []string{
			"anthropic-ratelimit-requests-limit", "50", "anthropic-ratelimit-requests-remaining", "49",
			"anthropic-ratelimit-requests-reset", "2026-11-28T12:00:01Z",
			"anthropic-ratelimit-input-tokens-limit", "1", "anthropic-ratelimit-output-tokens-limit", "2",
			"anthropic-ratelimit-tokens-limit", "9000", "anthropic-ratelimit-tokens-remaining", "8000",
		}, Rates{Requests: Rate{50, 49, time.Second, time.Minute}, Tokens: Rate{9000, 8000, 0, time.Minute}}},
		{"several spans: the shortest", []string{
			"x-ratelimit-limit-requests-day", "14400", "x-ratelimit-remaining-requests-day", "1",
			"x-ratelimit-limit-requests-minute", "30", "x-ratelimit-remaining-requests-minute", "29",
			"x-ratelimit-limit-tokens-minute", "6000",
		}, Rates{Requests: Rate{30, 29, 0, time.Minute}, Tokens: Rate{6000, -1, 0, time.Minute}}},
		{"Mistral", []string{"x-ratelimit-limit-req-minute", "60", "x-ratelimit-remaining-req-minute", "10"},
			Rates{Requests: Rate{60, 10, 0, time.Minute}}},
		{"OpenRouter: nothing named, reset since 1970", []string{
			"X-RateLimit-Limit", "20", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1795867260000",
		}, Rates{Requests: Rate{20, 0, time.Minute, 0}}},
		{"Together", []string{"x-tokenlimit-limit", "5000", "x-tokenlimit-remaining", "4000"}, Rates{Tokens: Rate{5000, 4000, 0, 0}}},
		{"passed on by LiteLLM", []string{"llm_provider-x-ratelimit-limit-requests", "7"}, Rates{Requests: Rate{7, -1, 0, 0}}},
		{"nonsense", []string{
			"x-ratelimit-limit-requests", "many", "x-ratelimit-limit-tokens", "NaN", "ratelimit-limit", "1e300",
		}, Rates{}},
		{"a limit with nonsense beside it", []string{
			"x-ratelimit-limit-requests", "7", "x-ratelimit-remaining-requests", "-Inf", "x-ratelimit-reset-requests", "soon",
		}, Rates{Requests: Rate{7, -1, 0, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := http.Header{}
			for i := 0; i < len(c.h); i += 2 {
				h.Set(c.h[i], c.h[i+1])
			}
			if got := readRates(h, now); got != c.want {
				t.Errorf("readRates = %+v; want %+v", got, c.want)
			}
		})
	}
}
