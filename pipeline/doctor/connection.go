package doctor

import (
	"context"
	"fmt"
	"time"

	"openarena/providers"
)

// soon is how long before a certificate's end one should know of it.
const soon = 14 * 24 * time.Hour

// connect reports whether the server can be reached at all.
func (p *patient) connect(ctx context.Context) bool {
	c, err := providers.Probe(ctx, p.Endpoint.Endpoint)
	if err != nil {
		check := "connection"
		if e, ok := err.(*providers.Error); ok && e.Reason == providers.ReasonTLS {
			check = "tls"
		}
		p.failed(Finding{Check: check}, err)
		for _, m := range p.exams() {
			p.find(Finding{Check: m.check(), Model: m.Name, State: Skipped, Says: "not asked: there is no connection"})
		}
		return false
	}
	says := fmt.Sprintf("%s in %v", c.Address, rounded(c.Took))
	if c.Proxy != "" {
		says += ", through the proxy " + c.Proxy
	}
	p.find(Finding{Check: "connection", State: OK, Says: says})
	if c.TLS != "" {
		p.find(certificate(c, time.Now()))
	}
	return true
}

func certificate(c providers.Contact, now time.Time) Finding {
	f := Finding{Check: "tls", State: OK, Says: c.TLS}
	if c.Expires.IsZero() {
		return f
	}
	day := c.Expires.UTC().Format(time.DateOnly)
	if left := c.Expires.Sub(now); left < soon {
		f.State, f.Todo = Warning, "have it renewed: from then on no call will go there"
		f.Says += fmt.Sprintf(", but the certificate ends on %s, in %.0f days", day, max(0, left.Hours()/24))
		return f
	}
	f.Says += ", certificate until " + day
	return f
}

// rounded is a duration as people say it.
func rounded(d time.Duration) time.Duration {
	switch {
	case d < time.Millisecond:
		return max(d.Round(time.Microsecond), time.Microsecond)
	case d < time.Second:
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Millisecond)
}
