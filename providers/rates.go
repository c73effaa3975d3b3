package providers

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Rates are the limits that a server tells in the headers of an answer; what it does not tell is zero.
type Rates struct {
	Requests, Tokens Rate
}

// Told reports whether the server told any.
func (r Rates) Told() bool { return r.Requests.Limit > 0 || r.Tokens.Limit > 0 }

// Rate is one of them.
type Rate struct {
	Limit     int64         // 0: not told, or none
	Remaining int64         // -1: not told
	Reset     time.Duration // until all of Limit is there again; 0: not told, or it is
	Span      time.Duration // over which Limit counts; 0: not told
}

// spans are the words that headers name a span with.
var spans = map[string]time.Duration{
	"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "month": 30 * 24 * time.Hour,
}

// readRates reads the families of headers that are in use: OpenAI's x-ratelimit-limit-requests, Anthropic's
// anthropic-ratelimit-requests-limit, those with a span in their name (Mistral, Cerebras), those that name nothing
// (OpenRouter), and the same as LiteLLM passes them on. Where several spans are told, the shortest counts: longer ones
// are met by waiting when they are used up.
func readRates(h http.Header, now time.Time) (r Rates) {
	for name, values := range h {
		// Cheap, as it is asked of every header of every answer.
		if len(values) == 0 || !strings.Contains(name, "atelimit") && !strings.Contains(name, "okenlimit") {
			continue
		}
		c, ok := readCounter(name)
		if !ok || c.verb != "limit" {
			continue
		}
		limit, err := strconv.ParseFloat(strings.TrimSpace(values[0]), 64)
		if err != nil || !(limit >= 1 && limit < 1e15) { // Azure sends 0 and -1 where there is none
			continue
		}
		rate := Rate{Limit: int64(limit), Remaining: -1, Span: c.span}
		if left, err := strconv.ParseFloat(strings.TrimSpace(h.Get(c.other("remaining"))), 64); err == nil && left >= 0 && left < 1e15 {
			rate.Remaining = int64(left)
		}
		rate.Reset = moment(h.Get(c.other("reset")), now)
		to := &r.Requests
		if c.tokens {
			to = &r.Tokens
		}
		if to.Limit == 0 || rate.Span != 0 && (to.Span == 0 || rate.Span < to.Span) {
			*to = rate
		}
	}
	return r
}

// counter is what the name of a header says.
type counter struct {
	words  []string
	at     int // of the verb in words
	verb   string
	tokens bool
	span   time.Duration
}

// readCounter takes a header's name apart; false: it belongs to no counter, or to one that is part of another, such as
// input tokens of all tokens.
func readCounter(name string) (c counter, ok bool) {
	c.words = strings.Split(name, "-")
	for i, word := range c.words {
		switch word = strings.ToLower(word); word {
		case "limit", "remaining", "reset":
			c.at, c.verb = i, word
		case "tokens", "token", "tokenlimit":
			c.tokens = true
		case "input", "output", "images", "projected":
			return c, false
		case "anthropic":
			c.span = time.Minute
		default:
			if span := spans[word]; span != 0 {
				c.span = span
			}
		}
	}
	return c, c.verb != ""
}

// other is the name of the header that says something else of the same counter.
func (c *counter) other(verb string) string {
	words := append([]string(nil), c.words...)
	words[c.at] = verb
	return strings.Join(words, "-")
}
