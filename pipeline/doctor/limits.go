package doctor

import (
	"fmt"
	"strings"
	"time"

	"openarena/providers"
)

// limits tells what the server said of its limits beside the last answer that said anything.
func (p *patient) limits() {
	if !p.rates.Told() {
		return
	}
	var all []string
	for _, r := range []struct {
		of string
		providers.Rate
	}{{"requests", p.rates.Requests}, {"tokens", p.rates.Tokens}} {
		if r.Limit > 0 {
			all = append(all, limit(r.of, r.Rate))
		}
	}
	p.find(Finding{Check: "limits", State: OK, Says: strings.Join(all, "; ")})
}

func limit(of string, r providers.Rate) string {
	says := fmt.Sprintf("%d %s", r.Limit, of)
	if span, ok := spans[r.Span]; ok {
		says += " a " + span
	}
	if r.Remaining >= 0 {
		says += fmt.Sprintf(", %d left", r.Remaining)
	}
	return says
}

var spans = map[time.Duration]string{
	time.Second: "second", time.Minute: "minute", time.Hour: "hour", 24 * time.Hour: "day", 30 * 24 * time.Hour: "month",
}
